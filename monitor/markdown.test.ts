import { expect, test } from 'vitest';
import { code, ids, plain, table, unescaped } from './markdown.ts';
import { inventions, sentence } from './memory/consolidate/sentence.ts';
import { someFinding } from './memory/store/conformance/some-rows.ts';

test.each([
  ['<b>|*a*|`x`', '\\<b\\>\\|\\*a\\*\\|\\`x\\`'],
  ['- a', '\\- a'],
  ['1. a', '1\\. a'],
  ['a\n# b\u001b[2J', 'a \\# b'],
  ['https://x', 'https\\://x'],
  ['claude-haiku-4.5', 'claude-haiku-4.5'],
])('M05 %j is text in a page', (text, markdown) => {
  expect(plain(text)).toBe(markdown);
});

test('M05 what was escaped can be read again, and what is code stays one piece in a table', () => {
  const text = '<b> *a* [l](x) a_b 1. - ~ | ! & $ @ www.x';
  expect(unescaped(plain(text))).toBe(text);
  expect([code('a'), code('`'), code('a``b'), code('a|b')]).toEqual(['`a`', '`` ` ``', '``` a``b ```', '`a\\|b`']);
  expect([ids([]), ids(['day:x', 'b'])]).toEqual(['', '[`day:x`, `b`]']);
  expect(table(['a', ''], [['1', '2']])).toBe('| a |  |\n| --- | --- |\n| 1 | 2 |');
});

test('M02 a sentence writes names as text, or as a terminal wants them; rewritten, escaped names are no inventions', () => {
  const numbers = { failed: 3, ended: 40, share: 0.075, others_failed: 1, others_ended: 40, others_share: 0.025 };
  const words = { agent: '<b>qa_1', operation: 'a|b', against: 'other agents at it' };
  const finding = someFinding('2026-W07', 'k', { numbers, words });
  const page = '\\<b\\>qa\\_1 fails at a\\|b: 3 of 40 failed (7.5 %), other agents at it: 1 of 40 (2.5 %).';
  expect(sentence(finding)).toBe(page);
  expect(sentence(finding, (name) => name)).toBe(unescaped(page));
  expect(inventions('3 of 40 failed at qa_1', page)).toEqual([]);
  expect(inventions('3 of 41 failed at qa_2', page)).toEqual(['41', 'qa_2']);
});
