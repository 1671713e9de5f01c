import { expect, test } from 'vitest';
import { duration, minutes, seconds } from './duration.ts';

test.each([
  ['30s', 30],
  ['5m', 300],
  ['1h', 3600],
  ['1d', 86_400],
  ['2w', 1_209_600],
])('A01 %s is %i seconds', (written, expected) => {
  expect(seconds(written)).toBe(expected);
});

test('A01 minutes may be broken', () => {
  expect(minutes('30s')).toBe(0.5);
});

test.each(['5', '5min', '1h30m', '', '1.5m', '-5m'])('A01 "%s" is refused', (written) => {
  expect(() => seconds(written)).toThrow(`Cannot read the duration "${written}". Write`);
});

test('A01 a duration is written in its largest whole unit', () => {
  expect([0, 90, 120, 3600, 5400, 86_400].map(duration)).toEqual(['0s', '90s', '2m', '1h', '90m', '1d']);
});
