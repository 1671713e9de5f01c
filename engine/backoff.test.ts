import { expect, test } from 'vitest';
import { restartDelayMs } from './backoff.ts';

test('P02 a crash is answered after 1 s, then twice as long, at most 30 s', () => {
  expect([1, 2, 3, 4, 5, 6, 50].map(restartDelayMs)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
});

test('P02 no crash is no number of crashes', () => {
  expect(() => restartDelayMs(0)).toThrow(RangeError);
});
