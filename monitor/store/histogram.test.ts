import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Histogram } from './histogram.ts';
import { pieces } from './sqlite/rollup.ts';

const shares = [0, 0.5, 0.95, 0.99, 1];

test('R01 percentiles of a histogram are within 1 % of the exact ones, and exact below 64 ms', () => {
  const durations = fc.array(fc.oneof(fc.nat(63), fc.nat(100_000), fc.nat(1e10)), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(durations, (all) => {
      const histogram = new Histogram();
      for (const one of all) histogram.add(one, 1);
      const sorted = all.toSorted((a, b) => a - b);
      for (const [i, found] of histogram.percentiles(shares).entries()) {
        const exact = sorted[Math.max(0, Math.ceil(sorted.length * (shares[i] as number)) - 1)] as number;
        expect(Math.abs((found as number) - exact)).toBeLessThanOrEqual(exact < 64 ? 0 : exact * 0.01 + 1);
      }
    }),
  );
});

test('R01 what is added and taken away leaves nothing, and two merge into what both hold', () => {
  const [one, other, both] = [new Histogram(), new Histogram(), new Histogram()];
  for (const [histogram, ms] of [
    [one, 5],
    [one, 70_000],
    [other, 5],
    [other, 900],
  ] as const) {
    histogram.add(ms, 1);
    both.add(ms, 1);
  }
  one.merge(Histogram.parse(other.toString()));
  expect(one.toString()).toBe(both.toString());
  for (const ms of [5, 5, 900, 70_000]) one.add(ms, -1);
  expect(one.toString()).toBe('[]');
  expect(one.percentiles(shares)).toEqual([null, null, null, null, null]);
});

test('R01 the pieces of a window cover it, once, with rows at its ends alone', () => {
  const instant = fc
    .integer({ min: 0, max: 5 * 86_400_000 })
    .map((ms) => new Date(Date.UTC(2026, 1, 26) + ms).toISOString());
  const starts = { row: 24, hour: 13, day: 10 };
  fc.assert(
    fc.property(instant, instant, instant, (since, until, at) => {
      const covering = pieces(since, until).filter(
        ({ grain, from, to }) => at.slice(0, starts[grain]) >= from && at.slice(0, starts[grain]) < to,
      );
      expect(covering).toHaveLength(at >= since && at < until ? 1 : 0);
      const rows = pieces(since, until).filter(({ grain }) => grain === 'row');
      for (const { from, to } of rows) expect(Date.parse(to) - Date.parse(from)).toBeLessThanOrEqual(2 * 3_600_000);
    }),
    { numRuns: 2000 },
  );
  expect(pieces(undefined, undefined)).toEqual([{ grain: 'day', from: '0000-01-01', to: '9999-12-31' }]);
});
