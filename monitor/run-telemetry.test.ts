import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type HrTime, SpanStatusCode, trace } from '@opentelemetry/api';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { llmCall, tool } from '../instrumentation/src/fleet.ts';
import { createTestKit, type RecordedSpan, type TestKit } from '../instrumentation/src/testing-kit.ts';
import type { Fact, SpanFact } from './ledger/fact.ts';
import { Monitor } from './monitor.ts';
import { RunTelemetry } from './run-telemetry.ts';
import { recordOnce } from './store/sqlite/once.ts';
import { SqliteLedger } from './store/sqlite/sqlite-ledger.ts';

let folder: string;
let kit: TestKit | undefined;
let ledger: SqliteLedger;
let monitor: Monitor;
let now: number;
let written: Fact[];

const open = (file: string) => new SqliteLedger(join(folder, file));
const monitorOf = (of: SqliteLedger) =>
  new Monitor({
    ledger: of,
    write(fact) {
      written.push(fact);
      return recordOnce(of, fact, 1000);
    },
    now: () => now,
  });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fleetscope-monitor-'));
  kit = createTestKit();
  ledger = open('ledger.db');
  now = Date.parse('2026-11-26T09:00:00Z');
  written = [];
  monitor = monitorOf(ledger);
});
afterEach(async () => {
  monitor.close();
  await kit?.stop();
  rmSync(folder, { recursive: true });
});

const spans = () => (kit as TestKit).spans();
const named = (name: string) => spans().find((span) => span.name === name) as RecordedSpan;

/** As the Collector passes it on. */
function factOf(span: RecordedSpan): SpanFact {
  const { startTime, endTime } = span as unknown as { startTime: HrTime; endTime: HrTime };
  const nano = ([seconds, rest]: HrTime) => `${BigInt(seconds) * 1_000_000_000n + BigInt(rest)}`;
  const { traceId, spanId } = span.spanContext();
  return {
    ...{ source: 'span', id: `${traceId}/${spanId}`, trace_id: traceId, span_id: spanId, name: span.name },
    parent_span_id: span.parentSpanContext?.spanId ?? null,
    ...{ start_unix_nano: nano(startTime), end_unix_nano: nano(endTime) },
    ...{ error: span.status.code === SpanStatusCode.ERROR, status_message: span.status.message ?? null },
    ...{ service_name: 'a-service', environment: null },
    attributes: span.attributes as SpanFact['attributes'],
  };
}

/** A run with an agent that is done and one that failed. */
function work(by: Monitor = monitor): void {
  const orchestrationId = by.startOrchestration({ sessionId: 's', totalTasks: 2 });
  by.startAgentExecution({ agentSessionId: 'a', agentName: 'code', orchestrationId });
  now += 1000;
  by.completeAgentExecution({ agentSessionId: 'a', status: 'completed', retryCount: 2 });
  by.startAgentExecution({ agentSessionId: 'b', agentName: 'qa', orchestrationId });
  now += 500;
  by.completeAgentExecution({ agentSessionId: 'b', status: 'failed', errorMessage: 'a test failed' });
  by.completeOrchestration({ sessionId: 's', status: 'partial', completedTasks: 1, failedTasks: 1 });
}

test('R03 calls make the spans that the fleet API would have made', () => {
  work();
  const [root, agent] = [named('workflow.execute'), named('agent.execute')];
  expect(root.attributes).toEqual({
    ...{ 'workflow.id': 's', 'workflow.name': 'orchestration', 'gen_ai.workflow.name': 'orchestration' },
    ...{ 'workflow.trigger': 'manual', 'workflow.status': 'completed', 'workflow.duration.ms': 1500 },
    'gen_ai.operation.name': 'invoke_workflow',
  });
  expect(agent.parentSpanContext?.spanId).toBe(root.spanContext().spanId);
  expect(agent.attributes).toEqual({
    ...{
      'agent.session.id': 'a',
      'agent.id': 'a',
      'gen_ai.agent.id': 'a',
      'agent.name': 'code',
      'gen_ai.agent.name': 'code',
    },
    ...{ 'workflow.name': 'orchestration', 'agent.status': 'completed', 'agent.duration.ms': 1000, 'agent.retries': 2 },
    'gen_ai.operation.name': 'invoke_agent',
  });
  expect(spans().map(({ name, status }) => [name, status.code, status.message])).toEqual([
    ['agent.execute', SpanStatusCode.UNSET, undefined],
    ['agent.execute', SpanStatusCode.ERROR, 'a test failed'],
    ['workflow.execute', SpanStatusCode.UNSET, undefined],
  ]);
});

