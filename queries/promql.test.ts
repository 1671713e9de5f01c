import { describe, expect, test } from 'vitest';
import type { Metric } from './metric.ts';
import { promqlOver, type Query } from './promql.ts';

const own = { means: 'for this test', from: ['application'] };
const started: Metric = { name: 'tasks_started_total', type: 'counter', labels: ['job', 'agent'], ...own };
const failed: Metric = { ...started, name: 'tasks_failed_total', absentUntil: 'a task fails' };
const queue: Metric = { name: 'queue_size', type: 'gauge', labels: ['job', 'exporter'], ...own };
const seconds: Metric = { name: 'task_seconds', type: 'histogram', labels: ['job', 'agent'], ...own };
const dotted: Metric = { name: 'sent_total', type: 'counter', labels: ['server.address'], ...own };
const promql = promqlOver([dotted, started, failed, queue, seconds]);

/** A query, and one that differs in the mistake only. */
const refused: [mistake: string, right: () => Query, wrong: () => Query, message: RegExp][] = [
  [
    'a metric that nothing emits',
    () => promql`sum(rate(${started}[5m]))`,
    () => promql`sum(rate(tasks_strated_total[5m]))`,
    /^Cannot use "sum\(rate\(tasks_strated_total\[5m\]\)\)": nothing emits tasks_strated_total\. The nearest name is tasks_started_total\.$/,
  ],
  [
    'a label that the metric has not, in a matcher',
    () => promql`${started}{agent="qa"}`,
    () => promql`${started}{agnet="qa"}`,
    /tasks_started_total\{agnet="qa"\} has no label agnet\. The nearest is agent\./,
  ],
  [
    'a label that the metric has not, in by()',
    () => promql`sum by (agent) (rate(${started}[5m]))`,
    () => promql`sum by (exporter) (rate(${started}[5m]))`,
    /has no label exporter/,
  ],
  [
    'a label in quotes that the metric has not',
    () => promql`sum by ("server.address") (${dotted}{"server.address"="a"})`,
    () => promql`sum(${dotted}{"server.adress"="a"})`,
    /has no label server\.adress\. The nearest is server\.address/,
  ],
  [
    'a label that an inner by() took away',
    () => promql`max by (agent) (sum by (agent, job) (${queue} * on (job) group_left (agent) ${started}))`,
    () => promql`max by (agent) (sum by (job) (${queue} * on (job) group_left (agent) ${started}))`,
    /has no label agent/,
  ],
  [
    'a label that the metric has not, in without()',
    () => promql`sum without (agent) (${started})`,
    () => promql`sum without (exporter) (${started})`,
    /has no label exporter/,
  ],
  [
    'a label that one side has not, in on()',
    () => promql`${queue} / on (job) ${started}`,
    () => promql`${queue} / on (agent) ${started}`,
    /has no label agent/,
  ],
  [
    'a label that the other side has not, in group_left()',
    () => promql`${queue} * on (job) group_left (agent) ${started}`,
    () => promql`${queue} * on (job) group_left (model) ${started}`,
    /has no label model/,
  ],
  [
    'sides that never meet',
    () => promql`sum by (agent) (${failed}) / sum by (agent) (${started})`,
    () => promql`sum by (agent) (${failed}) / sum by (job) (${started})`,
    /never meet: they have the labels \{agent\} and \{job\}/,
  ],
  [
    'the rate of a gauge',
    () => promql`delta(${queue}[5m])`,
    () => promql`rate(${queue}[5m])`,
    /rate\(\) is for a counter, and queue_size is none/,
  ],
  [
    'a histogram without its part',
    () => promql`rate(${seconds}_count[5m])`,
    () => promql`rate(${seconds}[5m])`,
    /nothing emits task_seconds\./,
  ],
  [
    'a quantile whose le is summed away',
    () => promql`histogram_quantile(0.95, sum by (le) (rate(${seconds}_bucket[5m])))`,
    () => promql`histogram_quantile(0.95, sum by (agent) (rate(${seconds}_bucket[5m])))`,
    /has no label le/,
  ],
  [
    'an instant where a range is needed',
    () => promql`rate(${started}[$__rate_interval])`,
    () => promql`rate(${started})`,
    /expected type matrix/,
  ],
  [
    'a range behind an expression',
    () => promql`${queue} > bool 1 and max_over_time(${queue}[5m])`,
    () => promql`${queue} > bool 1 and ${queue}[5m]`,
    /must follow a metric/,
  ],
  ['a selector without a metric', () => promql`${queue}{job="a"}`, () => promql`{job="a"}`, /names no metric/],
  [
    'text that does not parse',
    () => promql`sum(${queue})`,
    () => promql`sum(${queue}`,
    /as PromQL: it breaks at its end/,
  ],
];

