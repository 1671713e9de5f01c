import { Readable } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as anthropicExports from '@anthropic-ai/sdk';
import { context, propagation } from '@opentelemetry/api';
import * as openaiExports from 'openai';
import { afterEach, expect, test, vi } from 'vitest';
import { type Running, withServer } from '../../../examples/fleet/model-server/with-server.ts';
import { agent } from '../fleet/agent.ts';
import { core } from '../sdk.ts';
import { createTestKit, type TestKit } from '../testing-kit.ts';
import { traceExports } from './trace-exports.ts';

const { OpenAI } = openaiExports;
traceExports('openai', openaiExports);
traceExports('anthropic', anthropicExports);

type Span = ReturnType<TestKit['spans']>[number];

async function traced(use: (running: Running & { kit: TestKit; spans(): Span[] }) => Promise<void>): Promise<void> {
  const kit = createTestKit();
  try {
    await withServer((running) => use({ ...running, kit, spans: () => kit.spans() }));
  } finally {
    await kit.stop();
  }
}

afterEach(() => vi.unstubAllEnvs());

const messages = [{ role: 'user' as const, content: 'What is a ledger?' }];
const chat = { model: 'gpt-4o', messages };
const claude = { model: 'claude-haiku-4-5', max_tokens: 1000, messages };
const streamed = { ...chat, stream: true as const, stream_options: { include_usage: true } };

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const read: T[] = [];
  for await (const item of items) read.push(item);
  return read;
}

test('S04 the promise of a client keeps its class and methods, and its body is not read before the program asks', () =>
  traced(async ({ openai, anthropic, spans }) => {
    for (const promise of [openai.chat.completions.create(chat), anthropic.messages.create(claude)]) {
      expect(promise.constructor.name).toBe('APIPromise');
      const response = await promise.asResponse();
      expect(response).toBeInstanceOf(Response);
      expect(response.bodyUsed).toBe(false);
      const before = spans().length;
      const whole = await promise.withResponse();
      expect(whole.response).toBe(response);
      expect(whole.request_id).toMatch(/^req_/);
      expect(await promise).toBe(whole.data);
      expect(spans()).toHaveLength(before + 1);
    }
    await expect(Promise.resolve(openai.chat.completions.create(chat)).finally(() => {})).resolves.toHaveProperty(
      'usage',
    );
    await expect(Promise.resolve(openai.chat.completions.create({ ...chat, model: '-' })).catch(() => 1)).resolves.toBe(
      1,
    );
  }));

type Read = (response: Response) => Promise<string>;
const textOf = (parts: (Uint8Array | string)[]) => Buffer.concat(parts.map((part) => Buffer.from(part))).toString();
const byReader: Read = async ({ body }) => {
  const reader = (body as ReadableStream<Uint8Array>).getReader();
  const parts: Uint8Array[] = [];
  for (let step = await reader.read(); !step.done; step = await reader.read()) parts.push(step.value);
  return textOf(parts);
};
const readers: Record<string, Read> = {
  'text()': (response) => response.text(),
  'arrayBuffer()': async (response) => textOf([new Uint8Array(await response.arrayBuffer())]),
  'bytes()': async (response) => textOf([await response.bytes()]),
  'a reader': byReader,
  'for await': async ({ body }) => textOf(await all(body as ReadableStream<Uint8Array>)),
  'a Node stream': async ({ body }) => textOf(await all(Readable.fromWeb(body as never))),
  'another response': ({ body }) => new Response(body).text(),
  'a pipe': async ({ body }) => textOf(await all((body as ReadableStream).pipeThrough(new TransformStream()))),
  'a tee': async ({ body }) => {
    const [one, two] = (body as ReadableStream<Uint8Array>).tee();
    return textOf((await Promise.all([all(one), all(two)]))[1]);
  },
  'a clone as well': async (response) => {
    const copy = response.clone();
    const [text, again] = [await response.text(), await copy.text()];
    expect(again).toBe(text);
    return text;
  },
};

test.each(Object.entries(readers))('S04 a raw answer read by %s is whole, and its tokens are known', (_, read) =>
  traced(async ({ openai, ledger, spans }) => {
    const plain = JSON.parse(await read(await openai.chat.completions.create(chat).asResponse()));
    const events = await read(await openai.chat.completions.create(streamed).asResponse());
    expect(plain.choices).toHaveLength(1);
    expect(events).toMatch(/^data: \{.*\ndata: \[DONE\]\n\n$/s);
    expect(spans().map(({ attributes }) => attributes['llm.usage.known'])).toEqual([true, true]);
    const sum = spans().reduce(
      (tokens, { attributes }) => tokens + Number(attributes['gen_ai.usage.output_tokens']),
      0,
    );
    expect(ledger.rows()).toMatchObject([{ delivered: 2, tokens: { output: sum } }]);
  }),
);

test('S04 a stream’s tee and its readable stream are read as they were, and count once', () =>
  traced(async ({ openai, anthropic, spans }) => {
    const [left, right] = (await openai.chat.completions.create(streamed)).tee();
    expect(await all(left)).toEqual(await all(right));
    const lines = (await anthropic.messages.create({ ...claude, stream: true })).toReadableStream();
    expect(
      textOf(await all(lines as ReadableStream<Uint8Array>))
        .trim()
        .split('\n').length,
    ).toBeGreaterThan(4);
    expect(spans().map(({ attributes }) => attributes['llm.usage.known'])).toEqual([true, true]);
  }));

test('S04 an answer whose body takes too long is a timeout, as it is for the program', () =>
  traced(async ({ spans }) => {
    const stalling: typeof fetch = async (_, init) => {
      const body = new ReadableStream({
        start: (sender) => init?.signal?.addEventListener('abort', () => sender.error(init.signal?.reason)),
      });
      return new Response(body, { headers: { 'content-type': 'application/json' } });
    };
    const openai = new OpenAI({ apiKey: 'any', timeout: 20, maxRetries: 0, fetch: stalling });
    await expect(openai.chat.completions.create(chat)).rejects.toBeInstanceOf(OpenAI.APIConnectionTimeoutError);
    expect(spans()).toMatchObject([{ status: { code: 2 }, attributes: { 'error.type': 'APIConnectionTimeoutError' } }]);
  }));

test('S04 an answer that nobody reads is one span once it is garbage', () =>
  traced(async ({ openai, spans }) => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    await (async () => void (await openai.chat.completions.create(chat).asResponse()))();
    expect(spans()).toEqual([]);
    await vi.waitFor(() => {
      collect();
      expect(spans()).toMatchObject([{ attributes: { 'llm.stream.complete': false, 'llm.usage.known': false } }]);
    });
  }));

