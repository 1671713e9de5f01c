import { expect, test } from 'vitest';
import type { ScaleReport } from './scale.ts';
import { detections } from './scale-alerts.ts';
import { climbsTo, scaleVerdict } from './scale-tables.ts';

const times = (mean: number, longest: number) => ({ asked: 10, mean, p95: longest * 0.9, longest });
const report = (change: {
  local?: number;
  opening?: number;
  query?: number;
  search?: number;
  rules?: number;
  missed?: number;
  lost?: number;
}) =>
  ({
    fresh: [{ finding: 'Loki', canaries: 20, lost: change.lost ?? 0, p50Ms: 500, p95Ms: 900, maxMs: 1000 }],
    rules: [{ rules: 10_000, groups: 200, longestSeconds: change.rules ?? 1, missed: change.missed ?? 0, failures: 0 }],
    series: { count: 120_000, bytes: 1800 },
    local: { series: 6000, opening: times(200, change.local ?? 500) },
    queries: {
      ...{ opening: times(300, change.opening ?? 900), query: times(20, change.query ?? 200), spans: 100_000 },
      traceSearch: times(50, change.search ?? 100),
    },
  }) as unknown as ScaleReport;

test.each([
  [{}, []],
  [{ local: 1500 }, ['a dashboard opens in 1 s locally']],
  [{ opening: 1500 }, []],
  [{ opening: 3000 }, ['a dashboard opens in 3 s at the most']],
  [{ query: 5000 }, ['a query takes 2 s on average, 5 s at the most']],
  [{ search: 600 }, ['a search for traces takes 500 ms']],
  [{ rules: 15 }, ['rules are evaluated within 15 s with 10 000 of them']],
  [{ missed: 1 }, ['rules are evaluated within 15 s with 10 000 of them']],
  [{ lost: 1 }, ['what is sent is found within 30 s']],
] as const)('P08 the verdict on a run with %j misses %j', (change, missed) => {
  expect(scaleVerdict(report(change)).flatMap(({ promise, kept }) => (kept ? [] : [promise]))).toEqual(missed);
});

test('P08 what is held is the last step before the queues grew', () => {
  const step = (perSecond: number, held: boolean) => ({
    ...{ perSecond, held, acknowledgedPerSecond: perSecond * 0.9, queuedMib: held ? 0 : 12.5, drainedSeconds: 1 },
  });
  expect(climbsTo([step(1000, true), step(2000, true), step(4000, false)])).toEqual([
    '2 000',
    '4 000',
    '3 600',
    '12.5',
  ]);
  expect(climbsTo([step(1000, false)])[0]).toBe('none of these steps');
  expect(climbsTo([step(1000, true)])).toEqual(['1 000', 'not reached', '', '']);
});

test('P08 people hear of what is critical within five minutes, typically', () => {
  const critical = detections().find(({ severity }) => severity === 'critical');
  expect(critical?.median).toBeLessThan(300);
  // Push 60 s, offset 15 s, evaluation 15 s, wait 30 s: nothing is told sooner, whatever its `for`.
  for (const { severity, median } of detections()) expect(median, severity).toBeGreaterThanOrEqual(120);
});
