import fc from 'fast-check';
import { expect, test } from 'vitest';
import { containing } from './containing.ts';

const intervals = fc
  .array(fc.tuple(fc.nat(12), fc.nat(6)), { maxLength: 12 })
  .map((all) => all.map(([startMs, length]) => ({ startMs, endMs: startMs + length })));

test('B06 the shortest of those around it, the first of two alike, or none', () => {
  fc.assert(
    fc.property(intervals, intervals, (inner, outer) => {
      const found = containing(inner, outer);
      for (const one of inner) {
        const around = outer.filter(({ startMs, endMs }) => startMs <= one.startMs && endMs >= one.endMs);
        // Sorting is stable.
        const [shortest] = around.toSorted((a, b) => a.endMs - a.startMs - (b.endMs - b.startMs));
        expect(found.get(one)).toBe(shortest);
      }
    }),
    { numRuns: 1000 },
  );
});

test('B06 of tens of thousands at once each is looked at some dozens of times, not by each of the others', () => {
  let looks = 0;
  const watched = (startMs: number, end: number) => ({
    startMs,
    get endMs() {
      looks += 1;
      return end;
    },
  });
  const all = (length: number) => Array.from({ length: 20_000 }, (_, i) => watched(i, i + length));
  // All of them are under way at once.
  const found = containing(all(1), all(30_000));
  expect(found.size).toBe(20_000);
  expect(looks).toBeLessThan(40_000 * 200);
});
