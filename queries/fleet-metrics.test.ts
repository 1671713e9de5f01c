import { expect, test } from 'vitest';
import { agentName } from '../instrumentation/src/catalog/attributes.ts';
import { agentTaskDuration, agentTasksFailed, agentTasksStarted } from '../instrumentation/src/catalog/tasks.ts';
import { promql } from './promql.ts';

test('B03 entries of the catalogue stand in a query, under their names in Prometheus', () => {
  const ratio = promql`sum by (${agentName}) (rate(${agentTasksFailed}[5m])) / sum by (${agentName}) (rate(${agentTasksStarted}[5m]))`;
  expect(ratio.text).toBe(
    'sum by (agent_name) (rate(agent_tasks_failed_total[5m])) / sum by (agent_name) (rate(agent_tasks_started_total[5m]))',
  );
  expect([...ratio.labels]).toEqual(['agent_name']);
  const p95 = promql`histogram_quantile(0.95, sum by (le) (rate(agent_task_duration_seconds_bucket{service_name="fleet"}[5m])))`;
  expect(p95.emptyWhen).toBe(`until a service records ${agentTaskDuration.name}`);
});

test('B03 a metric or a label that the catalogue has not is refused', () => {
  expect(() => promql`sum(rate(agent_tasks_begun_total[5m]))`).toThrow(/nothing emits agent_tasks_begun_total/);
  expect(() => promql`sum by (skill_name) (rate(${agentTasksFailed}[5m]))`).toThrow(/has no label skill_name/);
  expect(() => promql`sum by (agent_task_id) (rate(${agentTasksFailed}[5m]))`).toThrow(/has no label agent_task_id/);
});

test('B03 a value outside the closed set of a label is refused', () => {
  expect(promql`sum(rate(${agentTaskDuration}_count{outcome=~"failure|cancelled"}[5m]))`.text).not.toBe('');
  expect(() => promql`sum(rate(${agentTaskDuration}_count{outcome="failed"}[5m]))`).toThrow(
    /of outcome "failed" is none of its values\. The nearest is "failure"/,
  );
});
