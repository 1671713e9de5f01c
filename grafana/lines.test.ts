import { expect, test } from 'vitest';
import { agentName } from '../instrumentation/src/catalog/attributes.ts';
import { agentCost } from '../instrumentation/src/catalog/llm.ts';
import { agentActiveTasks, agentTaskDuration } from '../instrumentation/src/catalog/tasks.ts';
import { added } from '../prometheus/kit/added.ts';
import { promql } from '../queries/promql.ts';
import { current, grown, percentiles, perDay } from './lines.ts';
import { stacked, stat } from './panels.ts';

const cost = promql`${agentCost}{agent_name=~"$agent"}`;
const series = 'agent_cost_usd_total{agent_name=~"$agent"}';

test('C03 what a counter is born with is in its growth, and nothing of what it was before', () => {
  expect(grown(cost, [agentName], '1h').text).toBe(`sum by (agent_name) (clamp_min((${added(cost, '1h').text}), 0))`);
  expect([...grown(cost, [agentName]).labels]).toEqual(['agent_name']);
  expect(grown(cost).text).toMatch(/^sum ?\(.*\[\$__range\].* offset \$__range\)/);
  expect(grown(cost).labels.size).toBe(0);
});

test('C02 a day begins at its midnight: the window lies after the point, not before it', () => {
  const { text } = perDay(cost, [agentName]);
  expect(text).toContain(`max_over_time(${series}[1d] offset -1d)`);
  expect(text).toContain(`last_over_time(${series}[1h])`);
  expect(text).not.toContain('offset 1d');
});

interface Built {
  interval?: string;
  timeFrom?: string;
  hideTimeOverride?: boolean;
}
const reading = { read: 'What it cost.', unit: 'currencyUSD', empty: 'nothing was spent.' } as const;

test('D09 a bar per day and a range of its own are said to Grafana, and nothing of the kind when nobody asks', () => {
  const daily = stacked('Daily', perDay(cost), { ...reading, every: '1d', over: 'now-14d' }).build([]) as Built;
  expect(daily).toMatchObject({ interval: '1d', timeFrom: 'now-14d', hideTimeOverride: false });
  const plain = stacked('Cost', grown(cost, [], '$__interval'), reading).build([]) as Built;
  expect([plain.interval, plain.timeFrom, plain.hideTimeOverride]).toEqual([undefined, undefined, undefined]);
});

test('D09 a narrow panel keeps its place for its title', () => {
  const today = stat('Spent today', grown(cost), { ...reading, over: 'now/d', width: 4 }).build([]) as Built;
  expect(today).toMatchObject({ timeFrom: 'now/d', hideTimeOverride: true });
});

test('D15 a quantile per label is named by the label, several of them by both', () => {
  expect(Object.keys(percentiles(agentTaskDuration))).toEqual(['p50', 'p95', 'p99']);
  expect(Object.keys(percentiles(agentTaskDuration, '', { of: ['p95'], by: agentName }))).toEqual(['{{agent_name}}']);
  expect(Object.keys(percentiles(agentTaskDuration, '', { of: ['p50', 'p95'], by: agentName }))).toEqual([
    'p50 {{agent_name}}',
    'p95 {{agent_name}}',
  ]);
});

test('D17 what a process said last is not shown for longer than it may be silent', () => {
  const { text, labels } = current(promql`${agentActiveTasks}`);
  expect(text).toBe('agent_active_tasks unless time() - timestamp(agent_active_tasks) > 150');
  expect(promql`sum by (${agentName}) (${current(promql`${agentActiveTasks}`)})`.labels).toEqual(
    new Set(['agent_name']),
  );
  expect(labels.has('agent_name')).toBe(true);
});
