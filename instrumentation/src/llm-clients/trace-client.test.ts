import * as anthropicExports from '@anthropic-ai/sdk';
import * as openaiExports from 'openai';
import { expect, test } from 'vitest';
import { sumOf } from '../../../examples/fleet/model-server/ledger.ts';
import type { ModelServerOptions } from '../../../examples/fleet/model-server/server.ts';
import { type Running, withServer } from '../../../examples/fleet/model-server/with-server.ts';
import { agent } from '../fleet/agent.ts';
import { llmCall } from '../fleet/llm-call.ts';
import { task } from '../fleet/task.ts';
import { createTestKit, type TestKit } from '../testing-kit.ts';
import { traceExports } from './trace-exports.ts';

const { OpenAI } = openaiExports;
const { Anthropic } = anthropicExports;
traceExports('openai', openaiExports);
traceExports('anthropic', anthropicExports);

interface Traced extends Running {
  kit: TestKit;
  /** Spans of model calls that have ended. */
  calls(): ReturnType<TestKit['spans']>;
}

/** A real server, the real clients, and an SDK that keeps what they make of it. */
async function traced(use: (running: Traced) => Promise<void>, options?: Partial<ModelServerOptions>): Promise<void> {
  const kit = createTestKit();
  const calls = () => kit.spans().filter(({ attributes }) => 'gen_ai.request.model' in attributes);
  try {
    await withServer((running) => use({ ...running, kit, calls }), options);
  } finally {
    await kit.stop();
  }
}

const messages = [{ role: 'user' as const, content: 'What is a ledger?' }];
const chat = { model: 'gpt-4o', messages };
const thinking = { model: 'gpt-5', messages };
const claude = { model: 'claude-haiku-4-5', max_tokens: 1000, messages };
const stream = true as const;
const withUsage = { stream, stream_options: { include_usage: true } };
const schema = { type: 'object' as const, properties: { query: { type: 'string' as const } } };
const functions = [{ type: 'function' as const, function: { name: 'search', parameters: schema } }];
const reply = (from: Traced) => from.openai.chat.completions.create(chat);

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const read: T[] = [];
  for await (const item of items) read.push(item);
  return read;
}

const kinds: [name: string, span: string, finish: string | undefined, make: (from: Traced) => Promise<unknown>][] = [
  ['chat', 'chat gpt-4o', 'stop', ({ openai }) => openai.chat.completions.create(chat)],
  ['chat that thinks', 'chat gpt-5', 'stop', ({ openai }) => openai.chat.completions.create(thinking)],
  ['chat, parsed', 'chat gpt-4o', 'stop', ({ openai }) => openai.chat.completions.parse(chat)],
  [
    'chat, streamed',
    'chat gpt-4o',
    'stop',
    async ({ openai }) => all(await openai.chat.completions.create({ ...chat, ...withUsage })),
  ],
  [
    'chat, by the stream helper',
    'chat gpt-4o',
    'stop',
    ({ openai }) => openai.chat.completions.stream({ ...chat, ...withUsage }).finalMessage(),
  ],
  [
    'chat with a tool call',
    'chat gpt-4o',
    'tool_calls',
    ({ openai }) => openai.chat.completions.create({ ...chat, tools: functions, tool_choice: 'required' }),
  ],
  [
    'chat of another model class',
    'chat gpt-4o',
    'stop',
    ({ openai }) => new (class Mine extends OpenAI {})(optionsOf(openai)).chat.completions.create(chat),
  ],
  [
    'chat, posted by hand',
    'chat gpt-4o',
    'stop',
    ({ openai }) => openai.post('/chat/completions', { body: chat }) as Promise<unknown>,
  ],
  ['responses', 'chat gpt-5', 'stop', ({ openai }) => openai.responses.create({ model: 'gpt-5', input: 'Why?' })],
  [
    'responses, streamed',
    'chat gpt-5',
    'stop',
    async ({ openai }) => all(await openai.responses.create({ model: 'gpt-5', input: 'Why?', stream })),
  ],
  [
    'embeddings',
    'embeddings text-embedding-3-small',
    undefined,
    ({ openai }) => openai.embeddings.create({ model: 'text-embedding-3-small', input: ['one', 'two'] }),
  ],
  ['messages', 'chat claude-haiku-4-5', 'end_turn', ({ anthropic }) => anthropic.messages.create(claude)],
  [
    'messages, beta',
    'chat claude-haiku-4-5',
    'end_turn',
    ({ anthropic }) => anthropic.beta.messages.create({ ...claude, betas: [] }),
  ],
  [
    'messages, streamed',
    'chat claude-haiku-4-5',
    'end_turn',
    async ({ anthropic }) => all(await anthropic.messages.create({ ...claude, stream })),
  ],
  [
    'messages, by the stream helper',
    'chat claude-haiku-4-5',
    'end_turn',
    ({ anthropic }) => anthropic.messages.stream(claude).finalMessage(),
  ],
  [
    'messages with a tool call',
    'chat claude-haiku-4-5',
    'tool_use',
    ({ anthropic }) =>
      anthropic.messages.create({
        ...claude,
        tools: [{ name: 'search', input_schema: schema }],
        tool_choice: { type: 'any' },
      }),
  ],
];

