import { setTimeout as wait } from 'node:timers/promises';
import { SpanKind } from '@opentelemetry/api';
import { afterAll, afterEach, expect, test } from 'vitest';
import {
  agent,
  command,
  decision,
  decisionTree,
  delegate,
  github,
  llmCall,
  moduleLoaded,
  qualityGate,
  recordResponseTime,
  recordTestCoverage,
  session,
  task,
  tool,
  workflow,
} from '../fleet.ts';
import { createTestKit } from '../testing-kit.ts';
import { decisionsKept } from './agent-trace.ts';

const kit = createTestKit();
afterEach(() => kit.reset());
afterAll(() => kit.stop());

const named = (name: string) => kit.spans().find((span) => span.name === name);
const parentOf = (name: string) =>
  kit.spans().find((span) => span.spanContext().spanId === named(name)?.parentSpanContext?.spanId)?.name;
const uuid = expect.stringMatching(/^[0-9a-f]{8}-/);
const duration = expect.any(Number);

test('S01 S02 S06 a run is a tree of workflow, agent and tool, with what is known of each', async () => {
  const given = await workflow({ name: 'release', trigger: 'schedule', id: 'run-1' }, async (run) => {
    const instance = await agent({ name: 'director', action: 'plan', version: '2', retries: 3 }, async ({ id }) => {
      await tool(
        { name: 'search', type: 'datastore', callId: 'call-1', api: 'github' },
        async ({ cost, rateLimit }) => {
          cost(0.02);
          cost(0.01);
          cost(-5);
          rateLimit({ limit: 60, remaining: 6, resetSeconds: 30 });
        },
      );
      return id;
    });
    return { run: run.id, instance };
  });
  expect(given).toEqual({ run: 'run-1', instance: uuid });

  const [root, director, search] = ['workflow.execute', 'agent.execute', 'execute_tool search'].map(named);
  expect(root?.parentSpanContext).toBeUndefined();
  expect(root?.attributes).toEqual({
    'gen_ai.operation.name': 'invoke_workflow',
    'gen_ai.workflow.name': 'release',
    'workflow.id': 'run-1',
    'workflow.name': 'release',
    'workflow.trigger': 'schedule',
    'workflow.status': 'completed',
    'workflow.duration.ms': duration,
  });
  expect(director?.parentSpanContext?.spanId).toBe(root?.spanContext().spanId);
  expect(director?.attributes).toEqual({
    'gen_ai.operation.name': 'invoke_agent',
    'gen_ai.agent.id': given.instance,
    'gen_ai.agent.name': 'director',
    'gen_ai.agent.version': '2',
    'agent.id': given.instance,
    'agent.name': 'director',
    'agent.action': 'plan',
    'agent.retries': 3,
    'agent.status': 'completed',
    'agent.duration.ms': duration,
    'workflow.name': 'release',
  });
  expect(search?.parentSpanContext?.spanId).toBe(director?.spanContext().spanId);
  expect(search?.attributes).toEqual({
    'gen_ai.operation.name': 'execute_tool',
    'gen_ai.tool.name': 'search',
    'gen_ai.tool.type': 'datastore',
    'gen_ai.tool.call.id': 'call-1',
    'agent.name': 'director',
    'api.name': 'github',
    'api.rate_limit.limit': 60,
    'api.rate_limit.remaining': 6,
    'api.rate_limit.reset_seconds': 30,
    'tool.cost_usd': 0.03,
    outcome: 'success',
  });
  for (const span of kit.spans()) {
    expect(span.kind).toBe(SpanKind.INTERNAL);
    expect(span.instrumentationScope.name).toBe('@fleetscope/instrumentation');
  }
});

