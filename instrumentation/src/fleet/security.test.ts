import { SeverityNumber, SpanStatusCode } from '@opentelemetry/api';
import { afterAll, afterEach, expect, test } from 'vitest';
import {
  agent,
  auditViolation,
  authentication,
  code,
  decision,
  escalatePermission,
  execution,
  llmCall,
  memoryAccess,
  skillAccess,
  task,
} from '../fleet.ts';
import { createTestKit } from '../testing-kit.ts';

const kit = createTestKit();
afterEach(() => kit.reset());
afterAll(() => kit.stop());

const named = (name: string) => kit.spans().find((span) => span.name === name);

test('S09 T02 a skill is granted or denied with a reason, and only a denial is a security event', async () => {
  agent({ name: 'coder', action: 'code', id: 'coder-1' }, () => {
    expect(skillAccess({ skill: 'shell', allowed: true, reason: 'sandboxed' })).toBe(true);
    expect(skillAccess({ skill: 'shell', allowed: false, reason: 'no sandbox', denial: 'not_in_role' })).toBe(false);
  });
  expect(skillAccess({ skill: 'mail', allowed: false, agent: 'visitor' })).toBe(false);
  const [granted, denied, visitor] = kit.spans().filter(({ name }) => name === 'skill.access');
  expect(granted?.attributes).toEqual({
    'agent.name': 'coder',
    'agent.id': 'coder-1',
    'skill.name': 'shell',
    'skill.access.allowed': true,
    'skill.access.reason': 'sandboxed',
  });
  expect(denied?.attributes).toMatchObject({ 'skill.access.allowed': false, 'skill.denial.reason': 'not_in_role' });
  expect(visitor?.attributes).toMatchObject({ 'agent.name': 'visitor', 'skill.denial.reason': 'policy' });
  const [event, ...others] = kit.logs();
  expect(event).toMatchObject({
    eventName: 'security.skill_denied',
    body: 'coder may not use shell',
    severityNumber: SeverityNumber.WARN,
    attributes: { 'skill.name': 'shell', 'skill.denial.reason': 'not_in_role', 'skill.access.reason': 'no sandbox' },
  });
  expect(event?.spanContext?.spanId).toBe(named('agent.execute')?.spanContext().spanId);
  expect(others).toHaveLength(1);
  expect(await kit.points('skill.access.allowed')).toEqual([
    { labels: { 'agent.name': 'coder', 'skill.name': 'shell' }, value: 1 },
  ]);
  expect((await kit.points('skill.access.denied')).map(({ labels }) => Object.values(labels))).toEqual([
    ['coder', 'shell', 'not_in_role'],
    ['visitor', 'mail', 'policy'],
  ]);
});

test('S09 T02 a permission that was granted is held until it is released, once; a refused one never', async () => {
  const held = async () => (await kit.points('active.permissions.granted'))[0]?.value;
  const { release } = escalatePermission({ permission: 'write', granted: true, agent: 'coder', reason: 'a fix' });
  expect(await held()).toBe(1);
  escalatePermission({ permission: 'write', granted: false, agent: 'coder' }).release();
  expect(await held()).toBe(1);
  release();
  release();
  expect(await held()).toBe(0);
  expect(named('permission.escalate')?.attributes).toEqual({
    'agent.name': 'coder',
    'permission.name': 'write',
    'permission.reason': 'a fix',
    outcome: 'success',
  });
  expect(kit.logs().map(({ eventName, body }) => [eventName, body])).toEqual([
    ['audit.permission_escalated', 'coder asked for write: granted'],
    ['audit.permission_escalated', 'coder asked for write: refused'],
  ]);
});

test('S09 T02 a violation is an error on the trace, a count and an audit record', async () => {
  agent({ name: 'coder', action: 'code' }, () =>
    auditViolation({ type: 'data_exposure', severity: 'critical', detail: 'a key in a log' }),
  );
  const span = named('audit.violation');
  expect(span?.status).toEqual({ code: SpanStatusCode.ERROR, message: 'data_exposure' });
  expect(span?.attributes).toMatchObject({
    'error.type': 'data_exposure',
    'audit.violation.type': 'data_exposure',
    'audit.violation.severity': 'critical',
    'audit.violation.detail': 'a key in a log',
  });
  // The agent it happened in did not fail by it.
  expect(named('agent.execute')?.status.code).toBe(SpanStatusCode.UNSET);
  expect(kit.logs()[0]).toMatchObject({
    eventName: 'audit.violation',
    body: 'a key in a log',
    severityNumber: SeverityNumber.ERROR,
  });
  expect((await kit.points('audit.violations.logged'))[0]?.labels).toEqual({
    'agent.name': 'coder',
    'audit.violation.type': 'data_exposure',
    'audit.violation.severity': 'critical',
  });
  for (const succeeded of [true, false, false]) authentication(succeeded);
  expect((await kit.points('authentication.attempts')).map(({ labels, value }) => [labels.outcome, value])).toEqual([
    ['success', 1],
    ['failure', 2],
  ]);
});

