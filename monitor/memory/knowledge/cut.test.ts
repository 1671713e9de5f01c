import { expect, test } from 'vitest';
import { cut } from './cut.ts';

test('M04 a text is cut to its length, and no character in two', () => {
  expect(cut('abcd', 4)).toBe('abcd');
  expect(cut('abcde', 4)).toBe('abc…');
  expect(cut('ab😀cd', 4)).toBe('ab…');
  expect(cut('a😀bcd', 4)).toBe('a😀…');
  expect(cut('😀😀', 4)).toBe('😀😀');
});