test('S01 S02 what fails or is cancelled says so, and why', async () => {
  const error = Object.assign(new Error('no quota'), { status: 429 });
  const broken = workflow({ name: 'broken' }, () => agent({ name: 'a', action: 'x' }, () => Promise.reject(error)));
  await expect(broken).rejects.toBe(error);
  expect(named('workflow.execute')?.attributes).toMatchObject({ 'workflow.status': 'failed', 'error.type': '429' });
  expect(named('agent.execute')?.attributes).toMatchObject({ 'agent.status': 'failed', 'agent.retries': 0 });
  kit.reset();
  const aborted = agent({ name: 'a', action: 'x' }, async () => AbortSignal.abort().throwIfAborted());
  await expect(aborted).rejects.toThrow('aborted');
  expect(named('agent.execute')?.attributes).toMatchObject({ 'agent.status': 'cancelled', 'error.type': 'AbortError' });
});

test('S04 a model call has its tokens, its time to the first one, and its content only when that is asked for', async () => {
  const ask = () =>
    llmCall({ provider: 'acme', model: 'm-1', stream: true }, async function* (call) {
      call.content({ input: [{ role: 'user', content: 'a secret question' }] });
      yield 'a';
      yield 'b';
      call.response({ model: 'm-1-2026', id: 'answer-1', finishReasons: ['stop'] });
      call.usage({ input: 10, output: 5, cacheRead: 4, reasoning: 2 });
    });
  for await (const _ of ask());
  const [call] = kit.spans();
  expect(call).toMatchObject({ name: 'chat m-1', kind: SpanKind.CLIENT });
  expect(call?.attributes).toMatchObject({
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'acme',
    'gen_ai.request.model': 'm-1',
    'gen_ai.request.stream': true,
    'gen_ai.response.model': 'm-1-2026',
    'gen_ai.response.id': 'answer-1',
    'gen_ai.response.finish_reasons': ['stop'],
    'gen_ai.usage.input_tokens': 10,
    'gen_ai.usage.output_tokens': 5,
    'gen_ai.usage.cache_read.input_tokens': 4,
    'gen_ai.usage.reasoning.output_tokens': 2,
    'gen_ai.response.time_to_first_chunk': duration,
    'llm.fallback': false,
    'llm.cost.known': false,
  });
  expect(JSON.stringify(call?.attributes)).not.toContain('secret');
  for await (const _ of ask()) break;
  expect(kit.spans().at(-1)?.attributes['llm.stream.complete']).toBe(false);
});

const spent = (tokens: number) =>
  llmCall({ provider: 'acme', model: 'm-1' }, ({ usage }) => usage({ input: tokens, output: 1 }));

