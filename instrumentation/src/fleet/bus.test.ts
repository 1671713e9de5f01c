import { setImmediate as turn } from 'node:timers/promises';
import { context, SpanKind } from '@opentelemetry/api';
import { afterAll, afterEach, expect, test } from 'vitest';
import { agent, extract, handle, inject, type Message, MessageBus, task, tool, workflow } from '../fleet.ts';
import { createTestKit } from '../testing-kit.ts';

const kit = createTestKit();
afterEach(() => kit.reset());
afterAll(() => kit.stop());

const all = (name: string) => kit.spans().filter((span) => span.name === name);
const depth = async (name: string) =>
  (await kit.points('queue.depth')).find(({ labels }) => labels['queue.name'] === name)?.value;

test('S07 one trace spans a collaboration over the bus, each hop under the last', async () => {
  const bus = new MessageBus<string>();
  bus.receive('coder', ({ payload, from, headers }) =>
    agent({ name: 'coder', action: 'code' }, async () => {
      expect([from, Object.keys(headers)]).toEqual(['director', expect.arrayContaining(['traceparent'])]);
      await turn();
      return `${payload}, ${await bus.send<string>('tester', 'tested')}`;
    }),
  );
  bus.receive('tester', ({ payload }) =>
    agent({ name: 'tester', action: 'test' }, () => tool({ name: 'run' }, () => payload)),
  );
  const answer = await workflow({ name: 'release', id: 'run-1' }, () =>
    agent({ name: 'director', action: 'plan' }, () => bus.send('coder', 'coded')),
  );
  expect(answer).toBe('coded, tested');

  const line = ['execute_tool run', 'agent.execute', 'process tester', 'send tester', 'agent.execute', 'process coder'];
  let span = kit.spans().find(({ name }) => name === line[0]);
  const path: (string | undefined)[] = [];
  for (; span; span = kit.spans().find((other) => other.spanContext().spanId === span?.parentSpanContext?.spanId)) {
    path.push(span.name);
  }
  expect(path).toEqual([...line, 'send coder', 'agent.execute', 'workflow.execute']);
  expect(new Set(kit.spans().map((one) => one.spanContext().traceId)).size).toBe(1);
  // Whose workflow it is goes along, whose agent does not.
  const agents = all('agent.execute').map(({ attributes }) => [attributes['agent.name'], attributes['workflow.name']]);
  expect(agents).toContainEqual(['tester', 'release']);
  const [sent] = all('send coder');
  expect([sent?.kind, all('process coder')[0]?.kind]).toEqual([SpanKind.PRODUCER, SpanKind.CONSUMER]);
  expect(sent?.attributes).toEqual({
    'messaging.destination.name': 'coder',
    'message.sender': 'director',
    'messaging.message.id': expect.stringMatching(/-/),
    'messaging.message.conversation_id': 'run-1',
  });
  expect(all('process coder')[0]?.attributes).toEqual(sent?.attributes);
  const edges = (await kit.points('messaging.client.sent.messages')).map(({ labels }) => Object.values(labels));
  expect(edges).toEqual([
    ['director', 'coder'],
    ['coder', 'tester'],
  ]);
});

