import { DiagLogLevel, diag, trace } from '@opentelemetry/api';
import { afterEach, expect, test, vi } from 'vitest';
import { agent, heartbeat, log, workflow } from './fleet.ts';
import { createTestKit } from './testing-kit.ts';

const errors = vi.fn();
const quiet = () => {};
diag.setLogger({ error: errors, warn: quiet, info: quiet, debug: quiet, verbose: quiet }, DiagLogLevel.ERROR);
afterEach(() => errors.mockClear());

test('S01 the kit keeps spans, logs and metrics in memory, each as it ended', async () => {
  const kit = createTestKit();
  workflow({ name: 'release' }, () => {
    agent({ name: 'director', action: 'plan' }, () => log.info('planned'));
    expect(kit.spans().map(({ name }) => name)).toEqual(['agent.execute']);
  });
  expect(kit.spans().map(({ name, ended }) => [name, ended])).toEqual([
    ['agent.execute', true],
    ['workflow.execute', true],
  ]);
  expect(kit.logs().map(({ body }) => body)).toEqual(['planned']);
  const runs = (await kit.metrics()).get('workflow.runs');
  expect(runs).toMatchObject({ descriptor: { unit: '{run}' }, isMonotonic: true, dataPoints: [{ value: 1 }] });
  expect(await kit.points('agent.duration')).toEqual([
    { labels: { 'agent.name': 'director', 'agent.status': 'completed' }, value: 1 },
  ]);
  expect(await kit.points('never.recorded')).toEqual([]);
  kit.reset();
  expect([kit.spans(), kit.logs()]).toEqual([[], []]);
  expect(await kit.points('workflow.runs')).toHaveLength(1);
  await kit.stop();
});

test('S01 one kit after the other sees its own work alone, and after the last nothing is recorded', async () => {
  const first = createTestKit();
  agent({ name: 'first', action: 'x' }, () => {});
  await first.stop();
  const second = createTestKit();
  agent({ name: 'second', action: 'x' }, () => {});
  const names = async () => (await second.points('agent.runs')).map(({ labels }) => labels['agent.name']);
  expect(await names()).toEqual(['second']);
  expect(second.spans().map(({ attributes }) => attributes['agent.name'])).toEqual(['second']);
  // What is observed goes over to the new one.
  const beats = (await second.points('agent.last_heartbeat.timestamp')).map(({ labels }) => labels['agent.name']);
  expect(beats).toEqual(expect.arrayContaining(['first', 'second']));
  await second.stop();
  agent({ name: 'nobody listens', action: 'x' }, () => heartbeat());
  expect(second.spans()).toHaveLength(0);
  expect(trace.getActiveSpan()).toBeUndefined();
  expect(errors).not.toHaveBeenCalled();
  // Two at a time do not work, and it is said.
  const [third, fourth] = [createTestKit(), createTestKit()];
  expect(errors).toHaveBeenCalled();
  agent({ name: 'third', action: 'x' }, () => {});
  expect([third.spans().length, fourth.spans().length]).toEqual([1, 0]);
  await third.stop();
});