test.each(kinds)('S04 %s: one span, with the tokens that the server counted', (_, span, finish, make) =>
  traced(async (from) => {
    await make(from);
    await make(from);
    const [one, two] = from.calls();
    expect(from.calls()).toHaveLength(2);
    expect([one?.name, two?.name]).toEqual([span, span]);
    const { rows } = from.ledger.report();
    const { input, output, cachedInput, cacheWrittenInput, reasoning } = sumOf(rows);
    const sum = (name: string) => from.calls().reduce((tokens, { attributes }) => tokens + Number(attributes[name]), 0);
    expect([sum('gen_ai.usage.input_tokens'), sum('gen_ai.usage.output_tokens')]).toEqual([input, output]);
    expect(one?.attributes).toMatchObject({
      'llm.usage.known': true,
      'llm.cost.known': true,
      'gen_ai.response.model': expect.stringContaining(span.replace(/^\w+ /, '')),
      ...(finish && { 'gen_ai.response.id': expect.any(String), 'gen_ai.response.finish_reasons': [finish] }),
    });
    const kinds = new Map(
      (await from.kit.points('agent.tokens')).map(({ labels, value }) => [labels['token.kind'], value]),
    );
    const told = {
      input: input - cachedInput - cacheWrittenInput,
      cache_read: cachedInput,
      cache_write: cacheWrittenInput,
      output: output - reasoning,
      reasoning,
    };
    expect(Object.fromEntries(kinds)).toEqual(
      Object.fromEntries(Object.entries(told).filter(([, value]) => value > 0)),
    );
    expect(await from.kit.points('llm.calls.unmetered')).toEqual([]);
    expect(await from.kit.points('api.rate_limit.utilization')).toHaveLength(2);
  }),
);

function optionsOf({ apiKey, baseURL }: openaiExports.OpenAI) {
  return { apiKey, baseURL, maxRetries: 0 };
}

test('S04 what is no model call makes no span: lists, token counts', () =>
  traced(async ({ openai, anthropic, calls, kit }) => {
    expect((await openai.models.list()).data.length).toBeGreaterThan(0);
    await expect(anthropic.messages.countTokens(claude)).rejects.toThrow('404');
    expect(calls().filter(({ instrumentationScope }) => instrumentationScope.name.startsWith('@fleetscope'))).toEqual(
      [],
    );
    // The client's own spans of such requests stay.
    expect(kit.spans().map(({ name }) => name)).toEqual(['anthropic.messages.count_tokens']);
  }));

test('S04 a client with a tracer provider of its own keeps its spans', () =>
  traced(async ({ anthropic, calls, kit }) => {
    const own: string[] = [];
    const tracerProvider = {
      getTracer: () => ({
        startSpan(name: string) {
          own.push(name);
          throw new Error('It may do what it likes.');
        },
        startActiveSpan: () => {},
      }),
    };
    await anthropic.withOptions({ openTelemetry: { tracerProvider: tracerProvider as never } }).messages.create(claude);
    expect(own).toEqual(['anthropic.messages.create']);
    expect(calls()).toHaveLength(1);
    expect(kit.spans()).toHaveLength(1);
  }));

