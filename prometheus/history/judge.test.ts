import { expect, test } from 'vitest';
import { allowance, caughtBy, faultsBehind, incidents } from './judge.ts';

const [qa, code] = [{ agent: 'qa' }, { agent: 'code' }];
const firing = (firedAt: number, resolvedAt?: number) => ({ activeAt: firedAt - 10, firedAt, resolvedAt });

test('B08 series that fire at once are one incident, one after the other are two', () => {
  const told = incidents([
    { labels: qa, firings: [firing(100, 200), firing(500, 600)] },
    { labels: code, firings: [firing(150, 300), firing(600)] },
  ]);
  expect(told).toEqual([
    { activeAt: 90, firedAt: 100, resolvedAt: 300, series: [qa, code] },
    { activeAt: 490, firedAt: 500, resolvedAt: undefined, series: [qa, code] },
  ]);
  expect(incidents([{ labels: qa, firings: [firing(100, 200), firing(201, 300)] }])).toHaveLength(2);
});

test('B08 an alert is explained by a fault in which, or soon after which, its condition began', () => {
  const fault = { kind: 'error-spike', from: 100, to: 200 };
  const explained = (activeAt: number) => faultsBehind(activeAt, [fault], 60).length === 1;
  expect([99, 100, 200, 260, 261].map(explained)).toEqual([false, true, true, true, false]);
});

test('B08 a fault is told of by the alerts that it explains, the soonest first', () => {
  const fault = { kind: 'error-spike', from: 100, to: 200 };
  const incident = (firedAt: number, faults = [fault]) => ({ ...firing(firedAt), series: [qa], faults });
  const told = [
    { name: 'Slow', incidents: [incident(190), incident(195)] },
    { name: 'Soon', incidents: [incident(50, []), incident(130)] },
    { name: 'Silent', incidents: [] },
  ];
  expect(caughtBy(fault, told)).toEqual([
    { alert: 'Soon', afterSeconds: 30 },
    { alert: 'Slow', afterSeconds: 90 },
  ]);
  expect(caughtBy({ kind: 'other', from: 0, to: 1 }, told)).toEqual([]);
});

test('B08 an alert may fire once in an hour of history, and as often as it is given in a month', () => {
  expect([allowance(1, 3600), allowance(0.1, 30 * 86_400), allowance(1, 30 * 86_400)]).toEqual([1, 3, 30]);
});
