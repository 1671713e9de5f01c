import { SeverityNumber } from '@opentelemetry/api';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import {
  agent,
  database,
  health,
  heartbeat,
  log,
  observeMemory,
  observePool,
  observeUtilization,
  operation,
  queue,
} from '../fleet.ts';
import { createTestKit } from '../testing-kit.ts';

// Before there is an SDK: what is observed is asked for again when one comes.
const early = heartbeat('early bird');
const kit = createTestKit();
afterEach(() => {
  kit.reset();
  vi.useRealTimers();
});
afterAll(() => kit.stop());

const shown = async (name: string, label: string) =>
  Object.fromEntries((await kit.points(name)).map(({ labels, value }) => [labels[label], value]));
const beats = () => shown('agent.last_heartbeat.timestamp', 'agent.name');

test('T09 an agent is alive when it works or says so, silent after that, and not missed once it has retired', async () => {
  early.beat();
  expect(await beats()).toEqual({ 'early bird': expect.any(Number) });
  vi.useFakeTimers({ now: 100_000 });
  agent({ name: 'worker', action: 'work' }, () => {});
  const clockwork = heartbeat('clockwork', { everyMs: 1000 });
  const inherited = agent({ name: 'host', action: 'wait' }, () => heartbeat());
  vi.advanceTimersByTime(20_000);
  expect(await beats()).toMatchObject({ worker: 100, clockwork: 120, host: 100 });
  inherited.beat();
  clockwork.stop();
  vi.advanceTimersByTime(5000);
  expect(await beats()).toMatchObject({ worker: 100, clockwork: 120, host: 120 });
  expect(vi.getTimerCount()).toBe(0);
  // No number is greater or less than anything: no rule on silence holds for it, in the SDK's memory of it either.
  heartbeat('worker').retire();
  expect(await beats()).toMatchObject({ worker: Number.NaN, clockwork: 120 });
  expect(await beats()).toMatchObject({ worker: Number.NaN });
  heartbeat('worker');
  expect(await beats()).toMatchObject({ worker: 125 });
  // An interval that Node's timers do not know would beat a thousand times a second.
  heartbeat('patient', { everyMs: 1e12 });
  vi.advanceTimersByTime(60_000);
  expect(await beats()).toMatchObject({ patient: 125 });
});

test('T06 T08 what is observed is read when metrics are collected, until it is stopped; one that throws harms nobody', async () => {
  let waiting = 3;
  const depth = queue('jobs', () => waiting);
  const broken = queue('broken', () => {
    throw new Error('no connection');
  });
  const endless = queue('endless', () => Number.POSITIVE_INFINITY);
  observePool('main', () => ({ used: 2, idle: 8 }));
  const redis = observeMemory('redis', () => 1024);
  observeUtilization('disk', () => 0.5);
  expect(await shown('queue.depth', 'queue.name')).toEqual({ jobs: 3 });
  waiting = 5;
  expect(await shown('queue.depth', 'queue.name')).toEqual({ jobs: 5 });
  expect(await shown('db.client.connection.count', 'db.client.connection.state')).toEqual({ used: 2, idle: 8 });
  expect(await shown('memory.usage', 'component')).toEqual({ redis: 1024 });
  expect(await shown('resource.utilization', 'resource.type')).toEqual({ disk: 0.5 });
  depth.taken(Date.now() - 1500);
  depth.taken(Number.NaN);
  const [wait] = (await kit.metrics()).get('queue.wait_time')?.dataPoints ?? [];
  expect(wait?.value).toMatchObject({ count: 1, sum: expect.closeTo(1.5, 0) });
  for (const watch of [depth, broken, endless, redis]) watch.stop();
  depth.stop();
  // Not for ever at its last value: a queue that is gone is no backlog.
  expect(await shown('queue.depth', 'queue.name')).toEqual({ jobs: 0 });
  expect(await shown('memory.usage', 'component')).toEqual({ redis: 0 });
});

test('T06 T08 the parts of a system have a health, operations with their errors, and database calls', async () => {
  health('api', 'degraded');
  health('cache', 'down');
  health('api', 'healthy');
  expect(await shown('framework.health.status', 'component')).toEqual({ api: 2, cache: 0 });
  expect(operation('api', () => 1)).toBe(1);
  await expect(operation('api', () => Promise.reject(new RangeError('off')))).rejects.toThrow('off');
  expect((await kit.points('component.operations')).map(({ labels }) => labels)).toEqual([
    { component: 'api', outcome: 'success' },
    { component: 'api', outcome: 'failure', 'error.type': 'RangeError' },
  ]);
  const select = { system: 'sqlite', operation: 'SELECT', database: 'ledger' };
  expect(await database(select, async () => ['a row'])).toEqual(['a row']);
  expect(kit.spans().at(-1)).toMatchObject({
    name: 'SELECT ledger',
    attributes: { 'db.system.name': 'sqlite', 'db.operation.name': 'SELECT', 'db.namespace': 'ledger' },
  });
  expect((await kit.points('db.client.operation.duration'))[0]?.value).toBe(1);
});

test('I05 a structured record has its level, its fields and the trace it was written in', () => {
  const error = Object.assign(new Error('no route'), { code: 'EHOSTUNREACH' });
  agent({ name: 'coder', action: 'code' }, () =>
    log.error('deployment failed', {
      component: 'deployer',
      command: 'deploy',
      userId: 'u-1',
      sessionId: 's-1',
      error,
      recoveryAction: 'rolled back',
      impact: 'none',
    }),
  );
  const [record] = kit.logs();
  expect(record).toMatchObject({
    eventName: 'fleet.log',
    body: 'deployment failed',
    severityNumber: SeverityNumber.ERROR,
    severityText: 'ERROR',
  });
  expect(record?.attributes).toEqual({
    component: 'deployer',
    command: 'deploy',
    'user.id': 'u-1',
    'session.id': 's-1',
    'error.type': 'EHOSTUNREACH',
    'error.message': 'no route',
    'exception.stacktrace': error.stack,
    'recovery.action': 'rolled back',
    impact: 'none',
  });
  expect(record?.spanContext?.spanId).toBe(kit.spans()[0]?.spanContext().spanId);
  log.debug('plain');
  log.warn('thrown text', { error: 'not an Error' });
  log.fatal(new Error('as a message') as never, null as never);
  expect(
    kit
      .logs()
      .slice(1)
      .map(({ severityText, body, attributes }) => [severityText, body, attributes]),
  ).toEqual([
    ['DEBUG', 'plain', {}],
    ['WARN', 'thrown text', { 'error.type': 'string', 'error.message': 'not an Error' }],
    ['FATAL', 'Error: as a message', {}],
  ]);
});