test('S04 what fails is one span with the HTTP status, and the error that the client threw', () =>
  traced(async (from) => {
    const { openai, anthropic, fault, calls, kit } = from;
    const caught = async (call: PromiseLike<unknown>) =>
      Promise.resolve(call).then(
        () => undefined,
        (error) => error,
      );
    const stranger = new OpenAI({ ...optionsOf(openai), defaultHeaders: { authorization: 'Basic no' } });
    expect(await caught(stranger.chat.completions.create(chat))).toBeInstanceOf(OpenAI.AuthenticationError);
    fault({ kind: 'errors', share: 1, status: 429 });
    expect(await caught(reply(from))).toBeInstanceOf(OpenAI.RateLimitError);
    expect(await caught(anthropic.messages.create(claude))).toBeInstanceOf(Anthropic.RateLimitError);
    expect(await caught(anthropic.messages.stream(claude).finalMessage())).toBeInstanceOf(Anthropic.RateLimitError);
    fault({ kind: 'errors', share: 1, status: 500 });
    expect(await caught(openai.embeddings.create({ model: 'text-embedding-3-small', input: '' }))).toMatchObject({
      status: 500,
    });
    const nowhere = new OpenAI({ apiKey: 'any', baseURL: 'http://127.0.0.1:1/v1', maxRetries: 0 });
    expect(await caught(nowhere.chat.completions.create(chat))).toBeInstanceOf(OpenAI.APIConnectionError);
    const types = ['401', '429', '429', '429', '500', 'APIConnectionError'];
    expect(calls().map(({ attributes }) => attributes['error.type'])).toEqual(types);
    expect(calls().map(({ status }) => status.code)).toEqual(types.map(() => 2));
    const failures = await kit.points('llm.errors');
    expect(failures.reduce((sum, { value }) => sum + value, 0)).toBe(types.length);
    // No answer, no tokens: that is not a call whose tokens are missing.
    expect(await kit.points('llm.calls.unmetered')).toEqual([]);
  }));

test('S04 an error after the stream began is the call’s, though its HTTP status was 200', () =>
  traced(async ({ url, calls }) => {
    const late = async () =>
      new Response(
        'event: message_start\ndata: {"type":"message_start","message":{"id":"msg_1","usage":{"input_tokens":7}}}\n\n' +
          'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n',
        { headers: { 'content-type': 'text/event-stream' } },
      );
    const anthropic = new Anthropic({ apiKey: 'any', baseURL: url, fetch: late });
    const read = anthropic.messages.create({ ...claude, stream }).then(all);
    await expect(read).rejects.toBeInstanceOf(Anthropic.APIError);
    expect(calls()).toMatchObject([
      { status: { code: 2 }, attributes: { 'error.type': 'overloaded_error', 'llm.usage.known': false } },
    ]);
  }));

test('S04 what a client repeats by itself is part of one span, which counts the repetitions', () =>
  traced(async ({ url, calls, row }) => {
    let refusals = 2;
    const refusing: typeof fetch = async (...request) =>
      refusals-- > 0 ? new Response('{}', { status: 503, headers: { 'retry-after-ms': '1' } }) : fetch(...request);
    const openai = new OpenAI({ apiKey: 'any', baseURL: `${url}/v1`, maxRetries: 2, fetch: refusing });
    await openai.chat.completions.create(chat);
    refusals = 2;
    const anthropic = new Anthropic({ apiKey: 'any', baseURL: url, maxRetries: 1, fetch: refusing });
    await expect(anthropic.messages.create(claude)).rejects.toMatchObject({ status: 503 });
    expect(calls()).toMatchObject([
      { status: { code: 0 }, attributes: { 'llm.retry.count': 2, 'gen_ai.response.model': 'gpt-4o-2024-08-06' } },
      { status: { code: 2 }, attributes: { 'llm.retry.count': 1, 'error.type': '503' } },
    ]);
    expect(row('gpt-4o')).toMatchObject({ calls: 1, delivered: 1, retries: 1 });
  }));

// Slow enough that the end of the stream is not there yet when its first part is.
const slowly = { speed: 15 };

test('S04 a program that takes its question back makes the call cancelled, not failed', () =>
  traced(async ({ openai, anthropic, calls, kit }) => {
    const before = new AbortController();
    const never = openai.chat.completions.create(chat, { signal: before.signal });
    before.abort();
    await expect(never).rejects.toBeInstanceOf(OpenAI.APIUserAbortError);
    const between = new AbortController();
    for await (const _ of await openai.chat.completions.create({ ...chat, ...withUsage }, { signal: between.signal })) {
      between.abort();
    }
    const helper = anthropic.messages.stream(claude);
    helper.once('text', () => helper.abort());
    await expect(helper.finalMessage()).rejects.toBeInstanceOf(Anthropic.APIUserAbortError);
    expect(calls().map(({ attributes }) => attributes['error.type'])).toEqual([
      'APIUserAbortError',
      'AbortError',
      'AbortError',
    ]);
    expect(calls().map(({ status }) => status.code)).toEqual([0, 0, 0]);
    expect(await kit.points('llm.errors')).toEqual([]);
    const unmetered = await kit.points('llm.calls.unmetered');
    expect(unmetered.map(({ value }) => value)).toEqual([1, 1]);
  }, slowly));

