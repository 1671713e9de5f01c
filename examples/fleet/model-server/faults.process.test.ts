import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { expect, test, vi } from 'vitest';
import { createModelServer, type ModelServerOptions } from './server.ts';
import { type Running, withServer } from './with-server.ts';

const question = [{ role: 'user' as const, content: 'What is a ledger?' }];
const chat = ({ openai }: Running, model = 'gpt-4o') => openai.chat.completions.create({ model, messages: question });
const claude = ({ anthropic }: Running, model = 'claude-haiku-4-5') =>
  anthropic.messages.create({ model, max_tokens: 1000, messages: question });
/** How the call ends: 200, the status of the error, or the name of its class. */
const end = (call: PromiseLike<unknown>) =>
  call.then(
    () => 200,
    (error) => error.status ?? error.constructor.name,
  );

test('S04 errors have the shape of their provider', () =>
  withServer(async (running) => {
    const { openai, anthropic, url, ledger, row } = running;
    await expect(chat(running, 'gpt-0')).rejects.toMatchObject({
      ...{
        status: 404,
        code: 'model_not_found',
        type: 'invalid_request_error',
        requestID: expect.stringMatching(/^req_/),
      },
    });
    await expect(claude(running, 'gpt-4o')).rejects.toMatchObject({ status: 404, type: 'not_found_error' });
    await expect(openai.chat.completions.create({ model: 'gpt-4o', messages: [] })).rejects.toMatchObject({
      ...{ status: 400, param: 'messages', type: 'invalid_request_error' },
    });
    const tooFew = anthropic.messages.create({ model: 'claude-haiku-4-5', max_tokens: 0, messages: question });
    await expect(tooFew).rejects.toMatchObject({ status: 400, type: 'invalid_request_error' });
    for (const [path, kind] of [
      ['chat/completions', 'invalid_request_error'],
      ['messages', 'authentication_error'],
    ]) {
      const response = await fetch(`${url}/v1/${path}`, { method: 'POST', body: '{}' });
      expect(response.status).toBe(401);
      expect(await response.json()).toMatchObject({ error: { type: kind, message: expect.any(String) } });
    }
    const torn = { method: 'POST', headers: { authorization: 'Bearer any' }, body: '{"model":' };
    expect((await fetch(`${url}/v1/chat/completions`, torn)).status).toBe(400);
    expect(row('gpt-4o')).toMatchObject({ calls: 1, delivered: 0, failed: { 400: 1 } });
    expect(ledger.rows().filter(({ model }) => model === '(unknown)')).toMatchObject([
      { provider: 'anthropic', calls: 2, failed: { 401: 1, 404: 1 } },
      { provider: 'openai', calls: 3, failed: { 400: 1, 401: 1, 404: 1 } },
    ]);
    expect((await fetch(`${url}/v1/else`)).status).toBe(404);
  }));

test('S04 a rate limit answers 429 and tells both clients how long to wait; the next minute is free', async () => {
  let now = 1_700_000_000_000;
  await withServer(
    async (running) => {
      running.fault({ kind: 'rateLimit', perMinute: 2 });
      const { response } = await chat(running).withResponse();
      expect(response.headers.get('x-ratelimit-limit-requests')).toBe('2');
      expect(response.headers.get('x-ratelimit-remaining-requests')).toBe('1');
      await chat(running);
      now += 20_000;
      const refused = await chat(running).catch((error) => error);
      expect(refused).toBeInstanceOf(OpenAI.RateLimitError);
      expect(refused.code).toBe('rate_limit_exceeded');
      expect(Object.fromEntries(refused.headers)).toMatchObject({
        'retry-after': '40',
        'x-ratelimit-remaining-requests': '0',
        'x-ratelimit-reset-requests': '40s',
        'x-ratelimit-remaining-tokens': expect.stringMatching(/^19/),
      });
      await claude(running);
      await claude(running);
      const claudeRefused = await claude(running).catch((error) => error);
      expect(claudeRefused).toBeInstanceOf(Anthropic.RateLimitError);
      expect(Object.fromEntries(claudeRefused.headers)).toMatchObject({
        'retry-after': '60',
        'anthropic-ratelimit-requests-limit': '2',
        'anthropic-ratelimit-requests-remaining': '0',
        'anthropic-ratelimit-requests-reset': new Date(now + 60_000).toISOString(),
      });
      expect(await end(chat(running, 'gpt-4o-mini'))).toBe(200);
      now += 40_000;
      expect(await end(chat(running))).toBe(200);
      expect(running.row('gpt-4o')).toMatchObject({ calls: 4, delivered: 3, failed: { 429: 1 } });
      running.fault({ kind: 'rateLimit', perMinute: 100, tokensPerMinute: 1 });
      expect([await end(chat(running)), await end(chat(running))]).toEqual([200, 429]);
    },
    { now: () => now },
  );
});

