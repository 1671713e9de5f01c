import { EventEmitter } from 'node:events';
import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';
import { SpanStatusCode } from '@opentelemetry/api';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { agentExecute } from '../catalog/agents.ts';
import {
  agent,
  code,
  command,
  database,
  decision,
  delegate,
  execution,
  github,
  llmCall,
  log,
  memoryAccess,
  operation,
  qualityGate,
  session,
  task,
  tool,
  workflow,
} from '../fleet.ts';
import { createTestKit } from '../testing-kit.ts';
import { begin } from './run.ts';

const kit = createTestKit();
afterEach(() => kit.reset());
afterAll(() => kit.stop());

/** Every call that takes a function, and the span it opens. */
const calls: [span: string, call: <T>(fn: () => T) => T][] = [
  ['workflow.execute', (fn) => workflow({ name: 'w' }, fn)],
  ['agent.execute', (fn) => agent({ name: 'a', action: 'plan' }, fn)],
  ['task.execute', (fn) => task({ type: 't' }, fn)],
  ['agent.decide', (fn) => decision({ name: 'd' }, fn)],
  ['execute_tool t', (fn) => tool({ name: 't' }, fn)],
  ['chat m', (fn) => llmCall({ provider: 'p', model: 'm' }, fn)],
  ['command.execute', (fn) => command({ type: 'c' }, fn)],
  ['module.delegate', (fn) => delegate({ to: 'm' }, fn)],
  ['quality.gate', (fn) => qualityGate({ type: 'lint' }, fn)],
  ['github.commit', (fn) => github({ operation: 'commit' }, fn)],
  ['session', (fn) => session({ type: 'chat' }, fn)],
  ['memory.access', (fn) => memoryAccess({ layer: 'working', operation: 'read' }, fn)],
  ['code.write', (fn) => code({ language: 'ts' }, fn)],
  ['execution.run', (fn) => execution({ runtime: 'node' }, fn)],
  ['component part', (fn) => operation('part', fn)],
  ['SELECT db', (fn) => database({ system: 'sqlite', operation: 'SELECT', database: 'db' }, fn)],
];

test.each(calls)('S03 %s runs its function once, and gives back what it gives back', async (name, call) => {
  const value = { any: 'thing' };
  const error = new TypeError('boom');
  let runs = 0;
  const counting = <T>(fn: () => T) => {
    return () => {
      runs += 1;
      return fn();
    };
  };
  expect(call(counting(() => value))).toBe(value);
  expect(await call(counting(async () => value))).toBe(value);
  expect(() =>
    call(
      counting(() => {
        throw error;
      }),
    ),
  ).toThrow(error);
  await expect(call(counting(() => Promise.reject(error)))).rejects.toBe(error);
  expect(runs).toBe(4);
  const spans = kit.spans().filter((span) => span.name === name);
  expect(spans).toHaveLength(4);
  for (const span of spans.slice(0, 2)) expect(span.status.code).toBe(SpanStatusCode.UNSET);
  for (const span of spans.slice(2)) {
    expect(span.status).toEqual({ code: SpanStatusCode.ERROR, message: 'boom' });
    expect(span.attributes['error.type']).toBe('TypeError');
    expect(span.events).toMatchObject([{ name: 'exception', attributes: { 'exception.message': 'boom' } }]);
  }
});

