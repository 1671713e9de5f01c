/** What people and models wrote stays out of the stack, unless it is switched on. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { attributesOf, type Fixture, fixtures, plain, requestOf, spanOf } from './ai-spans.ts';
import { type CollectorAlone, type Span, startCollectorAlone } from './collector-alone.ts';

let collector: CollectorAlone;
beforeAll(async () => {
  collector = await startCollectorAlone();
});
afterAll(() => collector?.stop());

/** The conversation of the recordings, as it was typed, answered, and passed to the tool. */
const words = /Lima|[Ss]unny|Be brief|Weather in|"ready"/;

test.each(fixtures)('I07 no word of a prompt, an answer or a tool call leaves: $title', async ({ request, logs }) => {
  expect(JSON.stringify([request, logs])).toMatch(words);
  expect(JSON.stringify(await collector.traces(request)).match(words)).toBeNull();
});

test('I07 the text of message events is gone from log records, other records keep theirs', async () => {
  const { logs } = fixtures.find((fixture) => fixture.logs) as Required<Fixture>;
  expect(JSON.stringify(logs)).toMatch(words);
  const records = await collector.logs(logs);
  expect(JSON.stringify(records).match(words)).toBeNull();
  const bodies = records.map(({ body }) => body?.stringValue);
  expect(new Set(bodies)).toEqual(
    new Set([
      'gen_ai.system.message',
      'gen_ai.user.message',
      'gen_ai.choice',
      'gen_ai.client.inference.operation.details',
    ]),
  );
  const attributes = attributesOf({ 'event.name': 'order.placed', content: 'three hammers', role: 'customer' });
  const order = { body: { stringValue: 'Weather in Lima?' }, attributes };
  const [same] = await collector.logs({
    resourceLogs: [{ resource: {}, scopeLogs: [{ scope: { name: 'shop' }, logRecords: [order] }] }],
  });
  expect(same?.body).toEqual(order.body);
  expect(same?.attributes).toEqual(expect.arrayContaining(attributes));
});

test('I07 the text of message events is gone from span events, facts beside it stay', async () => {
  const events = [
    { name: 'gen_ai.content.prompt', attributes: attributesOf({ 'gen_ai.prompt': 'Weather in Lima?' }) },
    { name: 'gen_ai.user.message', attributes: attributesOf({ content: 'Weather in Lima?', role: 'user' }) },
    { name: 'gen_ai.choice', attributes: attributesOf({ message: '{"content":"Sunny."}', finish_reason: 'stop' }) },
  ];
  const [span] = await collector.traces(requestOf({ ...spanOf({}), events }));
  expect(span?.events?.map(({ name, attributes = [] }) => [name, attributes.map(({ key }) => key)])).toEqual([
    ['gen_ai.content.prompt', []],
    ['gen_ai.user.message', ['role']],
    ['gen_ai.choice', ['finish_reason']],
  ]);
});

test('I07 FLEETSCOPE_CONTENT=keep leaves content where the library put it', async () => {
  const keeping = await startCollectorAlone({ FLEETSCOPE_CONTENT: 'keep' });
  try {
    const fixture = fixtures.find(({ title }) => title.includes('openllmetry-openai-0.20')) as Fixture;
    const [span] = await keeping.traces(fixture.request);
    expect(plain(span as Span)).toMatchObject({
      'gen_ai.prompt.1.content': 'Weather in Lima?',
      'gen_ai.completion.0.content': 'Sunny.',
      'gen_ai.usage.input_tokens': 1000,
    });
  } finally {
    await keeping.stop();
  }
});
