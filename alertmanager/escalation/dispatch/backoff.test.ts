import { expect, test } from 'vitest';
import { type Attempt, retryAfterMs } from './backoff.ts';

const attempt = (given: Partial<Attempt> = {}): Attempt => ({
  message: 'alert',
  attempts: 1,
  spentMs: 0,
  giveUpMs: 60_000,
  ...given,
});
const longest = () => 1;
const shortest = () => 0;

test('X05 waits 1 s, 2 s, 4 s … 15 s at most, and by chance anything down to nothing', () => {
  const waits = [1, 2, 3, 4, 5, 6, 7].map((attempts) => retryAfterMs(attempt({ attempts }), longest));
  expect(waits).toEqual([1000, 2000, 4000, 8000, 15_000, 15_000, 15_000]);
  expect(retryAfterMs(attempt({ attempts: 7 }), shortest)).toBe(0);
});

test('X05 an alert is given up after a minute, what nothing follows after an hour', () => {
  expect(retryAfterMs(attempt({ spentMs: 59_500 }), () => 0.4)).toBe(400);
  expect(retryAfterMs(attempt({ spentMs: 59_500 }), longest)).toBeUndefined();
  expect(retryAfterMs(attempt({ message: 'resolved', spentMs: 59_500 }), longest)).toBe(1000);
  expect(retryAfterMs(attempt({ message: 'resolved', spentMs: 3_599_500 }), longest)).toBeUndefined();
});

test('X05 waits as long as the receiver says, or not at all', () => {
  expect(retryAfterMs(attempt({ retryAfterMs: 30_000 }), shortest)).toBe(30_000);
  expect(retryAfterMs(attempt({ retryAfterMs: 61_000 }), shortest)).toBeUndefined();
});

test('X05 a process that dies again and again gives an alert up by number', () => {
  expect(retryAfterMs(attempt({ attempts: 19 }), shortest)).toBe(0);
  expect(retryAfterMs(attempt({ attempts: 20 }), shortest)).toBeUndefined();
});
