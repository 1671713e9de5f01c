import { expect, test } from 'vitest';
import { type Census, canonical, sumOf, windowsBefore } from './census.ts';
import { compare } from './compare.ts';

const lines = (...all: string[]) => ({ groups: 1, items: all.length, sum: sumOf(all) });
const logs = (entries: Census['entries']): Census => ({ kind: 'logs', windows: [], entries });
const source = logs({ '0 {a="1"}': lines('one', 'two', 'three'), '0 {a="2"}': lines('four') });

test('P05 the same in another order is the same', () => {
  const same = logs({ '0 {a="2"}': lines('four'), '0 {a="1"}': lines('three', 'one', 'two') });
  expect(compare(source, same)).toEqual({ kind: 'logs', entries: 2, items: 4, differences: [], different: 0 });
});

test.each([
  ['a line less', { ...source.entries, '0 {a="1"}': lines('one', 'three') }, '0 {a="1"}: 3 lines, restored 2'],
  ['a line changed', { ...source.entries, '0 {a="2"}': lines('fear') }, '0 {a="2"}: 1 lines, not the same'],
  ['a stream less', { '0 {a="1"}': lines('one', 'two', 'three') }, '0 {a="2"}: is missing, had 1 lines'],
  ['a stream more', { ...source.entries, '1 {b="1"}': lines('x', 'y') }, '1 {b="1"}: was not there, has 2 lines'],
])('P05 %s is found', (_, entries, said) => {
  const { different, differences } = compare(source, logs(entries));
  expect(differences).toEqual([said]);
  expect(different).toBe(1);
});

test('P05 a sum does not depend on the order of keys, and does on each value', () => {
  expect(canonical({ b: 1, a: { d: [2, 1], c: 3 } })).toBe('{"a":{"c":3,"d":[2,1]},"b":1}');
  expect(canonical({ a: [1, 2] })).not.toBe(canonical({ a: [2, 1] }));
});

test('P05 windows end before what may still arrive, and reach into compacted blocks', () => {
  const at = Date.UTC(2026, 10, 26, 12);
  expect(windowsBefore(at, 60_000).map(({ from, to }) => [at - to, to - from])).toEqual([
    [60_000, 3_600_000],
    [60_000 + 86_400_000, 3_600_000],
    [60_000 + 7 * 86_400_000, 3_600_000],
    [60_000 + 28 * 86_400_000, 3_600_000],
  ]);
});