test('S05 a task keeps its decisions as a tree, with tokens, and tells them on its spans', async () => {
  const trace = await agent({ name: 'director', action: 'plan', id: 'director-1' }, () =>
    task({ type: 'review', id: 'task-1' }, async (work) => {
      const model = await decision({ name: 'choose_model', alternatives: ['big', 'small'] }, async ({ choose }) => {
        spent(100);
        decision({ name: 'is_hard' }, () => 'no');
        return choose('small', { reasoning: 'It is not hard.', confidence: 0.9 });
      });
      expect(model).toBe('small');
      spent(10);
      decision({ name: 'choose_tool' }, ({ choose }) =>
        choose('grep', { alternatives: ['grep', 'search'], confidence: 7 }),
      );
      await expect(decision({ name: 'give_up' }, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
      // The words of a stream are no choice.
      for await (const _ of decision({ name: 'think' }, async function* () {
        yield 'well';
      })) {
      }
      return work.trace();
    }),
  );
  expect(trace).toMatchObject({
    agentId: 'director-1',
    taskId: 'task-1',
    decisions: [
      {
        name: 'choose_model',
        finalChoice: 'small',
        alternatives: ['big', 'small'],
        reasoning: 'It is not hard.',
        confidence: 0.9,
        tokenUsage: { input: 100, output: 1 },
        decisions: [{ name: 'is_hard', finalChoice: 'no', tokenUsage: { input: 0, output: 0 }, decisions: [] }],
      },
      { name: 'choose_tool', finalChoice: 'grep', confidence: undefined, alternatives: ['grep', 'search'] },
      { name: 'give_up', finalChoice: undefined },
      { name: 'think', finalChoice: undefined },
    ],
    finalChoice: undefined,
    tokenUsage: { input: 110, output: 2 },
  });
  expect(decisionTree(trace)).toBe(`director-1 · task-1 · 110 tokens in, 2 out
├─ choose_model: small (90 %), not big
│    It is not hard.
│  └─ is_hard: no
├─ choose_tool: grep, not search
├─ give_up: undecided
└─ think: undecided`);

  const decided = kit.spans().filter(({ name }) => name === 'agent.decide');
  expect(decided.map(({ attributes }) => attributes['agent.decision.name'])).toEqual([
    'is_hard',
    'choose_model',
    'choose_tool',
    'give_up',
    'think',
  ]);
  expect(decided[0]?.parentSpanContext?.spanId).toBe(decided[1]?.spanContext().spanId);
  expect(decided[1]?.attributes).toEqual({
    'agent.name': 'director',
    'agent.id': 'director-1',
    'agent.task.id': 'task-1',
    'agent.decision.name': 'choose_model',
    'agent.decision.reasoning': 'It is not hard.',
    'agent.decision.alternatives': ['big', 'small'],
    'agent.decision.final_choice': 'small',
    'agent.decision.confidence': 0.9,
    'agent.decision.token_usage.input': 100,
    'agent.decision.token_usage.output': 1,
  });
  expect(decided[3]?.attributes['error.type']).toBe('Error');
  expect(kit.spans().find(({ name }) => name === 'task.execute')?.attributes).toMatchObject({
    'agent.name': 'director',
    'agent.id': 'director-1',
    'agent.task.id': 'task-1',
    'task.type': 'review',
    'agent.task.retry.count': 0,
    'agent.trace.decisions': 4,
    'agent.trace.token_usage.input': 110,
    'agent.trace.token_usage.output': 2,
    outcome: 'success',
  });
});

test('S05 a task of a thousand and one decisions keeps a thousand, and its spans tell all', () => {
  const trace = task({ type: 'endless' }, (work) => {
    for (let at = 0; at <= decisionsKept; at++) decision({ name: 'again' }, () => 'yes');
    return work.trace();
  });
  expect(trace.decisions).toHaveLength(decisionsKept);
  expect(trace.agentId).toBe('unknown');
  expect(kit.spans().filter(({ name }) => name === 'agent.decide')).toHaveLength(decisionsKept + 1);
});

test('C02 money is counted once: by the task it was spent in, by the outer one on its span too', async () => {
  const buy = (usd: number) => tool({ name: 'shop' }, ({ cost }) => cost(usd));
  const outer = workflow({ name: 'buying' }, () =>
    agent({ name: 'buyer', action: 'buy' }, () =>
      task({ type: 'outer' }, async () => {
        buy(1);
        await expect(
          task({ type: 'inner' }, async () => {
            decision({ name: 'what' }, () => buy(4));
            throw new Error('sold out');
          }),
        ).rejects.toThrow('sold out');
      }),
    ),
  );
  await outer;
  const costs = (await kit.points('agent.task.cost')).map(({ labels, value }) => [
    labels['task.type'],
    labels.outcome,
    value,
  ]);
  expect(costs).toEqual([
    ['inner', 'failure', 4],
    ['outer', 'success', 1],
  ]);
  const onSpans = kit.spans().filter(({ name }) => name === 'task.execute');
  expect(onSpans.map(({ attributes }) => attributes['agent.task.cost_usd'])).toEqual([4, 5]);
  const byAgent = (await kit.points('agent.cost')).filter(({ labels }) => labels['workflow.name'] === 'buying');
  expect(byAgent.map(({ labels, value }) => [labels['task.type'], value])).toEqual([
    ['outer', 1],
    ['inner', 4],
  ]);
});

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
