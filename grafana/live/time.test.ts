import { expect, test } from 'vitest';
import { panelRange, stepOf, timeOf } from './time.ts';

const now = Date.UTC(2026, 1, 18, 10, 20, 30);
const minutes = (count: number) => count * 60_000;

test.each([
  ['now', '2026-02-18T10:20:30.000Z'],
  ['now-1h', '2026-02-18T09:20:30.000Z'],
  ['now-30d', '2026-01-19T10:20:30.000Z'],
  ['now/h', '2026-02-18T10:00:00.000Z'],
  ['now/d', '2026-02-18T00:00:00.000Z'],
  ['now-1d/d', '2026-02-17T00:00:00.000Z'],
  ['now/w', '2026-02-15T00:00:00.000Z'],
  ['now/M', '2026-02-01T00:00:00.000Z'],
  ['now/y', '2026-01-01T00:00:00.000Z'],
])('D19 %s is %s', (text, time) => {
  expect(new Date(timeOf(text, now)).toISOString()).toBe(time);
});

test.each(['', 'yesterday', 'now+1h', 'now-1', 'now-h', '1h'])('D19 the time "%s" is refused', (text) => {
  expect(() => timeOf(text, now)).toThrow(RangeError);
});

test('D19 a panel has the range of its dashboard, or one of its own', () => {
  const dashboard = { from: now - minutes(60), to: now };
  expect(panelRange(undefined, dashboard)).toEqual(dashboard);
  expect(panelRange('7d', dashboard)).toEqual({ from: now - minutes(7 * 1440), to: now });
  expect(panelRange('now/d', dashboard)).toEqual({ from: Date.UTC(2026, 1, 18), to: now });
});

test.each([
  ['an hour on half a window is as fine as the scrapes', 60, 800, 15_000],
  ['a day on a third of a window', 1440, 533, 120_000],
  ['thirty days', 30 * 1440, 1600, 1_800_000],
  ['thirty days on a wall of pixels: not above 11 000 points', 30 * 1440, 100_000, 300_000],
])('D19 %s', (_, length, pixels, step) => {
  expect(stepOf({ from: now - minutes(length), to: now }, pixels, 15_000)).toBe(step);
});
