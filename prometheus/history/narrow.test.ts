import { expect, test } from 'vitest';
import { parse } from '../../queries/parse.ts';
import { matchersOf } from './matchers.ts';
import { narrow } from './narrow.ts';

const narrowed = (expr: string, matchers: string) => {
  const selector = `x{${matchers}}`;
  return narrow(expr, matchersOf(parse(selector), selector));
};
const marks = 'label_replace(vector(1), "fleetscope_kept", "yes", "", "")';
const kept = (expr: string, label: string, pattern: string) =>
  `(label_replace(label_replace(${expr}, "fleetscope_kept", "yes", "${label}", "${pattern}") and on (fleetscope_kept) ${marks}, "fleetscope_kept", "", "", ""))`;

test.each([
  ['a', 'a{agent="qa"}'],
  ['a{job="x"} + b{}', 'a{job="x",agent="qa"} + b{agent="qa"}'],
  ['60 * sum_over_time(a[1h])', '60 * sum_over_time(a{agent="qa"}[1h])'],
  ['max_over_time((a or b)[1d:1m] offset 5m)', 'max_over_time((a{agent="qa"} or b{agent="qa"})[1d:1m] offset 5m)'],
  [
    'sum by (agent) (rate(a[5m])) / sum by (agent) (rate(b[5m]))',
    'sum by (agent) (rate(a{agent="qa"}[5m])) / sum by (agent) (rate(b{agent="qa"}[5m]))',
  ],
  ['max by (agent) (timestamp(a)) > time() - 120', 'max by (agent) (timestamp(a{agent="qa"})) > time() - 120'],
  ['a and on (job) b > 5', 'a{agent="qa"} and on (job) b > 5'],
  ['a unless b', 'a{agent="qa"} unless b'],
  ['clamp_min(a, 0) > 1', 'clamp_min(a{agent="qa"}, 0) > 1'],
  ['label_replace(a, "kind", "$1", "b", "(.*)")', 'label_replace(a{agent="qa"}, "kind", "$1", "b", "(.*)")'],
  [
    'label_replace(a, "agent", "qa", "", "") or label_replace(b, "agent", "code", "", "")',
    'label_replace(a, "agent", "qa", "", "")',
  ],
  // Where it cannot be pushed any further, the answer is filtered.
  ['a * on (job) b', kept('a * on (job) b', 'agent', 'qa')],
  ['sum without (job) (a)', kept('sum without (job) (a)', 'agent', 'qa')],
  ['a + b offset 5m', kept('a + b offset 5m', 'agent', 'qa')],
  ['sum(a) or topk(3, b)', kept('topk(3, b)', 'agent', 'qa')],
  ['label_replace(a, "agent", "$1", "b", "(.*)")', kept('label_replace(a, "agent", "$1", "b", "(.*)")', 'agent', 'qa')],
])('B08 of %s only one agent', (expr, expected) => {
  const found = narrowed(expr, 'agent="qa"');
  expect(found).toBe(expected);
  expect(() => parse(found as string)).not.toThrow();
});

test('B08 what cannot pass is nothing', () => {
  expect(narrowed('sum by (job) (a)', 'agent="qa"')).toBeUndefined();
  expect(narrowed('sum by (job) (a)', 'agent!="qa"')).toBe('sum by (job) (a)');
  expect(narrowed('1 + label_replace(a, "agent", "code", "", "")', 'agent="qa"')).toBeUndefined();
  expect(narrowed('sum by (job) (a) + b', 'agent="qa"')).toBeUndefined();
  expect(narrowed('sum by (job) (a) or b', 'agent="qa"')).toBe('b{agent="qa"}');
});

test('B08 a value with signs of a pattern matches itself alone', () => {
  const pattern = /"agent", ("[^,]+")\) and/.exec(narrowed('topk(1, a)', String.raw`agent="a.b\\c"`) as string)?.[1];
  expect(JSON.parse(pattern as string)).toBe(String.raw`a\.b\\c`);
});
