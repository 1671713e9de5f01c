import { expect, test } from 'vitest';
import type { Label } from './attribute.ts';
import { attributes, events, metrics, spans } from './catalog.ts';
import { prometheusLabel, prometheusName } from './prometheus-name.ts';

const twice = (names: string[]) => names.filter((name, at) => names.indexOf(name) !== at);

test('T10 no metric carries an attribute with an open set of values', () => {
  const open = metrics.flatMap(({ name, labels }) =>
    labels.filter(({ kind }) => kind !== 'label').map((label) => `${name}: ${label.name}`),
  );
  expect(open).toEqual([]);
  const unbounded = attributes.filter((attribute) => attribute.kind === 'label' && !(attribute.atMost > 0));
  expect(unbounded).toEqual([]);
});

test('T10 an attribute with an open set of values does not compile on a metric', async () => {
  const { counter } = await import('./metric.ts');
  const { taskId } = await import('./attributes.ts');
  // @ts-expect-error: an id is a key, not a label
  const wrong = counter('x', { unit: '{x}', means: 'x', labels: [taskId], source: { id: 'T10' } });
  expect(wrong.labels).toEqual([taskId]);
});

test('B03 every name is declared once, in OpenTelemetry and in Prometheus', () => {
  expect(twice(metrics.map(({ name }) => name))).toEqual([]);
  expect(twice(metrics.map(prometheusName))).toEqual([]);
  expect(twice(spans.map(({ name }) => name))).toEqual([]);
  expect(twice(events.map(({ name }) => name))).toEqual([]);
});

test('B03 an attribute of one name is one declaration, or two that agree', () => {
  const byName = Map.groupBy(attributes, ({ name }) => name);
  const disagreeing = [...byName].filter(
    ([, same]) => new Set(same.map((attribute) => (attribute.kind === 'key' ? attribute.type : 'string'))).size > 1,
  );
  expect(disagreeing.map(([name]) => name)).toEqual([]);
});

test('B03 every entry says what it means, which promise it keeps, and histograms have rising buckets', () => {
  for (const { name, means, source, kind, buckets } of metrics) {
    expect(means, name).toMatch(/\.$/);
    expect(source.id, name).toMatch(/^[A-Z]\d\d$/);
    expect(buckets !== undefined, name).toBe(kind === 'histogram');
    expect(buckets ?? [], name).toEqual([...(buckets ?? [])].sort((a, b) => a - b));
  }
  for (const { name, means, source } of spans) expect([name, means, source].every(Boolean)).toBe(true);
  for (const { name, means, source } of events) expect([name, means, source].every(Boolean)).toBe(true);
});

test('T01 the names of the source are those of Prometheus, or the standard form of them', () => {
  const byName = new Map(metrics.map((metric) => [metric.source.name, prometheusName(metric)]));
  expect(byName.get('agent_tasks_started')).toBe('agent_tasks_started_total');
  expect(byName.get('agent_task_duration_seconds')).toBe('agent_task_duration_seconds');
  expect(byName.get('pending_approvals_count')).toBe('pending_approvals_count');
  expect(byName.get('workflow_runs_total')).toBe('workflow_runs_total');
  expect(byName.get('memory_usage_bytes')).toBe('memory_usage_bytes');
  const duration = metrics.find(({ name }) => name === 'agent.task.duration');
  expect(duration?.buckets).toEqual(expect.arrayContaining([0.5, 2.5, 5, 10]));
});

test.each([
  ['counter', 'agent.cost', 'usd', 'agent_cost_usd_total'],
  ['gauge', 'test.coverage', '1', 'test_coverage_ratio'],
  ['histogram', 'agent.decision.confidence', '1', 'agent_decision_confidence'],
  ['histogram', 'workflow.approval.wait_time', 's', 'workflow_approval_wait_time_seconds'],
  ['gauge', 'agent.last_heartbeat.timestamp', 's', 'agent_last_heartbeat_timestamp_seconds'],
  ['upDownCounter', 'agent.active.tasks', '{task}', 'agent_active_tasks'],
] as const)('B03 Prometheus calls the %s %s in %s %s', (kind, name, unit, expected) => {
  expect(prometheusName({ kind, name, unit })).toBe(expected);
  expect(prometheusLabel('gen_ai.request.model')).toBe('gen_ai_request_model');
});

test('T10 closed sets say what else a value becomes', () => {
  const closed = attributes.filter((attribute): attribute is Label => attribute.kind === 'label');
  expect(closed.filter(({ values }) => values?.includes('_OTHER'))).toEqual([]);
});