describe('B03 a query is refused for', () => {
  test.each(refused)('%s', (_mistake, right, wrong, message) => {
    expect(right().text).not.toBe('');
    expect(wrong).toThrow(message);
  });
});

test('a query reads as plain PromQL, with macros and variables untouched', () => {
  const query = promql`sum by (agent) (rate(${started}{agent=~"$agent"}[$__rate_interval])) > $limit`;
  expect(query.text).toBe('sum by (agent) (rate(tasks_started_total{agent=~"$agent"}[$__rate_interval])) > $limit');
});

test('a query within a query keeps its meaning, and no bracket is doubled', () => {
  const ratio = promql`sum(${failed}) / sum(${started})`;
  expect(promql`100 * ${ratio}`.text).toBe('100 * (sum(tasks_failed_total) / sum(tasks_started_total))');
  expect(promql`round(${ratio})`.text).toBe('round(sum(tasks_failed_total) / sum(tasks_started_total))');
  expect(promql`${promql`sum(${queue})`} > 1`.text).toBe('sum(queue_size) > 1');
});

test('B03 what a rule records is a metric like any other', () => {
  const recorded: Metric = { ...queue, name: 'job:queue_size:max', labels: ['job'], absentUntil: 'a queue fills' };
  const query = promql`sum by (job) (${recorded}{job=~"$job"}) > bool 5`;
  expect(query.emptyWhen).toBe('until a queue fills');
  expect(() => promql`sum by (exporter) (${recorded})`).toThrow(/has no label exporter/);
});

test('a metric in a hole is known, and so is it to whoever uses the query', () => {
  const recorded: Metric = { ...queue, name: 'queue:size:max' };
  const query = promql`max(${recorded})`;
  expect(query.metrics).toEqual([recorded]);
  expect(promql`${query} > 1`.metrics).toEqual([recorded]);
});

test.each<[Query, string[]]>([
  [promql`${started}`, ['job', 'agent']],
  [promql`sum by (agent) (${started})`, ['agent']],
  [promql`sum without (agent) (${started})`, ['job']],
  [promql`sum(${started})`, []],
  [promql`topk by (job) (3, ${started})`, ['job', 'agent']],
  [promql`1 - sum by (job) (${queue})`, ['job']],
  [promql`time() - timestamp(${queue})`, ['job', 'exporter']],
  [promql`label_replace(${queue}, "part", "$1", "job", "(.*)")`, ['job', 'exporter', 'part']],
  [promql`count_values("size", ${queue})`, ['size']],
  [promql`sum by (job) (${queue}) or sum by (agent) (${started})`, ['job', 'agent']],
  [promql`${queue} * on (job) group_left (agent) ${started}`, ['job', 'exporter', 'agent']],
  [promql`sum by (job) ({__name__=~"tasks_started_total|tasks_failed_total"})`, ['job']],
])('$0.text answers with the labels $1', (query, labels) => {
  expect([...query.labels].sort()).toEqual([...labels].sort());
});

test.each<[Query, string | undefined]>([
  [promql`sum(${started})`, undefined],
  [promql`sum(${failed})`, 'until a task fails'],
  [promql`sum(${failed}) / sum(${started})`, 'until a task fails'],
  [promql`sum(${failed}) or 0 * sum(${started})`, undefined],
  [promql`sum({__name__=~"tasks_started_total|tasks_failed_total"})`, undefined],
  [promql`${queue} > 5`, 'unless queue_size > 5'],
  [promql`${queue} > bool 5`, undefined],
  [promql`absent(${queue})`, 'while queue_size has data'],
])('D19 $0.text is empty: $1', (query, emptyWhen) => {
  expect(query.emptyWhen).toBe(emptyWhen);
});