test('S04 a share of calls fails, each provider in its way, of one provider alone where asked', () =>
  withServer(async (running) => {
    running.fault({ kind: 'errors', share: 0.3 });
    const ends = [];
    for (let round = 0; round < 40; round += 1) ends.push(await end(chat(running)), await end(claude(running)));
    const failed = ends.filter((status) => status !== 200);
    expect(failed.length).toBeGreaterThan(12);
    expect(failed.length).toBeLessThan(40);
    expect(new Set(ends)).toEqual(new Set([200, 500, 503, 529]));
    const counted = running.ledger.rows().map(({ failed }) => failed);
    expect(counted.flatMap((by) => Object.values(by)).reduce((sum, count) => sum + count, 0)).toBe(failed.length);
    expect(counted.map((by) => Object.keys(by))).toEqual([
      ['500', '529'],
      ['500', '503'],
    ]);

    running.fault({ kind: 'none' });
    running.fault({ kind: 'errors', share: 1, status: 503, provider: 'openai' });
    expect([await end(chat(running)), await end(claude(running))]).toEqual([503, 200]);
    running.fault({ kind: 'none' });
    running.fault({ kind: 'errors', share: 1, status: 429, model: 'claude-haiku-4-5' });
    expect([await end(chat(running)), await end(claude(running))]).toEqual([200, 429]);
  }));

test('S04 a reset in the middle of a stream raises in the client and is in the ledger, apart from what was delivered', () =>
  withServer(async (running) => {
    const { openai, anthropic, row, fault } = running;
    let text = '';
    const read = async () => {
      text = '';
      const stream = await openai.chat.completions.create({ model: 'gpt-4o', messages: question, stream: true });
      for await (const { choices } of stream) text += choices[0]?.delta.content ?? '';
    };
    fault({ kind: 'reset', share: 1 });
    await expect(read()).rejects.toThrow('terminated');
    const seen = text;
    expect(seen).not.toBe('');
    const claudes = anthropic.messages.stream({ model: 'claude-haiku-4-5', max_tokens: 1000, messages: question });
    await expect(claudes.finalMessage()).rejects.toThrow();
    expect(await end(chat(running))).toBe('APIConnectionError');
    expect(row('gpt-4o')).toMatchObject({
      calls: 2,
      streamed: 1,
      delivered: 0,
      failed: { reset: 2 },
      tokens: { output: 0 },
    });
    expect(row('gpt-4o').cutOff.output).toBeGreaterThan(0);
    expect(row('claude-haiku-4-5')).toMatchObject({ failed: { reset: 1 }, tokens: { input: 0 } });

    fault({ kind: 'none' });
    await expect(read()).resolves.toBeUndefined();
    expect(row('gpt-4o')).toMatchObject({ delivered: 1, failed: { reset: 2 } });
    // The first call of another server with this seed: the same answer, spared.
    const whole = (await withServer((other) => chat(other))).choices[0]?.message.content ?? '';
    expect(whole.startsWith(seen)).toBe(true);
    expect(seen.length).toBeLessThan(whole.length);
  }));

