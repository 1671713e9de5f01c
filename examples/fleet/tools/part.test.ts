import { expect, test } from 'vitest';
import { statusAfter } from './part.ts';
import { deniedIn, errorIn } from './run-code.ts';

const outcomes = (failed: number) => Array.from({ length: 10 }, (_, at) => at >= failed);

test.each([
  [0, 'healthy'],
  [1, 'healthy'],
  [2, 'degraded'],
  [7, 'degraded'],
  [8, 'down'],
  [10, 'down'],
])('T06 after %i failures among ten a part is %s', (failed, status) => {
  expect(statusAfter(outcomes(failed))).toBe(status);
});

test('T06 a part of which nothing is known is healthy', () => {
  expect(statusAfter([])).toBe('healthy');
});

test('S10 what a program says of its end: the error less its stack, and what it was denied', () => {
  const stderr =
    "node:fs:1\n  ^\n\nError: restricted\n    at a (b.ts:1:2) {\n  code: 'ERR_ACCESS_DENIED',\n  permission: 'FileSystemRead',\n  resource: '/x'\n}";
  expect([errorIn(stderr), deniedIn(stderr)]).toEqual(['Error: restricted', 'FileSystemRead /x']);
  expect([errorIn('TypeError: no\n    at c'), deniedIn('TypeError: no')]).toEqual(['TypeError: no', undefined]);
  expect([errorIn(''), deniedIn('')]).toEqual(['', undefined]);
});
