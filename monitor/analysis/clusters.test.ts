import { expect, test } from 'vitest';
import { effectOf, effectsOf } from './clusters.ts';
import { quantileEstimate, shareEstimate } from './interval.ts';
import { mulberry32 } from './mulberry32.ts';

const days = (...counts: readonly number[]) => counts.map((count) => ({ count, total: 40 }));

test('M02 of fewer than three days nothing is known of how they differ; a day without work is none', () => {
  expect(effectOf(days(20, 22), 0.95)).toBeUndefined();
  expect(effectOf([...days(20, 22), { count: 0, total: 0 }], 0.95)).toBeUndefined();
  expect(effectOf(days(20, 22, 18), 0.95)).toBeDefined();
});

test('M02 that days are alike is believed of a working week, and of fewer days they count the less', () => {
  // Student's t of two degrees of freedom beside the 1.96 of the normal law, from a table.
  expect(effectOf(days(20, 20, 20), 0.95)).toBeCloseTo((4.303 / 1.96) ** 2, 2);
  expect(effectOf(days(20, 22, 18, 20, 20), 0.95)).toBe(1);
});

test('M02 beside a week of bad days a week without one is no surer than they let it be, the less so the smaller its days are', () => {
  const [bad, good] = [days(0, 20, 0, 20, 0, 20, 0), days(1, 1, 1, 1, 1, 1, 1)];
  const [own, carried] = effectsOf(bad, good, 0.95) ?? [];
  expect(own).toBe(effectOf(bad, 0.95));
  expect(carried).toBeCloseTo(own ?? 0, 9);
  const half = good.map(({ count }) => ({ count, total: 20 }));
  expect(effectsOf(half, bad, 0.95)?.[0]).toBeCloseTo(1 + ((own ?? 0) - 1) * (19 / 39), 9);
  // Of larger days nobody knows, and of alike ones nothing is carried.
  expect(
    effectsOf(
      good.map(({ count }) => ({ count, total: 400 })),
      bad,
      0.95,
    )?.[0],
  ).toBeCloseTo(own ?? 0, 9);
  expect(effectsOf(good, days(2, 2, 2, 2, 2, 2, 2), 0.95)).toEqual([1, 1]);
  expect(effectsOf(good, days(20, 0), 0.95)).toBeUndefined();
});

test('M02 days that differ count the less, the fewer they are and the surer one wants to be', () => {
  const week = days(5, 35, 10, 30, 20, 8, 32);
  const [some, much] = [effectOf(week, 0.8), effectOf(week, 0.999)] as [number, number];
  expect(some).toBeGreaterThan(10);
  expect(much).toBeGreaterThan(1.5 * some);
  // With the same differences in a year, Student's t is the normal law.
  const year = Array.from({ length: 52 }, () => week).flat();
  expect(effectOf(year, 0.999)).toBeLessThan(some);
});

test('M02 a quantile of which so many tell as much as one is that of so many fewer', () => {
  const sorted = Float64Array.from({ length: 4000 }, (_, i) => i + 1);
  const [alone, together] = [quantileEstimate(sorted, 0.5, 0.95), quantileEstimate(sorted, 0.5, 0.95, 16)];
  expect(together?.value).toBe(alone?.value);
  const width = (one: typeof alone) => (one?.high ?? 0) - (one?.low ?? 0);
  expect(width(together) / width(alone)).toBeCloseTo(4, 0);
  // Where Wilson's interval of the share ends.
  expect((together?.low ?? 0) / 4000).toBeCloseTo(shareEstimate(2000, 4000, 0.95, 16)?.low ?? 0, 2);
  expect(quantileEstimate(sorted.subarray(0, 20), 0.95, 0.95, 4)?.high).toBe(Number.POSITIVE_INFINITY);
});

test('M02 medians of weeks whose days differ lie in their intervals about as often as they say, and without the days they do not', () => {
  const held = (isOfDays: boolean) => {
    let count = 0;
    for (let trial = 0; trial < 200; trial++) {
      const random = mulberry32(trial * 17 + 5);
      const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
      const week = Array.from({ length: 7 }, () => {
        const pace = 0.3 * normal();
        return Array.from({ length: 40 }, () => pace + 0.5 * normal());
      });
      const sorted = week.flat().sort((a, b) => a - b);
      const middle = sorted[139] as number;
      const clusters = week.map((day) => ({ count: day.filter((one) => one <= middle).length, total: day.length }));
      const seen = quantileEstimate(sorted, 0.5, 0.95, isOfDays ? effectOf(clusters, 0.95) : 1);
      // In the long run the logarithm of the pace is 0.
      if (seen && seen.low <= 0 && 0 <= seen.high) count += 1;
    }
    return count / 200;
  };
  expect(held(true)).toBeGreaterThan(0.92);
  expect(held(false)).toBeLessThan(0.75);
});
