import { expect, test } from 'vitest';
import { bucketQuantile } from './bucket-quantile.ts';

const of = (counts: Record<string, number>) =>
  Object.entries(counts).map(([upTo, count]) => ({
    upTo: upTo === '+Inf' ? Number.POSITIVE_INFINITY : Number(upTo),
    count,
  }));

test('M03 a quantile lies evenly within its bucket, whatever the order they come in', () => {
  const buckets = of({ '+Inf': 100, 10: 100, 5: 90, 1: 50 });
  expect(bucketQuantile(buckets, 0.95)).toBe(7.5);
  expect(bucketQuantile(buckets.toReversed(), 0.95)).toBe(7.5);
  expect(bucketQuantile(buckets, 0.25)).toBe(0.5);
});

test('M03 above the last bound it is that bound, and an empty bucket is passed over', () => {
  expect(bucketQuantile(of({ 1: 50, 5: 60, '+Inf': 100 }), 0.95)).toBe(5);
  expect(bucketQuantile(of({ 1: 0, 5: 0, 10: 10, '+Inf': 10 }), 0.5)).toBe(7.5);
  // Read a moment earlier than the one below it.
  expect(bucketQuantile(of({ 1: 10, 5: 9, '+Inf': 10 }), 1)).toBe(1);
});

test('M03 of nothing, and of half a histogram, there is none', () => {
  expect(bucketQuantile(of({ 1: 0, '+Inf': 0 }), 0.95)).toBeUndefined();
  expect(bucketQuantile(of({ 1: 4, 5: 8 }), 0.95)).toBeUndefined();
  expect(bucketQuantile(of({ '+Inf': 4 }), 0.95)).toBeUndefined();
  expect(bucketQuantile([], 0.95)).toBeUndefined();
});