test('S03 an error is known by its status, its code or its class; an abort is no failure', () => {
  class QuotaExceeded extends Error {}
  const thrown: [error: unknown, type: string, message?: string][] = [
    [Object.assign(new Error('slow down'), { status: 429, code: 'rate_limit' }), '429', 'slow down'],
    [Object.assign(new Error('gone'), { code: 'ECONNRESET' }), 'ECONNRESET', 'gone'],
    // A code that carries data is none.
    [Object.assign(new Error('odd'), { code: 'user 4711' }), 'Error', 'odd'],
    [new QuotaExceeded('empty'), 'QuotaExceeded', 'empty'],
    ['a text', 'string', 'a text'],
    [undefined, 'undefined', 'undefined'],
    [AbortSignal.abort().reason, 'AbortError'],
  ];
  for (const [error] of thrown) {
    let caught: unknown = 'nothing';
    try {
      operation('part', () => {
        throw error;
      });
    } catch (found) {
      caught = found;
    }
    expect(caught).toBe(error);
  }
  const seen = kit.spans().map(({ attributes, status }) => [attributes['error.type'], status.message]);
  expect(seen).toEqual(thrown.map(([, type, message]) => [type, message]));
  expect(kit.spans().at(-1)?.status.code).toBe(SpanStatusCode.UNSET);
});

test('S02 a span that is begun by hand ends once, however often it is told to', () => {
  const onEnd = vi.fn();
  const { inside, end } = begin({ declaration: agentExecute, attributes: { 'agent.name': 'a' }, onEnd });
  expect(inside(() => tool({ name: 'inner' }, () => 'done'))).toBe('done');
  expect(kit.spans().map(({ name }) => name)).toEqual(['execute_tool inner']);
  end({ failed: false, complete: true });
  end({ failed: true, complete: false, error: new Error('late') });
  expect(kit.spans().map(({ name, status }) => [name, status.code])).toEqual([
    ['execute_tool inner', SpanStatusCode.UNSET],
    ['agent.execute', SpanStatusCode.UNSET],
  ]);
  expect(onEnd).toHaveBeenCalledTimes(1);
});

test('S02 parents are right across await, fifty agents at once, timers, emitters and streams', async () => {
  const emitter = new EventEmitter();
  emitter.on('found', (name: string) => tool({ name }, () => {}));
  async function* pages() {
    for (let page = 0; page < 2; page++) {
      await turn();
      yield tool({ name: 'page' }, () => page);
    }
  }
  await workflow({ name: 'research' }, async () => {
    await turn();
    await Promise.all(
      Array.from({ length: 50 }, (_, at) =>
        agent({ name: `agent ${at}`, action: 'search' }, async () => {
          await wait(at % 3);
          await new Promise<void>((done) => setImmediate(() => done(tool({ name: `timer ${at}` }, () => {}))));
          emitter.emit('found', `emitted ${at}`);
          queueMicrotask(() => log.info(`micro ${at}`));
        }),
      ),
    );
    // Read outside of the agent that made it: what the stream does in a step is still the agent's.
    for await (const _ of agent({ name: 'reader', action: 'read' }, () => pages())) tool({ name: 'outside' }, () => {});
  });
  const spans = kit.spans();
  const [root] = spans.filter(({ name }) => name === 'workflow.execute');
  expect(new Set(spans.map((span) => span.spanContext().traceId))).toEqual(new Set([root?.spanContext().traceId]));
  const idOf = (agentName: string) =>
    spans
      .find(({ attributes, name }) => name === 'agent.execute' && attributes['agent.name'] === agentName)
      ?.spanContext().spanId;
  const parentsOf = (toolName: string) =>
    spans.filter(({ name }) => name === `execute_tool ${toolName}`).map((span) => span.parentSpanContext?.spanId);
  for (let at = 0; at < 50; at++) {
    const own = idOf(`agent ${at}`);
    expect(own).toMatch(/^[0-9a-f]{16}$/);
    expect([parentsOf(`timer ${at}`), parentsOf(`emitted ${at}`)]).toEqual([[own], [own]]);
    expect(kit.logs().find(({ body }) => body === `micro ${at}`)?.spanContext?.spanId).toBe(own);
  }
  expect(parentsOf('page')).toEqual([idOf('reader'), idOf('reader')]);
  const rootId = root?.spanContext().spanId;
  expect(parentsOf('outside')).toEqual([rootId, rootId]);
  expect(spans.filter((span) => span.parentSpanContext?.spanId === rootId)).toHaveLength(53);
});