test('S04 a stream left early or reset in its middle is one span that says so', () =>
  traced(async ({ openai, anthropic, fault, calls, ledger }) => {
    for await (const _ of await openai.chat.completions.create({ ...chat, ...withUsage })) break;
    for await (const { type } of await anthropic.messages.create({ ...claude, stream })) {
      if (type === 'content_block_delta') break;
    }
    fault({ kind: 'reset', share: 1 });
    const reset = openai.chat.completions.create({ ...chat, ...withUsage }).then(all);
    await expect(reset).rejects.toThrow();
    const [left, half, broken] = calls();
    expect(calls()).toHaveLength(3);
    const unknown = { 'llm.usage.known': false };
    expect(left).toMatchObject({ status: { code: 0 }, attributes: { ...unknown, 'llm.stream.complete': false } });
    // What was told before is counted: it is the least it cost.
    expect(half).toMatchObject({ attributes: { ...unknown, 'gen_ai.usage.input_tokens': 10, 'llm.cost.known': true } });
    expect(broken).toMatchObject({
      status: { code: 2 },
      attributes: { ...unknown, 'error.type': expect.stringMatching(/^(ECONNRESET|UND_ERR_SOCKET)$/) },
    });
    expect(ledger.rows()).toMatchObject([{ aborted: 1 }, { aborted: 1, failed: { reset: 1 } }]);
  }, slowly));

test('S04 50 calls at once are each their own agent’s, and its task’s', () =>
  traced(async ({ openai, anthropic, calls, ledger, kit }) => {
    const work = async (at: number) =>
      agent({ name: `agent-${at % 10}`, action: 'ask' }, () =>
        task({ type: 'ask' }, async (current) => {
          if (at % 2) await anthropic.messages.create(claude);
          else await all(await openai.chat.completions.create({ ...chat, ...withUsage }));
          return current.trace().tokenUsage;
        }),
      );
    const used = await Promise.all(Array.from({ length: 50 }, (_, at) => work(at)));
    expect(calls()).toHaveLength(50);
    for (let at = 0; at < 10; at += 1) {
      const own = calls().filter(({ attributes }) => attributes['agent.name'] === `agent-${at}`);
      const provider = at % 2 ? 'anthropic' : 'openai';
      expect(own.map(({ attributes }) => attributes['gen_ai.provider.name'])).toEqual(Array(5).fill(provider));
    }
    const tasks = new Map(kit.spans().map((span) => [span.spanContext().spanId, span.name]));
    expect(new Set(calls().map((span) => tasks.get(span.parentSpanContext?.spanId ?? '')))).toEqual(
      new Set(['task.execute']),
    );
    const { input, output } = sumOf(ledger.rows());
    const sum = (of: 'input' | 'output') => used.reduce((tokens, { [of]: more }) => tokens + more, 0);
    expect([sum('input'), sum('output')]).toEqual([input, output]);
  }));

test('S04 inside of llmCall a client’s call is part of it: one span, tokens and money once', () =>
  traced(async ({ openai, anthropic, calls, ledger, kit }) => {
    const options = { provider: 'openai', model: 'gpt-4o' };
    await llmCall(options, async (call) => {
      const { usage } = await openai.chat.completions.create(chat);
      call.usage({ input: usage?.prompt_tokens ?? 0, output: usage?.completion_tokens ?? 0 });
    });
    await llmCall(options, () => openai.chat.completions.create(chat));
    await all(await llmCall(options, () => openai.chat.completions.create({ ...chat, ...withUsage })));
    await llmCall(options, async () => {
      await openai.chat.completions.create({ ...chat, model: 'gpt-0' }).catch(() => anthropic.messages.create(claude));
      await anthropic.messages.create(claude);
    });
    expect(calls()).toHaveLength(4);
    expect(calls().every(({ attributes }) => attributes['llm.usage.known'])).toBe(true);
    const { input, output } = sumOf(ledger.rows());
    const kinds = await kit.points('agent.tokens');
    expect(kinds.reduce((sum, { value }) => sum + value, 0)).toBe(input + output);
    expect(calls()[3]?.attributes).toMatchObject({ 'llm.fallback': true, 'llm.fallback.from': 'gpt-0' });
    // An agent at work inside of it makes calls of its own.
    await llmCall(options, () => agent({ name: 'inner', action: 'ask' }, () => openai.chat.completions.create(chat)));
    expect(calls().map(({ attributes }) => attributes['agent.name'])).toEqual([...Array(4), 'inner', undefined]);
  }));
