import { expect, test } from 'vitest';
import { count, duration, money, oneLine, share, when } from './words.ts';

test('R01 durations have two units at most, and round up into the next one', () => {
  const said = [null, 0, 999.4, 1500, 9_994, 9_996, 59_600, 200_000, 3_600_000, 187_200_000].map(duration);
  expect(said).toEqual(['-', '0 ms', '999 ms', '1.50 s', '9.99 s', '10 s', '1 min', '3 min 20 s', '1 h', '2 d 4 h']);
});

test('R01 money says what is not known and what is not in it', () => {
  expect([money(null), money(0), money(1), money(12_345), money(12_345_678)]).toEqual([
    '-',
    '$0.0000',
    '<$0.0001',
    '$0.0123',
    '$12.35',
  ]);
  expect([money(12_345, 2), money(null, 2)]).toEqual(['$0.0123+', '?']);
  expect([money(999_000), money(1_234_567)]).toEqual(['$0.9990', '$1.23']);
  expect([9999, 10_000, 1_234_567].map((n) => count(n, 'run'))).toEqual(['9999 runs', '10 000 runs', '1 234 567 runs']);
  expect([share(null), share(0.9751), count(1, 'run'), count(0, 'run')]).toEqual(['-', '97.5 %', '1 run', '0 runs']);
});

test('R01 times are relative or absolute, also those of a clock that is ahead', () => {
  const now = Date.parse('2026-11-26T09:30:15.250Z');
  const said = (iso: string | null, absolute = false) => when(iso, { now, absolute });
  expect(said(null)).toBe('-');
  expect(said('2026-11-26T09:30:15.000Z')).toBe('now');
  expect(said('2026-11-26T09:18:00.000Z')).toBe('12 min ago');
  expect(said('2026-11-24T09:18:00.000Z')).toBe('2 d ago');
  expect(said('2026-11-26T09:31:00.000Z')).toBe('in 44 s');
  expect(said('2026-11-24T09:18:00.000Z', true)).toBe('2026-11-24 09:18:00Z');
});

test('R01 a text from elsewhere is one line and steers no terminal', () => {
  expect(oneLine('first\r\n\tsecond')).toBe('first second');
  const codes = oneLine('\x1b]0;owned\x07\x1b[2Jred \x1b[31malert\x9b31m');
  expect([...codes].every((character) => character >= ' ' && character < '\x7f')).toBe(true);
  expect(oneLine('safe\u202Eexe.txt\u0000')).toBe('safe exe.txt');
  expect(oneLine(null)).toBe('-');
});