test('S04 the request goes out as the program wrote it; a stream whose tokens nobody asked for says so', () =>
  traced(async ({ url, spans, kit }) => {
    const bodies: unknown[] = [];
    const watching: typeof fetch = (to, init) => {
      bodies.push(JSON.parse(String(init?.body)));
      return fetch(to, init);
    };
    const openai = new OpenAI({ apiKey: 'any', baseURL: `${url}/v1`, fetch: watching });
    const silent = { ...chat, stream: true as const };
    const chunks = await all(await openai.chat.completions.create(silent));
    expect(bodies).toEqual([silent]);
    expect(chunks.every(({ usage }) => !usage)).toBe(true);
    expect(spans()).toMatchObject([{ attributes: { 'llm.usage.known': false, 'llm.cost.known': false } }]);
    expect(spans()[0]?.attributes).not.toHaveProperty('gen_ai.usage.input_tokens');
    expect(await kit.points('llm.calls.unmetered')).toMatchObject([
      { value: 1, labels: { 'gen_ai.request.model': 'gpt-4o' } },
    ]);

    vi.stubEnv('FLEETSCOPE_LLM_STREAM_USAGE', 'true');
    const more = await all(await openai.chat.completions.create(silent));
    expect(more.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: expect.any(Number) } });
    await openai.chat.completions.create(chat);
    await all(await openai.chat.completions.create({ ...silent, stream_options: { include_usage: false } }));
    expect(bodies.slice(1)).toEqual([
      { ...silent, stream_options: { include_usage: true } },
      chat,
      { ...silent, stream_options: { include_usage: false } },
    ]);
    expect(silent).not.toHaveProperty('stream_options');
    expect(spans().map(({ attributes }) => attributes['llm.usage.known'])).toEqual([false, true, true, false]);
  }));

test('S04 what was said is kept only when content capture is on', () =>
  traced(async ({ openai, anthropic, spans }) => {
    const says = async () => {
      const system = 'Be brief.';
      const message = await anthropic.messages.create({ ...claude, system });
      const chunks = await all(await openai.chat.completions.create(streamed));
      return [message.content[0], chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')];
    };
    await says();
    const kept = ({ attributes }: Span) => [attributes['gen_ai.input.messages'], attributes['gen_ai.output.messages']];
    expect(spans().flatMap(kept)).toEqual(Array(4).fill(undefined));
    vi.stubEnv('OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT', 'true');
    const [block, text] = await says();
    const [message, chunks] = spans()
      .slice(2)
      .map((span) => kept(span).map((json) => JSON.parse(String(json))));
    expect(message).toEqual([
      [{ role: 'system', content: 'Be brief.' }, ...messages],
      [{ role: 'assistant', content: [block] }],
    ]);
    expect(chunks).toEqual([messages, [{ role: 'assistant', content: text }]]);
  }));

test('S04 another model asked after one that failed stands in for it; the same one asked again does not', () =>
  traced(async ({ openai, anthropic, fault, spans, kit }) => {
    const ask = () => anthropic.messages.create(claude);
    const fallBack = () =>
      agent({ name: 'director', action: 'ask' }, () => openai.chat.completions.create(chat).catch(ask));
    fault({ kind: 'errors', provider: 'openai', share: 1, status: 429 });
    await fallBack();
    fault({ kind: 'none' });
    // What failed under another span, or was made good by the same model, is nobody's reason.
    await fallBack();
    await agent({ name: 'director', action: 'ask' }, ask);
    const calls = spans().filter(({ name }) => name.startsWith('chat'));
    expect(calls.map(({ attributes }) => attributes['llm.fallback'])).toEqual([false, true, false, false]);
    expect(calls[1]?.attributes).toMatchObject({ 'llm.fallback.from': 'gpt-4o', 'llm.fallback.cause': 'rate_limit' });
    expect(await kit.points('llm.fallbacks')).toMatchObject([{ value: 1 }]);
  }));

test('S04 where there is baggage to pass on, a call still belongs to the span around it', () =>
  traced(async ({ anthropic, spans }) => {
    propagation.disable();
    propagation.setGlobalPropagator(new core.W3CBaggagePropagator());
    const withBaggage = propagation.setBaggage(
      context.active(),
      propagation.createBaggage({ tenant: { value: 'acme' } }),
    );
    await context.with(withBaggage, () =>
      agent({ name: 'director', action: 'ask' }, () => anthropic.messages.create(claude)),
    );
    const [call, around] = spans();
    expect(spans().map(({ name }) => name)).toEqual(['chat claude-haiku-4-5', 'agent.execute']);
    expect(call?.parentSpanContext?.spanId).toBe(around?.spanContext().spanId);
  }));
