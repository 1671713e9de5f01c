import { expect, test } from 'vitest';
import { agentTasksFailed } from '../../../instrumentation/src/catalog/tasks.ts';
import { promql } from '../../../queries/promql.ts';
import { grown } from './grown.ts';
import { measures } from './measures.ts';
import { metrics, scrapes, shares } from './remembered.ts';
import { spans } from './span.ts';

const ask = (name: string, by: string[]) => measures.find(({ metric }) => metric === name)?.ask(by, spans['1h']);

test('M03 every metric is asked for by names that something emits, of everything and by each of its labels', () => {
  for (const { ask, by, quantile } of measures)
    for (const kept of [[], by, ...by.map((label) => [label])])
      for (const span of Object.values(spans))
        expect([...ask(kept, span).labels].sort()).toEqual([...kept, ...(quantile === undefined ? [] : ['le'])].sort());
  expect(() => ask('cost', ['agent_nam'])).toThrow('The nearest is agent_name');
});

test('M03 a misspelt metric is refused where it is written', () => {
  expect(() => promql`sum(agent_task_failed_total)`).toThrow('The nearest name is agent_tasks_failed_total');
});

test('M03 what is asked is what is declared: an hour of everything, a day of what does not add up', () => {
  expect(metrics.map(({ metric }) => metric)).toEqual(measures.map(({ metric }) => metric));
  const spansOf = (name: string) => Object.keys(metrics.find(({ metric }) => metric === name)?.questions ?? {});
  expect(spansOf('cost')).toEqual(['1h']);
  expect(spansOf('task_p95')).toEqual(['1h', '23h', '24h']);
  const cost = metrics.find(({ metric }) => metric === 'cost')?.questions['1h'];
  // What adds up is asked once; what does not, for each.
  const both = ['agent_name', 'gen_ai_request_model'];
  expect(cost).toEqual([{ query: ask('cost', both)?.text, sums: [[], ...both.map((label) => [label])] }]);
  const p95 = metrics.find(({ metric }) => metric === 'task_p95')?.questions['1h'];
  // Buckets do add up.
  expect(p95).toEqual([{ query: ask('task_p95', ['agent_name'])?.text, sums: [[], ['agent_name']], quantile: 0.95 }]);
  const limit = metrics.find(({ metric }) => metric === 'api_rate_limit')?.questions['1h'];
  expect(limit?.map(({ sums }) => sums)).toEqual([[[]], [['api_name']]]);
  expect(scrapes['1h']).toBe('max(count_over_time(up{job="prometheus"}[1h]))');
});

test('M03 metrics are told apart by their names, and shares are of metrics that are there', () => {
  const names = [...metrics, ...shares].map(({ metric }) => metric);
  expect(new Set(names).size).toBe(names.length);
  expect(names).toEqual(expect.arrayContaining(shares.flatMap(({ part, rest }) => [part, rest])));
  for (const { least } of metrics) expect(least).toBeGreaterThan(0);
});

test('M03 growth is looked at step by step, so that a counter that begins anew counts on', () => {
  const { text } = grown(agentTasksFailed, spans['1h']);
  expect(text).toMatch(/^sum_over_time\(.*\)\[1h:1m\]\)$/);
  expect(text).toContain('last_over_time(agent_tasks_failed_total[5m] offset 1m)');
  expect(grown(agentTasksFailed, spans['24h']).text).toMatch(/\[24h:5m\]\)$/);
});