test('R03 and its metrics', async () => {
  work();
  const points = (name: string) => (kit as TestKit).points(name);
  expect(await points('workflow.runs')).toEqual([
    {
      labels: { 'workflow.name': 'orchestration', 'workflow.trigger': 'manual', 'workflow.status': 'completed' },
      value: 1,
    },
  ]);
  expect(await points('workflows.active')).toEqual([{ labels: { 'workflow.name': 'orchestration' }, value: 0 }]);
  expect(await points('workflow.duration')).toMatchObject([{ value: 1 }]);
  expect(await points('agent.runs')).toEqual([
    { labels: { 'agent.name': 'code', 'agent.action': 'unknown', 'agent.status': 'completed' }, value: 1 },
    { labels: { 'agent.name': 'qa', 'agent.action': 'unknown', 'agent.status': 'failed' }, value: 1 },
  ]);
  expect(await points('agent.errors')).toEqual([{ labels: { 'agent.name': 'qa', 'error.type': '_OTHER' }, value: 1 }]);
  expect(await points('agent.retry.count')).toEqual([{ labels: { 'agent.name': 'code' }, value: 2 }]);
});

test('R03 what is told both ways is one run with one row for each agent, whichever comes first', () => {
  work();
  const before = monitor.getOrchestrationSummary('s');
  const facts = [...written, ...spans().map(factOf)];
  ledger.record(spans().map(factOf));
  const both = monitor.getOrchestrationSummary('s');
  expect(ledger.orchestrations({ limit: 10 })).toHaveLength(1);
  expect(both.executions.map(({ agentSessionId }) => agentSessionId)).toEqual(['a', 'b']);
  const byTelemetry = { traceId: named('workflow.execute').spanContext().traceId };
  expect(both.orchestration).toEqual({
    ...before.orchestration,
    ...byTelemetry,
    ...{ workflowName: 'orchestration', serviceName: 'a-service' },
  });
  expect(both.executions).toEqual(
    before.executions.map((one) => ({ ...one, ...byTelemetry, spanId: expect.stringMatching(/^[\da-f]{16}$/) })),
  );
  for (const [name, order] of [
    ['reversed', [...facts].reverse()],
    ['spans alone first', [...facts.slice(-3), ...facts]],
  ] as const) {
    const other = open(`${name}.db`);
    for (const fact of order) other.record([fact]);
    expect(monitorOf(other).getOrchestrationSummary('s'), name).toEqual(both);
    other.close();
  }
});

test('R03 telemetry alone, in the ledger of another machine, is the same run by the same ids', () => {
  work();
  const other = open('other.db');
  other.record(spans().map(factOf));
  const [here, there] = [monitor.getOrchestrationSummary('s'), monitorOf(other).getOrchestrationSummary('s')];
  const ids = ({ orchestration, executions }: typeof here) => [
    orchestration.id,
    ...executions.map(({ id, status, durationMs, errorFingerprint }) => [id, status, durationMs, errorFingerprint]),
  ];
  expect(ids(there)).toEqual(ids(here));
  other.close();
});

test('R03 what is traced inside of `within` belongs to the execution; elsewhere it does not', () => {
  const orchestrationId = monitor.startOrchestration({ sessionId: 's' });
  monitor.startAgentExecution({ agentSessionId: 'a', agentName: 'code', orchestrationId });
  const traced = (name: string) => trace.getTracer('host').startSpan(name).end();
  const given = monitor.within('a', () => {
    traced('inside');
    return 'given back';
  });
  expect(given).toBe('given back');
  monitor.within('s', () => traced('in the run'));
  monitor.within('nobody', () => traced('outside'));
  monitor.completeAgentExecution({ agentSessionId: 'a', status: 'completed' });
  monitor.completeOrchestration({ sessionId: 's', status: 'completed' });
  expect(named('inside').parentSpanContext?.spanId).toBe(named('agent.execute').spanContext().spanId);
  expect(named('in the run').parentSpanContext?.spanId).toBe(named('workflow.execute').spanContext().spanId);
  expect(named('outside').parentSpanContext).toBeUndefined();
});

test('R03 a model call inside of `within` is counted to the agent, and its money is in the ledger as that of the execution', async () => {
  const orchestrationId = monitor.startOrchestration({ sessionId: 's' });
  monitor.startAgentExecution({ agentSessionId: 'a', agentName: 'code', orchestrationId });
  monitor.within('a', () => {
    llmCall({ provider: 'openai', model: 'gpt-4o' }, (call) => call.usage({ input: 1_000_000, output: 0 }));
    tool({ name: 'search' }, ({ cost }) => cost(0.5));
  });
  monitor.completeAgentExecution({ agentSessionId: 'a', status: 'completed' });
  monitor.completeOrchestration({ sessionId: 's', status: 'completed' });
  const spent = await (kit as TestKit).points('agent.cost');
  expect(spent.map(({ labels }) => [labels['agent.name'], labels['workflow.name']])).toEqual([
    ['code', 'orchestration'],
    ['code', 'orchestration'],
  ]);
  const usd = spent.reduce((sum, { value }) => sum + value, 0);
  expect(usd).toBeGreaterThan(0.5);
  ledger.record(spans().map(factOf));
  const { orchestration, executions } = monitor.getOrchestrationSummary('s');
  expect(orchestration.costMicroUsd).toBeCloseTo(usd * 1e6, 2);
  expect(executions).toMatchObject([
    { agentSessionId: 'a', costMicroUsd: orchestration.costMicroUsd, inputTokens: 1_000_000 },
  ]);
});

