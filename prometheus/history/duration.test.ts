import { expect, test } from 'vitest';
import { durationSeconds, spoken } from './duration.ts';

test.each([
  ['15s', 15],
  ['1h30m', 5400],
  ['30d', 2_592_000],
  ['500ms', 0.5],
  ['0s', 0],
])('B08 the duration %s is %d seconds', (text, seconds) => {
  expect(durationSeconds(text)).toBe(seconds);
});

test.each(['', '5', '5 m', '5min', '-5m', '1.5h'])('B08 the duration "%s" is refused', (text) => {
  expect(() => durationSeconds(text)).toThrow(RangeError);
});

test('B08 times are told in their two largest units', () => {
  expect([0, 45, 200, 3600, 187_200 + 61].map(spoken)).toEqual(['0 s', '45 s', '3 m 20 s', '1 h', '2 d 4 h']);
});
