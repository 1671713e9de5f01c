import * as anthropicExports from '@anthropic-ai/sdk';
import * as openaiExports from 'openai';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { events, metrics, spans } from '../../instrumentation/src/catalog/catalog.ts';
import { traceExports } from '../../instrumentation/src/llm-clients/trace-exports.ts';
import { createTestKit, type TestKit } from '../../instrumentation/src/testing-kit.ts';
import { quiet } from '../../test/quiet.ts';
import { type Counted, sumOf } from './counts.ts';
import { demoModels } from './demo/models.ts';
import { openFrontDoor } from './front-door.ts';
import type { LedgerRow } from './model-server/ledger.ts';
import { createModelServer } from './model-server/server.ts';
import { openFleet } from './open-fleet.ts';
import { Reception } from './reception.ts';
import { openDocs } from './world/docs.ts';
import { openGithub } from './world/github.ts';
import { sentAs, trafficFaults } from './world/traffic.ts';

// The API as it is in the sources, whatever is built.
vi.mock('@fleetscope/instrumentation', () => import('../../instrumentation/src/fleet.ts'));
traceExports('openai', openaiExports);
traceExports('anthropic', anthropicExports);

const tokenSecret = 'secret';

// Of the usual traffic: two commands, one with a forged token, and one request of everything that is rare.
const numbers = [3, 4, 7, 9, 11, 13, 17, 19];

let kit: TestKit;
let counted: Counted;
let ledger: LedgerRow[];
let github: { issues: number; closed: number; commits: number };

beforeAll(async () => {
  const restore = quiet();
  kit = createTestKit();
  const server = createModelServer({
    ...{ seed: 1, speed: Number.POSITIVE_INFINITY, models: demoModels },
    // Whatever is asked of it, another one has to answer.
    faults: [{ kind: 'errors', model: 'gpt-4o-mini', share: 1, status: 503 }],
  });
  const [models, hub, docs] = await Promise.all([server.listen(), openGithub(), openDocs()]);
  const fleet = await openFleet({
    ...{ seed: 1, speed: Number.POSITIVE_INFINITY, tokenSecret, executionMs: { usual: 15_000, soak: 200 } },
    ...{ githubUrl: hub.url, docsUrl: docs.url },
    models: {
      ...{ openaiUrl: `${models.url}/v1`, openaiKey: 'local', house: true },
      anthropic: { url: models.url, key: 'local' },
    },
  });
  const reception = new Reception(fleet);
  const door = await openFrontDoor(reception, fleet.counts);
  const post = (path: string, body: object, token = '') =>
    fetch(door.url + path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { authorization: `Bearer ${token}` },
    });
  for (const number of numbers) {
    const sent = sentAs(number, 1, tokenSecret, trafficFaults);
    const { status } = await post(sent.path, sent.body, 'token' in sent ? sent.token : undefined);
    expect(status).toBe(200);
  }
  await reception.empty();
  // Now there is something to recall. A review rejects one answer in four or five, by chance.
  const question = { ...sentAs(1, 1, tokenSecret).body, kind: 'question', complexity: 'high' };
  let number = 100;
  do {
    await Promise.all([1, 2, 3].map(() => post('/requests', { ...question, number: ++number })));
    await reception.empty();
  } while (sumOf(fleet.counts.report(), 'retries') === 0 && number < 200);
  expect((await post('/requests/3/feedback', { score: 0.9 })).status).toBe(200);
  expect((await post('/requests/9/feedback', { score: 0.9 })).status).toBe(404);

  // Told to keep away from what it needs, it does without; both are over before it is counted.
  fleet.control.circuitBreaker('search_docs', 'half-open', { by: 'a test', reason: 'to be seen' });
  fleet.control.fallback('gates', 'required-only', { by: 'a test', reason: 'to be seen' });
  await kit.metrics();
  counted = fleet.counts.report();
  ledger = server.ledger.rows();
  github = hub.kept;
  return async () => {
    fleet.stop();
    fleet.close();
    reception.close();
    door.close();
    hub.close();
    docs.close();
    await models.close();
    restore();
  };
});
afterAll(() => kit.stop());

test('S01 a request is one trace: workflow, agent, task, decision, model call, across the bus', () => {
  expect(pathsTo('chat gpt-4.1-nano')).toContainEqual([
    ...['workflow.execute', 'agent.execute Director', 'task.execute plan', 'agent.decide', 'chat gpt-4.1-nano'],
  ]);
  expect(pathsTo('execution.run')).toContainEqual([
    ...['workflow.execute', 'agent.execute Director', 'session', 'module.delegate', 'send Code', 'process Code'],
    ...['agent.execute Code', 'task.execute code', 'code.write', 'execute_tool run_code', 'execution.run'],
  ]);
  // A command is around its workflow.
  expect(pathsTo('workflow.execute')).toContainEqual([
    ...['command.execute', 'session', 'module.delegate', 'workflow.execute'],
  ]);
});