test('R03 what another process began has its span when it ends, with the time it had', () => {
  work(monitor);
  (kit as TestKit).reset();
  const orchestrationId = monitor.startOrchestration({ sessionId: 't' });
  monitor.startAgentExecution({ agentSessionId: 'c', agentName: 'code', orchestrationId });
  now += 2000;
  const other = monitorOf(ledger);
  other.completeAgentExecution({ agentSessionId: 'c', status: 'completed' });
  other.completeOrchestration({ sessionId: 't', status: 'completed' });
  expect(
    spans().map(({ name, attributes }) => [
      name,
      attributes['agent.duration.ms'] ?? attributes['workflow.duration.ms'],
    ]),
  ).toEqual([
    ['agent.execute', 2000],
    ['workflow.execute', 2000],
  ]);
  ledger.record(spans().map(factOf));
  expect(monitor.getOrchestrationSummary('t')).toMatchObject({
    orchestration: { durationMs: 2000 },
    executions: [{ agentSessionId: 'c' }],
  });
});

test('R03 without an SDK everything is written all the same; one that comes later sees what ends from then on', async () => {
  await kit?.stop();
  kit = undefined;
  monitor.startOrchestration({ sessionId: 's' });
  monitor.startOrchestration({ sessionId: 't' });
  expect(monitor.within('s', () => 1)).toBe(1);
  monitor.completeOrchestration({ sessionId: 's', status: 'completed' });
  kit = createTestKit();
  now += 3000;
  monitor.completeOrchestration({ sessionId: 't', status: 'failed' });
  expect(monitor.getSystemHealth().orchestrations).toMatchObject({ completed: 1, failed: 1 });
  expect(spans().map(({ attributes }) => [attributes['workflow.id'], attributes['workflow.duration.ms']])).toEqual([
    ['t', 3000],
  ]);
});

test('R03 misuse makes no span and no metric', async () => {
  work();
  (kit as TestKit).reset();
  const before = await (kit as TestKit).points('workflow.runs');
  expect(() => monitor.completeOrchestration({ sessionId: 's', status: 'failed' })).toThrow();
  expect(() => monitor.startOrchestration({ sessionId: 's' })).toThrow();
  expect(() => monitor.completeAgentExecution({ agentSessionId: 'a', status: 'failed' })).toThrow();
  expect(spans()).toEqual([]);
  expect(await (kit as TestKit).points('workflow.runs')).toEqual(before);
  expect(await (kit as TestKit).points('workflows.active')).toMatchObject([{ value: 0 }]);
});

test('R03 runs that never end are forgotten, the oldest first, and then they do not count as under way', async () => {
  const telemetry = new RunTelemetry();
  const ended = { startedMs: 0, endedMs: 1, failed: false };
  const active = async () => (await (kit as TestKit).points('workflows.active')).map(({ value }) => value);
  for (let i = 0; i < 10_050; i++) telemetry.runStarted(`${i}`, 0);
  expect(await active()).toEqual([10_000]);
  for (let i = 0; i < 10_050; i++) telemetry.runEnded(`${i}`, ended);
  expect(await active()).toEqual([0]);
  telemetry.runStarted('again', 0);
  telemetry.runStarted('again', 0);
  expect(await active()).toEqual([1]);
  telemetry.runEnded('again', ended);
  expect(await active()).toEqual([0]);
});

test('R03 agents beyond the bound of their label share one name on metrics; the ledger has them all', async () => {
  for (let i = 0; i < 210; i++) {
    monitor.startAgentExecution({ agentSessionId: `${i}`, agentName: `agent-${i}` });
    monitor.completeAgentExecution({ agentSessionId: `${i}`, status: 'completed' });
  }
  const points = await (kit as TestKit).points('agent.runs');
  expect(new Set(points.map(({ labels }) => labels['agent.name'])).size).toBeLessThanOrEqual(201);
  expect(points.map(({ labels }) => labels['agent.name'])).toContain('_OTHER');
  expect(monitor.getPerformanceReport()).toHaveLength(210);
});