test('C03 a cost spike multiplies every number of the usage and leaves the text', async () => {
  const usual = await withServer((running) => chat(running, 'gpt-5'));
  await withServer(
    async (running) => {
      const dear = await chat(running, 'gpt-5');
      const { prompt_tokens = 0, completion_tokens = 0, completion_tokens_details } = usual.usage ?? {};
      expect(dear.choices).toEqual(usual.choices);
      expect(dear.usage).toMatchObject({
        prompt_tokens: 10 * prompt_tokens,
        completion_tokens: 10 * completion_tokens,
      });
      expect(running.row('gpt-5').tokens).toMatchObject({
        input: 10 * prompt_tokens,
        output: 10 * completion_tokens,
        reasoning: 10 * (completion_tokens_details?.reasoning_tokens ?? 0),
      });
    },
    { faults: [{ kind: 'costSpike', factor: 10 }] },
  );
});

test('S04 faults are switched over HTTP; what is no fault is refused with the reason', () =>
  withServer(async (running) => {
    const post = (body: unknown) => fetch(`${running.url}/__faults`, { method: 'POST', body: JSON.stringify(body) });
    const fault = { kind: 'errors', share: 1, status: 500 };
    expect(await (await post(fault)).json()).toEqual({ faults: [fault] });
    expect(await (await fetch(`${running.url}/__faults`)).json()).toEqual({ faults: [fault] });
    expect(await end(chat(running))).toBe(500);
    for (const wrong of [
      { kind: 'fire' },
      { kind: 'errors', share: 2 },
      { kind: 'slow' },
      { ...fault, shares: 1 },
      null,
    ]) {
      const response = await post(wrong);
      expect(response.status).toBe(400);
      expect(await response.json()).toEqual({ error: expect.stringMatching(/kind|share|factor|Invalid/) });
    }
    expect(await (await post({ kind: 'none' })).json()).toEqual({ faults: [] });
    expect(await end(chat(running))).toBe(200);
  }));

// The head of a stream comes at once, its first piece after minutes.
const endless: Partial<ModelServerOptions> = {
  models: [{ id: 'gpt-4o', provider: 'openai', kind: 'chat', firstTokenMs: 1, tokensPerSecond: 0.01 }],
  speed: 1,
};

test('S04 a stream that its client leaves is counted as aborted', () =>
  withServer(async ({ openai, ledger, row }) => {
    for await (const _ of await openai.chat.completions.create({ model: 'gpt-4o', messages: question, stream: true })) {
      expect(ledger.report()).toMatchObject({ inFlight: 1, rows: [] });
      break;
    }
    await vi.waitFor(() => expect(row('gpt-4o')).toMatchObject({ calls: 1, aborted: 1, delivered: 0, failed: {} }));
    expect(ledger.report().inFlight).toBe(0);
    expect(row('gpt-4o').cutOff.output).toBeGreaterThan(0);
  }, endless));

test('S04 close ends open streams at once', () =>
  withServer(async ({ openai, close, row }) => {
    const read = async () => {
      for await (const _ of await openai.chat.completions.create({ model: 'gpt-4o', messages: question, stream: true }))
        await close();
    };
    await expect(read()).rejects.toThrow();
    await vi.waitFor(() => expect(row('gpt-4o')).toMatchObject({ aborted: 1 }));
  }, endless));

test('S04 a stream comes piece by piece, at a speed of Infinity in one', async () => {
  const parts = (speed: number) =>
    withServer(
      async ({ url }) => {
        const response = await fetch(`${url}/v1/chat/completions`, {
          ...{ method: 'POST', headers: { authorization: 'Bearer any' } },
          body: JSON.stringify({ model: 'gpt-4o', messages: question, stream: true }),
        });
        let parts = 0;
        for await (const _ of response.body as ReadableStream<Uint8Array>) parts += 1;
        return parts;
      },
      { speed },
    );
  expect(await parts(20)).toBeGreaterThan(2);
  expect(await parts(Number.POSITIVE_INFINITY)).toBe(1);
});

test('S04 a port that is taken is said to be', () =>
  withServer(({ url }) =>
    expect(createModelServer({ seed: 1 }).listen(Number(new URL(url).port))).rejects.toThrow(
      /^Cannot start the model server: .*EADDRINUSE.* Give another port/,
    ),
  ));
