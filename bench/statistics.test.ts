import { expect, test } from 'vitest';
import { quantile, ratios, slope, summarize } from './statistics.ts';

test('I06 the median and the middle half stand against one outlier, which a mean would not', () => {
  expect(summarize([5, 1, 4, 2, 3])).toEqual({ median: 3, low: 2, high: 4, rounds: 5 });
  expect(summarize([5, 1, 4, 2, 1000]).median).toBe(4);
  expect(summarize([7])).toEqual({ median: 7, low: 7, high: 7, rounds: 1 });
});

test('I06 a quantile lies between its neighbours, whatever the order', () => {
  expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
  expect(quantile([10, 20], 0.25)).toBe(12.5);
  expect([quantile([3, 9, 6], 0), quantile([3, 9, 6], 1)]).toEqual([3, 9]);
  expect(() => quantile([], 0.5)).toThrow('no round was measured');
});

test('I06 a ratio is taken within its round, so a slow spell of the machine cancels out', () => {
  const baseline = [10, 10, 30];
  const slowerByTenth = [11, 11, 33];
  expect(summarize(ratios(slowerByTenth, baseline)).median).toBeCloseTo(1.1);
  expect(summarize(ratios(baseline, baseline))).toMatchObject({ low: 1, high: 1 });
  expect(() => ratios([1], [1, 2])).toThrow('1 rounds with 2');
});

test('X05 a growth is the slope of the line through all samples; one sample has none', () => {
  expect(slope([0, 1, 2, 3].map((x) => [x, 5 + 2 * x] as const))).toBeCloseTo(2);
  // A sawtooth that comes back is flat.
  expect(Math.abs(slope([1, 3, 2, 2, 3, 1].map((y, x) => [x, y] as const)))).toBeLessThan(0.1);
  expect(() => slope([[1, 1]])).toThrow('at one moment only');
});