test('S07 the trace crosses any transport with headers of text, and nothing else does', async () => {
  let wire = '';
  workflow({ name: 'Prüfung 100 %', id: 'run-2' }, () =>
    agent({ name: 'sender', action: 'send' }, () => {
      wire = JSON.stringify({ to: 'worker', payload: 1, headers: inject({ custom: 'kept' }) });
    }),
  );
  const message = JSON.parse(wire) as Message;
  // Header values of HTTP are ASCII.
  expect(Object.values(message.headers).join('')).toMatch(/^[\x20-\x7e]+$/);
  expect(message.headers.custom).toBe('kept');
  const root = all('workflow.execute')[0]?.spanContext();
  // The receiver is at work on something else: that is not who sent the message.
  const seen = agent({ name: 'poller', action: 'poll' }, () => {
    // Without headers, or with somebody else's, it is a trace of its own.
    handle({ to: 'stranger', headers: { traceparent: 'nonsense', 'fleetscope-workflow-name': '%' } }, () => {});
    return handle(message, () => task({ type: 'work' }, () => tool({ name: 'dig' }, () => message.payload)));
  });
  expect(seen).toBe(1);
  // What is in it is nobody's business.
  let reads = 0;
  const payload = Object.defineProperty({}, 'secret', { get: () => ++reads, enumerable: true });
  expect(handle({ ...message, to: 'sealed', payload }, (received) => received.payload === payload)).toBe(true);
  expect(reads).toBe(0);
  expect(all('process stranger')[0]?.parentSpanContext).toBeUndefined();
  expect(all('task.execute')[0]?.attributes).not.toHaveProperty('agent.name');
  expect(all('process worker')[0]?.spanContext().traceId).toBe(root?.traceId);
  expect(all('process worker')[0]?.parentSpanContext?.isRemote).toBe(true);
  // Or by hand.
  context.with(extract(message.headers), () => agent({ name: 'receiver', action: 'read' }, () => {}));
  const received = all('agent.execute').at(-1);
  expect(received?.attributes['workflow.name']).toBe('Prüfung 100 %');
  expect(received?.spanContext().traceId).toBe(root?.traceId);
});

test('S07 a bus keeps the order, one at a time, and throws to whoever waits for the answer', async () => {
  const bus = new MessageBus<number>();
  const steps: string[] = [];
  const answers = [1, 2, 3].map((at) => bus.send('slow', at));
  expect(bus.waiting('slow')).toBe(3);
  expect(await depth('slow')).toBe(3);
  bus.receive('slow', async ({ payload }) => {
    steps.push(`${payload} begins`);
    await turn();
    steps.push(`${payload} ends`);
    if (payload === 2) throw new RangeError('not two');
    return payload;
  });
  expect(await Promise.allSettled(answers)).toMatchObject([
    { value: 1 },
    { reason: new RangeError('not two') },
    { value: 3 },
  ]);
  expect(steps).toEqual(['1 begins', '1 ends', '2 begins', '2 ends', '3 begins', '3 ends']);
  const [, second] = all('process slow');
  expect(second?.attributes['error.type']).toBe('RangeError');
  expect([bus.waiting('slow'), bus.waiting('nobody'), await depth('slow')]).toEqual([0, 0, 0]);
  expect((await kit.points('queue.wait_time')).find(({ labels }) => labels['queue.name'] === 'slow')?.value).toBe(3);
});

test('S07 a bus that is full or closed says so to who sends, and drops nothing silently', async () => {
  const bus = new MessageBus({ maxWaiting: 1 });
  const first = bus.send('late', 'first');
  await expect(bus.send('late', 'second')).rejects.toThrow('Cannot send to late: 1 messages wait already. Slow down,');
  expect(all('send late').at(-1)?.attributes['error.type']).toBe('Error');
  // Nobody waits for this one: that it is refused must not end the process.
  void bus.send('unread', 'lost');
  expect(await depth('late')).toBe(1);
  bus.close();
  await expect(first).rejects.toThrow('Not delivered to late: the bus was closed. Wait for the answers');
  for (const name of ['late', 'new']) {
    await expect(bus.send(name, 'third')).rejects.toThrow(`Cannot send to ${name}: the bus is closed. Send before`);
  }
  expect(await depth('late')).toBe(0);
});

test('S07 a receiver works on as many messages at once as it says, and takes them in order', async () => {
  for (const [atOnce, most] of [
    [undefined, 1],
    [3, 3],
  ] as const) {
    const bus = new MessageBus<number>();
    const taken: number[] = [];
    let working = 0;
    let seen = 0;
    const work = async ({ payload }: { payload: number }) => {
      taken.push(payload);
      seen = Math.max(seen, ++working);
      await new Promise((resolve) => setImmediate(resolve));
      working -= 1;
    };
    bus.receive('crew', work, atOnce ? { atOnce } : {});
    await Promise.all([1, 2, 3, 4, 5].map((at) => bus.send('crew', at)));
    expect([seen, taken]).toEqual([most, [1, 2, 3, 4, 5]]);
  }
});