test('S10 code that an agent runs says what it used, touched, hit and tried', async () => {
  await agent({ name: 'coder', action: 'run' }, () =>
    execution({ runtime: 'python', timeoutMs: 500 }, async (run) => {
      run.used({ cpuSeconds: 0.5, peakMemoryBytes: 2e6 });
      for (let at = 0; at < 200; at++) run.file('read', `/data/${at}`);
      run.file('write', '/out');
      run.network('example.org');
      run.network('example.org');
      run.hitLimit('time');
      run.escapeAttempt('opened /proc/1/root');
      run.rolledBack();
    }),
  );
  const attributes = named('execution.run')?.attributes;
  expect(attributes).toMatchObject({
    'agent.name': 'coder',
    'execution.runtime': 'python',
    'execution.timeout_ms': 500,
    'execution.timed_out': true,
    'execution.cpu_seconds': 0.5,
    'execution.memory_bytes': 2e6,
    'execution.hosts': ['example.org'],
    'execution.limits_hit': ['time'],
    'execution.sandbox.escape_attempted': true,
    'execution.rolled_back': true,
    outcome: 'success',
  });
  // A program that touches a million files does not make a span of a million.
  expect(attributes?.['execution.files']).toHaveLength(100);
  expect(kit.logs().map(({ eventName, body }) => [eventName, body])).toEqual([
    ['security.sandbox_escape', 'opened /proc/1/root'],
    ['audit.violation', 'opened /proc/1/root'],
  ]);
  const violation = named('audit.violation');
  expect(violation?.parentSpanContext?.spanId).toBe(named('execution.run')?.spanContext().spanId);
  expect(violation?.attributes).toMatchObject({ 'agent.name': 'coder', 'audit.violation.severity': 'critical' });
  const peak = (await kit.metrics()).get('execution.memory.peak')?.dataPoints[0]?.value;
  expect(peak).toMatchObject({ count: 1, sum: 2e6 });

  kit.reset();
  execution({ runtime: 'node' }, (run) => run.used({ cpuSeconds: Number.NaN }));
  expect(named('execution.run')?.attributes).toMatchObject({
    'execution.timed_out': false,
    'execution.files': [],
    'execution.rolled_back': false,
  });
  // What is no number would never leave a sum again.
  expect(await kit.points('execution.cpu.time')).toEqual([{ labels: { 'execution.runtime': 'python' }, value: 0.5 }]);
});

test('S10 written code knows the tokens it took, and leaves the decisions in it to the task', () => {
  const trace = task({ type: 'write' }, (work) => {
    code({ language: 'ts' }, () => {
      decision({ name: 'how' }, ({ choose }) => choose('briefly'));
      llmCall({ provider: 'acme', model: 'm-1' }, ({ usage }) => usage({ input: 10, output: 7 }));
    });
    return work.trace();
  });
  expect(named('code.write')?.attributes['code.tokens']).toBe(7);
  expect(trace).toMatchObject({ finalChoice: 'briefly', tokenUsage: { input: 10, output: 7 } });
});

test('S10 written code counts as failed when it throws, or says so', async () => {
  code({ language: 'typescript', framework: 'vitest' }, ({ result }) =>
    result({ tokens: 900, lines: 40, coverage: 0.8 }),
  );
  code({ language: 'go' }, ({ result }) => result({ success: false }));
  const broken = code({ language: 'go' }, () => Promise.reject(new SyntaxError('unexpected }')));
  await expect(broken).rejects.toThrow('unexpected }');
  expect(kit.spans()[0]?.attributes).toEqual({
    'code.language': 'typescript',
    'code.framework': 'vitest',
    'code.tokens': 900,
    'code.lines': 40,
    'code.coverage': 0.8,
    outcome: 'success',
  });
  const changes = (await kit.points('code.changes'))
    .filter(({ labels }) => labels['code.language'] !== 'ts')
    .map(({ labels, value }) => [labels['code.language'], labels.outcome, value]);
  expect(changes).toEqual([
    ['typescript', 'success', 1],
    ['go', 'failure', 2],
  ]);
});

test('S10 an access to memory tells its layer, its pattern and how well it matched', async () => {
  const facts = agent({ name: 'coder', action: 'recall' }, () =>
    memoryAccess({ layer: 'semantic', operation: 'search', pattern: 'vector' }, ({ found }) => {
      found(3, 0.85);
      return ['a', 'b', 'c'];
    }),
  );
  expect(facts).toHaveLength(3);
  memoryAccess({ layer: 'working', operation: 'write' }, ({ found }) => found(0));
  expect(named('memory.access')?.attributes).toEqual({
    'agent.name': 'coder',
    'memory.layer': 'semantic',
    'memory.operation': 'search',
    'memory.access.pattern': 'vector',
    'memory.results': 3,
    'memory.similarity.score': 0.85,
  });
  expect((await kit.points('memory.similarity.score')).map(({ labels }) => labels)).toEqual([
    { 'memory.layer': 'semantic' },
  ]);
  expect(await kit.points('memory.access.duration')).toHaveLength(2);
});
