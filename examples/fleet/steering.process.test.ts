/** The fleet obeys what it is told over HTTP: the other side of the escalation service's hooks. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createTestKit, type TestKit } from '../../instrumentation/src/testing-kit.ts';
import { quiet } from '../../test/quiet.ts';
import { sumOf } from './counts.ts';
import { demoModels } from './demo/models.ts';
import type { Fleet } from './fleet.ts';
import { createModelServer } from './model-server/server.ts';
import { openFleet } from './open-fleet.ts';
import { Reception } from './reception.ts';
import type { Request } from './requests.ts';
import { openDocs } from './world/docs.ts';
import { openGithub } from './world/github.ts';

vi.mock('@fleetscope/instrumentation', () => import('../../instrumentation/src/fleet.ts'));
const { controlServer } = await import('../../instrumentation/src/fleet.ts');

const token = 'the token of a test';
let kit: TestKit;
let fleet: Fleet;
let reception: Reception;
let url: string;
let close: () => Promise<void>;

beforeEach(async () => {
  const restore = quiet();
  kit = createTestKit();
  const server = createModelServer({ seed: 1, speed: Number.POSITIVE_INFINITY, models: demoModels, faults: [] });
  const [models, hub, docs] = await Promise.all([server.listen(), openGithub(), openDocs()]);
  fleet = await openFleet({
    ...{ seed: 1, speed: Number.POSITIVE_INFINITY, tokenSecret: 'secret', executionMs: { usual: 15_000, soak: 200 } },
    ...{ githubUrl: hub.url, docsUrl: docs.url },
    models: { openaiUrl: `${models.url}/v1`, openaiKey: 'local', house: true },
  });
  reception = new Reception(fleet);
  const control = await controlServer(fleet.control, { token });
  url = control.url;
  close = async () => {
    fleet.stop();
    await control.close();
    fleet.close();
    reception.close();
    hub.close();
    docs.close();
    await models.close();
    await kit.stop();
    restore();
  };
});
afterEach(() => close());

async function order(path: string, body: object = {}) {
  const response = await fetch(`${url}/control/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify({ by: 'incident 7', reason: 'a test', ...body }),
  });
  expect(response.status).toBe(200);
}

/** A question that is answered from the documentation. */
function ask(number: number): void {
  const request = {
    kind: 'question',
    trigger: 'manual',
    subject: 'medians',
    repository: 'acme/app',
    complexity: 'low',
  };
  expect(reception.take({ kind: 'request', request: { number, ...request } as Request })).toBe(true);
}

const phases = (...numbers: number[]) => numbers.map((number) => reception.stateOf(number)?.phase);

test('X04 a fleet that is paused by a POST takes requests and works on none; resumed, it works on all', async () => {
  await order('pause');
  for (const number of [1, 2, 3]) ask(number);
  await new Promise(setImmediate);
  expect(phases(1, 2, 3)).toEqual(['waiting', 'waiting', 'waiting']);
  expect(sumOf(fleet.counts.report(), 'models')).toBe(0);
  await order('resume');
  await reception.empty();
  expect(phases(1, 2, 3).every((phase) => phase === 'done' || phase === 'failed')).toBe(true);
  expect(sumOf(fleet.counts.report(), 'models')).toBeGreaterThan(2);
  const told = kit.logs().filter(({ eventName }) => eventName === 'audit.fleet.control');
  expect(told.map(({ attributes }) => attributes['fleet.control.action'])).toEqual(['pause', 'resume']);
});

test('X04 with the circuit of its search open, Research answers from memory, and asks the documentation nothing', async () => {
  ask(1);
  await reception.empty();
  const before = fleet.counts.report().tools?.['search_docs success'];
  expect(before).toBeGreaterThan(0);
  await order('circuit-breaker', { name: 'search_docs', state: 'open' });
  ask(2);
  await reception.empty();
  expect(fleet.counts.report().tools?.['search_docs success']).toBe(before);
  expect(phases(2)).not.toEqual(['waiting']);
});

test('X04 with a fallback for models, no other is asked; one that does not exist is left alone', async () => {
  await order('fallback', { name: 'model', module: 'gpt-4.1-mini' });
  ask(1);
  await reception.empty();
  const asked = () => new Set(Object.keys(fleet.counts.report().models ?? {}).map((name) => name.split(' ')[0]));
  expect(asked()).toEqual(new Set(['gpt-4.1-mini', 'text-embedding-3-small']));
  await order('fallback', { name: 'model', module: 'no-such-model' });
  ask(2);
  await reception.empty();
  expect(asked()).toContain('gpt-4.1-nano');
  expect(asked()).not.toContain('no-such-model');
});

test('X04 with gates reduced to what is required, only what blocks is checked', async () => {
  await order('fallback', { name: 'gates', module: 'required-only' });
  ask(1);
  await reception.empty();
  const gates = Object.keys(fleet.counts.report().gates ?? {});
  expect(gates.some((gate) => gate.startsWith('sources'))).toBe(true);
  expect(gates.some((gate) => gate.startsWith('length'))).toBe(false);
});

test('X04 a throttled fleet begins one request and lets the others wait', async () => {
  await order('throttle', { perMinute: 1 });
  for (const number of [1, 2]) ask(number);
  await vi.waitFor(() => expect(phases(1)).not.toEqual(['waiting']));
  expect(phases(2)).toEqual(['waiting']);
  await order('throttle', { perMinute: null });
  await reception.empty();
  expect(phases(2)).not.toEqual(['waiting']);
});
