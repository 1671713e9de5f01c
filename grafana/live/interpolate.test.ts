import { expect, test } from 'vitest';
import { type Choice, interpolate } from './interpolate.ts';

const range = { from: Date.UTC(2026, 1, 18, 9), to: Date.UTC(2026, 1, 18, 10) };
const moment = { range, step: 30_000, scrape: 15_000 };
const choice = (values: string[], more: Partial<Choice> = {}): Choice => ({
  ...{ values, all: false, multi: true, allValue: undefined },
  ...more,
});
const choices = {
  agent: choice(['qa']),
  model: choice(['gpt-4.1', 'o(3)']),
  skill: choice(['read', 'write'], { all: true, allValue: '.*' }),
  tool: choice(['a', 'b'], { all: true }),
  one: choice(['a\\b.c'], { multi: false }),
};

test.each([
  ['rate(x[$__rate_interval])', 'rate(x[60s])'],
  ['rate(x[$__interval])', 'rate(x[30s])'],
  ['increase(x[$__range]) / $__range_s', 'increase(x[3600s]) / 3600'],
  [`x > \${__from:date:seconds} or x > $__to`, 'x > 1771405200 or x > 1771408800000'],
  ['x{agent=~"$agent"}', 'x{agent=~"qa"}'],
  ['x{model=~"$model"}', String.raw`x{model=~"(gpt-4\\.1|o\\(3\\))"}`],
  [`x{skill=~"\${skill}"}`, 'x{skill=~".*"}'],
  ['x{tool=~"$tool"}', 'x{tool=~"(a|b)"}'],
  ['x{one="$one"}', String.raw`x{one="a\\b.c"}`],
  [`x{model=~"\${model:raw}"}`, 'x{model=~"gpt-4.1,o(3)"}'],
  [`x{model=~"\${model:regex}"}`, String.raw`x{model=~"(gpt-4\.1|o\(3\))"}`],
  [`label_replace(x, "a", "$1 of \${2}", "b", "(.)(.)")`, `label_replace(x, "a", "$1 of \${2}", "b", "(.)(.)")`],
])('D19 %s is asked as %s', (text, asked) => {
  expect(interpolate(text, 'prometheus', choices, moment)).toBe(asked);
});

test('D19 Loki takes several without brackets, Tempo takes them as they are', () => {
  expect(interpolate('{a=~"$model"}', 'loki', choices, moment)).toBe(String.raw`{a=~"gpt-4\\.1|o\\(3\\)"}`);
  expect(interpolate('{ span.a =~ "$model" }', 'tempo', choices, moment)).toBe('{ span.a =~ "gpt-4.1|o(3)" }');
});

test('D19 the rate interval is a step and a scrape where that is more than four scrapes', () => {
  expect(interpolate('$__rate_interval', 'prometheus', {}, { ...moment, step: 1_800_000 })).toBe('1815s');
});

test('B03 a variable that the dashboard does not offer is refused', () => {
  expect(() => interpolate('x{a="$agnet"}', 'prometheus', choices, moment)).toThrow('it names $agnet');
  expect(() => interpolate(`x{a="\${agent:json}"}`, 'prometheus', choices, moment)).toThrow('":json"');
});
