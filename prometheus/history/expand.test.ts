import { expect, test } from 'vitest';
import { parse } from '../../queries/parse.ts';
import { expand } from './expand.ts';
import type { RecordingRule } from './rule-files.ts';

const recording = (name: string, expr: string, more: Partial<RecordingRule> = {}): RecordingRule => ({
  ...{ name, expr, labels: {}, interval: undefined },
  ...more,
});
const rate = recording('agent:failures:rate5m', 'sum by (agent) (rate(failures_total[5m]))');

test.each([
  ['a name becomes its expression', 'agent:failures:rate5m > 1', '(sum by (agent) (rate(failures_total[5m]))) > 1'],
  [
    'a range becomes a subquery at the interval',
    'max_over_time(agent:failures:rate5m[1d] offset 1h)',
    'max_over_time((sum by (agent) (rate(failures_total[5m])))[1d:15s] offset 1h)',
  ],
  [
    'an offset takes the one sample that was stored then',
    'agent:failures:rate5m offset 1d * 2 + agent:failures:rate5m @ end() offset 5m',
    'last_over_time((sum by (agent) (rate(failures_total[5m])))[15s:15s] offset 1d) * 2 + ' +
      'last_over_time((sum by (agent) (rate(failures_total[5m])))[15s:15s] @ end() offset 5m)',
  ],
  [
    'what is asked of a name is asked of its metrics',
    'agent:failures:rate5m{agent=~"a|b", agent!="b"}',
    '(sum by (agent) (rate(failures_total{agent=~"a|b",agent!="b"}[5m])))',
  ],
  ['what nobody records stays', 'sum(failures_total{agent="x"})', 'sum(failures_total{agent="x"})'],
])('B08 %s', (_, given, expanded) => {
  expect(expand(given, [rate], 15)).toBe(expanded);
  expect(() => parse(expanded)).not.toThrow();
});

test('B08 recordings that rest on recordings are expanded to the bottom, at the intervals of their rules', () => {
  const day = recording('agent:failures:max1d', 'max_over_time(agent:failures:rate5m[1d])', { interval: 60 });
  expect(expand('agent:failures:max1d[2h]', [rate, day], 15)).toBe(
    '(max_over_time((sum by (agent) (rate(failures_total[5m])))[1d:15s]))[2h:60s]',
  );
});

test('B08 one name that several rules record is all of them, each with its labels', () => {
  const slo = (name: string) => recording('slo:errors:ratio', `${name}_ratio`, { labels: { slo: name } });
  expect(expand('slo:errors:ratio > 0.1', [slo('api'), slo('runs')], 15)).toBe(
    '((label_replace(api_ratio, "slo", "api", "", "")) or (label_replace(runs_ratio, "slo", "runs", "", ""))) > 0.1',
  );
});

test('B08 of branches with a label each, only those that pass are asked', () => {
  const branches = ['api', 'runs'].map((name) => `label_replace(sum(${name}), "slo", "${name}", "", "")`);
  const both = recording('slo:errors:rate5m', branches.join(' or '));
  expect(expand('slo:errors:rate5m{slo="api"}[1h]', [both], 60)).toBe(`(${branches[0]})[1h:60s]`);
  expect(expand('slo:errors:rate5m{slo!="api"}', [both], 60)).toBe(`(${branches[1]})`);
  expect(expand('slo:errors:rate5m{slo=~".+"}', [both], 60)).toBe(`(${branches.join(' or ')})`);
  expect(expand('slo:errors:rate5m{slo="none"}', [both], 60)).toBe('(vector(0) > 0)');
});

test('B08 a recording that carries itself on is left to what was recorded', () => {
  const carried = recording('a:cost:total', 'cost_total or a:cost:total offset 15s');
  expect(expand('a:cost:total', [carried], 15)).toBe('(cost_total or a:cost:total offset 15s)');
});
