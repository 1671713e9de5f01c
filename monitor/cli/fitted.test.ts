import { styleText } from 'node:util';
import { expect, test } from 'vitest';
import { fitted } from './fitted.ts';

const failed = styleText('red', 'failed', { validateStream: false });
const rows = [
  ['AGENT', 'STATUS', 'TOOK', 'COST', 'ERROR'],
  ['backend-agent', 'completed', '2 min', '$0.0600', '-'],
  ['qa-agent', failed, '1 min 20 s', '$12.00+', 'no answer in 30 s'],
];
const joined = (all: readonly (readonly string[])[]) => all.map((row) => row.join('|'));

test('R01 numbers end at the same place, words begin there', () => {
  expect(joined(fitted(rows, 200))).toEqual([
    'AGENT|STATUS|      TOOK|   COST|ERROR',
    'backend-agent|completed|     2 min|$0.0600|-',
    `qa-agent|${failed}|1 min 20 s|$12.00+|no answer in 30 s`,
  ]);
  // Without a head it is no table of numbers.
  const facts = [
    ['took', '2 min'],
    ['cost', '$0.0600'],
  ];
  expect(fitted(facts, 200)).toEqual(facts);
});

test('R01 spare columns go first, then texts give way; numbers and the width are kept', () => {
  expect(fitted(rows, 60, ['STATUS', 'TOOK'])[0]).toEqual(['AGENT', '      TOOK', '   COST', 'ERROR']);
  expect(fitted(rows, 37, ['STATUS', 'TOOK'])[2]?.at(-1)).toBe('no answer in…');
  expect(fitted(rows, 30, ['STATUS', 'TOOK'])[0]).toEqual(['AGENT', '   COST', 'ERROR']);
  // Of a text something is left.
  expect(fitted(rows, 30, ['STATUS', 'TOOK'])[2]).toEqual(['qa-agent', '$12.00+', 'no answe…']);
  expect(fitted(rows, 28, ['STATUS', 'TOOK'])[1]?.[0]).toBe('backend…');
});