test('S04 every model call is counted the same by the fleet, by the model server and by telemetry', async () => {
  const calls = ledger.reduce((sum, row) => sum + row.calls, 0);
  expect(calls).toBeGreaterThan(50);
  expect(sumOf(counted, 'models')).toBe(calls);
  expect(await total('gen_ai.client.operation.duration')).toBe(calls);
  expect(await total('llm.errors')).toBe(sumOf(counted, 'models', { ends: ' failure' }));
  expect(await total('llm.fallbacks')).toBe(sumOf(counted, 'fallbacks'));
  expect(await total('llm.fallbacks')).toBeGreaterThan(5);
  expect(await total('agent.tokens')).toBe(sumOf(counted, 'tokens'));
  expect(await total('agent.cost')).toBeCloseTo(sumOf(counted, 'usd'), 10);
});

test.each([
  ['S02', 'agent.runs', 'agents'],
  ['S05', 'agent.decisions', 'decisions'],
  ['S06', 'tool.calls', 'tools'],
  ['S07', 'messaging.client.sent.messages', 'messages'],
  ['S08', 'module.delegation.count', 'delegations'],
  ['S10', 'memory.access.duration', 'memory'],
  ['S10', 'execution.duration', 'executions'],
  ['T01', 'agent.task.duration', 'tasks'],
  ['T04', 'workflow.runs', 'workflows'],
  ['T04', 'agent.retry.count', 'retries'],
  ['T05', 'command.executions', 'commands'],
  ['T05', 'quality.gate.checks', 'gates'],
  ['T05', 'github.requests', 'github'],
  ['T05', 'github.issues.created', 'issues'],
  ['T05', 'session.duration', 'sessions'],
  ['T08', 'agent.task.retries', 'retries'],
  ['A18', 'user.feedback.score', 'feedback'],
])('%s %s is what the fleet counted as %s', async (_, metric, group) => {
  expect(sumOf(counted, group)).toBeGreaterThan(0);
  expect(await total(metric)).toBe(sumOf(counted, group));
});

test('T02 T03 so are skills, permissions and approvals, one by one', async () => {
  const some = (group: string, ends: string) => sumOf(counted, group, { ends });
  expect(await total('skill.access.allowed')).toBe(some('skills', ' allowed'));
  expect(await total('skill.access.denied')).toBe(some('skills', ' denied'));
  expect(await total('permission.escalation.requests')).toBe(sumOf(counted, 'permissions'));
  expect(await total('active.permissions.granted')).toBe(0);
  expect(await total('task.approval.requests')).toBe(some('approvals', ' requested'));
  expect(await total('approval.auto_escalated')).toBe(some('approvals', ' escalated'));
  expect(await total('pending.approvals.count')).toBe(0);
  expect(some('skills', ' denied')).toBeGreaterThan(0);
});

test('S08 what was opened and committed at GitHub is what the fleet says', () => {
  expect(github.issues).toBe(sumOf(counted, 'issues'));
  expect(github.commits).toBe(counted.github?.['commit success']);
  expect(counted.commands).toEqual({ 'ask success': 1, 'fix failure': 1 });
});

test('B03 everything in the catalogue is emitted by this work', async () => {
  const recorded = await kit.metrics();
  const names = new Set(kit.spans().map(({ name }) => name));
  const told = new Set(kit.logs().map(({ eventName }) => eventName));
  const isSeen = (declared: string) => [...names].some((name) => patternOf(declared).test(name));
  expect({
    metrics: metrics.filter(({ by, name }) => by === 'fleet' && !recorded.has(name)).map(({ name }) => name),
    spans: spans.filter(({ by, name }) => by === 'fleet' && !isSeen(name)).map(({ name }) => name),
    // That a process came up is told by the preload.
    events: events.filter(({ name }) => !told.has(name) && name !== 'service.started').map(({ name }) => name),
  }).toEqual({ metrics: [], spans: [], events: [] });
  // The patterns do not fit everything.
  expect(isSeen('agent.dream')).toBe(false);
});

/** The sum over all points of a metric; of a histogram, how many values it has. */
async function total(metric: string): Promise<number> {
  const points = await kit.points(metric);
  return points.reduce((sum, { value }) => sum + value, 0);
}

/** From the root to each span of this name. */
function pathsTo(name: string): string[][] {
  const all = new Map(kit.spans().map((span) => [span.spanContext().spanId, span]));
  const label = ({ name, attributes }: { name: string; attributes: Record<string, unknown> }) =>
    [name, name === 'agent.execute' && attributes['agent.name'], name === 'task.execute' && attributes['task.type']]
      .filter(Boolean)
      .join(' ');
  return [...all.values()]
    .filter((span) => span.name === name)
    .map((span) => {
      const path = [label(span)];
      for (let at = span; at.parentSpanContext; ) {
        const parent = all.get(at.parentSpanContext.spanId);
        if (!parent) break;
        path.unshift(label(parent));
        at = parent;
      }
      return path;
    });
}

/** `chat {model}` as a pattern. */
function patternOf(declared: string): RegExp {
  return new RegExp(`^${declared.replace(/\./g, '\\.').replace(/\{\w+\}/g, '.+')}$`);
}
