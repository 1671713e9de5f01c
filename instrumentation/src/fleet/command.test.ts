import { setTimeout as wait } from 'node:timers/promises';
import { SpanKind } from '@opentelemetry/api';
import { afterAll, afterEach, expect, test } from 'vitest';
import {
  agent,
  command,
  delegate,
  github,
  moduleLoaded,
  qualityGate,
  recordResponseTime,
  recordTestCoverage,
  session,
} from '../fleet.ts';
import { createTestKit } from '../testing-kit.ts';

const kit = createTestKit();
afterEach(() => kit.reset());
afterAll(() => kit.stop());

const named = (name: string) => kit.spans().find((span) => span.name === name);
const parentOf = (name: string) =>
  kit.spans().find((span) => span.spanContext().spanId === named(name)?.parentSpanContext?.spanId)?.name;

test('S08 a command is one span with its steps in it, and says all that was done', async () => {
  const options = { type: 'deploy', complexity: 'enterprise', enterpriseId: 'e-17', targetMs: 60_000 } as const;
  const answer = await command({ ...options, id: 'command-1', userClass: 'admin' }, async (steps) => {
    expect(steps.id).toBe('command-1');
    const user = await steps.authenticate(async () => 'ada');
    const wanted = steps.parse(() => `${user} deploys`);
    await delegate({ to: 'builder' }, async () => {
      await delegate({ to: 'compiler' }, () => wait(1));
      qualityGate({ type: 'lint' }, ({ passed }) => passed('no finding'));
      qualityGate({ type: 'coverage', severity: 'warning' }, ({ failed }) => failed('71 %'));
      qualityGate({ type: 'types' }, () => false);
      const crashing = qualityGate({ type: 'security' }, () => Promise.reject(new Error('scanner gone')));
      await expect(crashing).rejects.toThrow('scanner gone');
    });
    github({ operation: 'create_issue', issue: { type: 'bug', complexity: 'low', auto: false } }, () => 1);
    github({ operation: 'commit' }, () => 'abc');
    await session({ type: 'pair', id: 'session-1', userId: 'u-1', agents: 0 }, async (pair) => {
      for (const name of ['coder', 'tester']) agent({ name, action: 'work' }, () => pair.joined());
      pair.feedback(0.8);
      pair.feedback(80);
      expect((await kit.points('concurrent.sessions.active'))[0]).toMatchObject({ value: 1 });
    });
    return steps.respond(() => wanted);
  });
  expect(answer).toBe('ada deploys');

  const number = expect.any(Number);
  expect(named('command.execute')?.attributes).toEqual({
    'framework.command.id': 'command-1',
    'framework.command.type': 'deploy',
    'framework.command.complexity': 'enterprise',
    'framework.module.delegations': 2,
    'framework.quality.gates.executed': 4,
    'framework.github.integration.active': true,
    'framework.session.type': 'pair',
    'framework.user.enterprise_id': 'e-17',
    'user.class': 'admin',
    'response.time.target_ms': 60_000,
    'response.time.actual_ms': number,
    'performance.sla.met': true,
    'resource.utilization.peak_cpu': number,
    'resource.utilization.peak_memory': number,
    status: 'success',
  });
  expect(named('command.execute')?.attributes['resource.utilization.peak_memory']).toBeGreaterThan(1e6);
  const steps = ['command.authenticate', 'command.parse', 'command.respond', 'module.delegate', 'quality.gate'];
  expect(steps.map(parentOf)).toEqual([
    ...['command.execute', 'command.execute', 'command.execute', 'module.delegate', 'module.delegate'],
  ]);
  expect(['github.create_issue', 'session', 'agent.execute'].map(parentOf)).toEqual([
    ...['command.execute', 'command.execute', 'session'],
  ]);
  const gates = kit.spans().filter(({ name }) => name === 'quality.gate');
  const verdicts = gates.map(({ attributes: of }) => [of['gate.type'], of.severity, of.status]);
  expect(verdicts).toEqual([
    ['lint', 'blocking', 'passed'],
    ['coverage', 'warning', 'failed'],
    ['types', 'blocking', 'failed'],
    ['security', 'blocking', 'error'],
  ]);
  expect(gates[1]?.attributes['framework.quality.gate.detail']).toBe('71 %');
  expect(named('github.create_issue')?.kind).toBe(SpanKind.CLIENT);
  expect(named('session')?.attributes).toEqual({
    'session.id': 'session-1',
    'framework.session.type': 'pair',
    'user.id': 'u-1',
    'agent.count': '2-5',
    outcome: 'success',
  });
  expect(await kit.points('github.issues.created')).toEqual([
    { labels: { 'issue.type': 'bug', 'complexity.level': 'low', 'auto.created': 'false' }, value: 1 },
  ]);
  expect((await kit.points('user.feedback.score'))[0]?.value).toBe(1);
  expect((await kit.points('concurrent.sessions.active'))[0]?.value).toBe(0);
});

test('S08 a command that is turned away, or late, says so; one at rest has delegated nothing', async () => {
  const refused = command({ type: 'login', targetMs: 0 }, ({ authenticate }) =>
    authenticate(() => Promise.reject(Object.assign(new Error('who?'), { status: 401 }))),
  );
  await expect(refused).rejects.toThrow('who?');
  expect(named('command.execute')?.attributes).toMatchObject({
    'performance.sla.met': false,
    'framework.module.delegations': 0,
    'framework.github.integration.active': false,
    'error.type': '401',
    status: 'failure',
  });
  kit.reset();
  command({ type: 'idle' }, () => {});
  expect(named('command.execute')?.attributes).not.toHaveProperty('performance.sla.met');
  // What happens outside of a command is nobody's tally.
  delegate({ to: 'builder' }, () => {});
  moduleLoaded('builder', false);
  recordTestCoverage(0.71, { module: 'core', project: 'library' });
  recordTestCoverage(71, { module: 'core', project: 'library' });
  expect((await kit.points('test.coverage')).map(({ value }) => value)).toEqual([0.71]);
  recordResponseTime(0.1, { operation: 'search', size: 'small' });
  expect((await kit.points('response.time'))[0]?.labels).toEqual({
    'operation.type': 'search',
    'resource.size': 'small',
  });
  const turnedAway = (await kit.points('authentication.attempts')).find(({ labels }) => labels.outcome === 'failure');
  expect(turnedAway?.value).toBe(1);
  const delegations = (await kit.points('module.delegation.count')).map(({ labels }) => labels['source.command']);
  expect(delegations).toEqual(['deploy', 'deploy', 'unknown']);
  expect(await kit.points('module.loads')).toEqual([
    { labels: { 'target.module': 'builder', status: 'failure' }, value: 1 },
  ]);
});
