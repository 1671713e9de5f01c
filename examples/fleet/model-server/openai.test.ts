import type OpenAI from 'openai';
import { expect, test } from 'vitest';
import { withServer } from './with-server.ts';

const ask = { model: 'gpt-4o', messages: [{ role: 'user', content: 'What is a ledger?' }] } as const;
const tools: OpenAI.ChatCompletionFunctionTool[] = [
  {
    type: 'function',
    function: {
      name: 'read_file',
      parameters: { type: 'object', properties: { path: { type: 'string' }, lines: { type: 'integer', maximum: 9 } } },
    },
  },
];

/** The usage in the ledger's words. */
function chatTokensIn(usage: OpenAI.CompletionUsage | null | undefined) {
  return {
    input: usage?.prompt_tokens,
    cachedInput: usage?.prompt_tokens_details?.cached_tokens,
    cacheWrittenInput: 0,
    output: usage?.completion_tokens,
    reasoning: usage?.completion_tokens_details?.reasoning_tokens,
  };
}

test('S04 chat: a plain answer tells the usage that the ledger counts, under the dated name', () =>
  withServer(async ({ openai, row }) => {
    const { model, choices, usage, _request_id } = await openai.chat.completions.create({
      ...ask,
      messages: [...ask.messages],
    });
    expect(model).toBe('gpt-4o-2024-08-06');
    expect(choices[0]?.finish_reason).toBe('stop');
    expect(choices[0]?.message.content).toMatch(/\w+ \w+/);
    expect(_request_id).toMatch(/^req_/);
    expect(usage?.total_tokens).toBe((usage?.prompt_tokens ?? 0) + (usage?.completion_tokens ?? 0));
    expect(usage?.completion_tokens).toBe(Math.ceil((choices[0]?.message.content?.length ?? 0) / 4));
    expect(row('gpt-4o')).toMatchObject({ calls: 1, delivered: 1, streamed: 0, tokens: chatTokensIn(usage) });
  }));

test('S04 chat: a stream says the same, and its usage only to those who ask; the ledger counts both', async () => {
  const asked = { ...ask, messages: [...ask.messages] };
  const plain = await withServer(({ openai }) => openai.chat.completions.create(asked));
  await withServer(async ({ openai, row }) => {
    const chunks: OpenAI.ChatCompletionChunk[] = [];
    for await (const chunk of await openai.chat.completions.create({
      ...asked,
      stream: true,
      stream_options: { include_usage: true },
    }))
      chunks.push(chunk);
    const text = chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('');
    expect(text).toBe(plain.choices[0]?.message.content);
    expect(chunks.length).toBeGreaterThan(3);
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: plain.usage });
    expect(row('gpt-4o')).toMatchObject({ streamed: 1, tokens: chatTokensIn(plain.usage) });

    const silent = await openai.chat.completions.create({ ...asked, stream: true });
    for await (const chunk of silent) expect(chunk.usage).toBeUndefined();
    expect(row('gpt-4o')).toMatchObject({ calls: 2, delivered: 2, streamed: 2 });
    expect(row('gpt-4o').tokens.input).toBe(2 * (plain.usage?.prompt_tokens ?? 0));
  });
});

test('S04 chat: tools are called when they must be, plain and streamed, with arguments that fit; never when they must not', () =>
  withServer(async ({ openai, row }) => {
    const asked = { model: 'gpt-4o', messages: [...ask.messages], tools };
    const plain = await openai.chat.completions.create({ ...asked, tool_choice: 'required' });
    const stream = openai.chat.completions.stream({ ...asked, tool_choice: 'required' });
    for (const { choices } of [plain, await stream.finalChatCompletion()]) {
      expect(choices[0]?.finish_reason).toBe('tool_calls');
      const [call] = choices[0]?.message.tool_calls ?? [];
      if (call?.type !== 'function') throw new Error('no call');
      expect(call.function.name).toBe('read_file');
      const given = JSON.parse(call.function.arguments);
      expect(given).toEqual({ path: expect.any(String), lines: expect.any(Number) });
      expect(given.lines).toBeLessThan(10);
    }
    const none = await openai.chat.completions.create({ ...asked, tool_choice: 'none' });
    expect(none.choices[0]?.message).toMatchObject({ content: expect.any(String) });
    expect(none.choices[0]?.message.tool_calls).toBeUndefined();
    expect(row('gpt-4o').tokens.input).toBeGreaterThan(3 * 40);
  }));

test('S04 chat: left to itself the model calls tools now and then, and a loop of results ends', () =>
  withServer(async ({ openai }) => {
    const finishes = new Set<string | undefined>();
    for (let round = 0; round < 12; round += 1)
      finishes.add(
        (await openai.chat.completions.create({ ...ask, messages: [...ask.messages], tools })).choices[0]
          ?.finish_reason,
      );
    expect([...finishes].sort()).toEqual(['stop', 'tool_calls']);
    const messages: OpenAI.ChatCompletionMessageParam[] = [...ask.messages];
    for (let turn = 0; turn < 3; turn += 1) messages.push({ role: 'tool', tool_call_id: `${turn}`, content: 'done' });
    for (let round = 0; round < 12; round += 1) {
      const { choices } = await openai.chat.completions.create({ model: 'gpt-4o', messages, tools });
      expect(choices[0]?.finish_reason).toBe('stop');
    }
  }));

test('S04 chat: JSON when the request says so, by its schema; prose otherwise', () =>
  withServer(async ({ openai }) => {
    const answer = async (response_format?: OpenAI.ChatCompletionCreateParams['response_format']) =>
      (
        await openai.chat.completions.create({
          ...ask,
          messages: [...ask.messages],
          ...(response_format && { response_format }),
        })
      ).choices[0]?.message.content as string;
    const schema = {
      type: 'object',
      properties: {
        grade: { enum: ['a', 'b'] },
        notes: { type: 'array', items: { $ref: '#/$defs/note' }, minItems: 2 },
      },
      $defs: { note: { anyOf: [{ type: 'null' }, { type: 'string' }] } },
    };
    expect(JSON.parse(await answer({ type: 'json_schema', json_schema: { name: 'n', schema } }))).toEqual({
      grade: expect.stringMatching(/^[ab]$/),
      notes: expect.arrayContaining([expect.any(String)]),
    });
    expect(JSON.parse(await answer({ type: 'json_object' }))).toEqual({ answer: expect.any(String) });
    expect(await answer()).not.toMatch(/^\{/);
  }));

test('C03 chat: a prompt seen within five minutes is cached, in steps of 128 above 1024', async () => {
  let now = 1_700_000_000_000;
  await withServer(
    async ({ openai, row }) => {
      const cached = async (model: string, system: string, question: string) => {
        const messages = [
          { role: 'system', content: system },
          { role: 'user', content: question },
        ] as const;
        const { usage } = await openai.chat.completions.create({ model, messages: [...messages] });
        return usage?.prompt_tokens_details?.cached_tokens;
      };
      const long = 'Every rule of the house counts. '.repeat(200);
      expect(await cached('gpt-4o', long, 'one')).toBe(0);
      // 6400 characters are 1600 tokens: 1024 + 4 × 128, and what is left is no whole step.
      expect(await cached('gpt-4o', long, 'two')).toBe(1536);
      expect(row('gpt-4o').tokens.cachedInput).toBe(1536);
      expect(await cached('gpt-4o-mini', long, 'two')).toBe(0);
      expect(await cached('gpt-4o', `x${long}`, 'two')).toBe(0);
      now += 5 * 60_000;
      expect(await cached('gpt-4o', long, 'three')).toBe(0);
      expect(await cached('gpt-4o', long.slice(0, 4000), 'one')).toBe(0);
      expect(await cached('gpt-4o', long.slice(0, 4000), 'two')).toBe(0);
    },
    { now: () => now },
  );
});

test('S04 chat: thinking models tell their reasoning tokens as part of the output, others none', () =>
  withServer(async ({ openai, row }) => {
    for (const model of ['gpt-5', 'o4-mini', 'gpt-4o']) {
      const { usage } = await openai.chat.completions.create({ model, messages: [...ask.messages] });
      const reasoning = usage?.completion_tokens_details?.reasoning_tokens ?? Number.NaN;
      expect(reasoning > 0, model).toBe(model !== 'gpt-4o');
      expect(usage?.completion_tokens).toBeGreaterThan(reasoning);
      expect(row(model).tokens).toEqual(chatTokensIn(usage));
    }
  }));

test('S04 chat: the limit of the output holds, thinking included', () =>
  withServer(async ({ openai }) => {
    for (const [model, limit] of [
      ['gpt-4o', 5],
      ['o3', 64],
    ] as const) {
      const { usage, choices } = await openai.chat.completions.create({
        ...{ model, messages: [...ask.messages], max_completion_tokens: limit },
      });
      expect(choices[0]?.finish_reason).toBe('length');
      expect(usage?.completion_tokens).toBe(limit);
    }
  }));

const tool: OpenAI.Responses.FunctionTool = {
  ...{ type: 'function', name: 'search', strict: false },
  parameters: { type: 'object', properties: { query: { type: 'string' } } },
};

function responseTokensIn(usage: OpenAI.Responses.ResponseUsage | undefined) {
  return {
    input: usage?.input_tokens,
    cachedInput: usage?.input_tokens_details.cached_tokens,
    cacheWrittenInput: 0,
    output: usage?.output_tokens,
    reasoning: usage?.output_tokens_details.reasoning_tokens,
  };
}

test('S04 responses: plain and streamed say the same, with the usage that the ledger counts', async () => {
  const asked = { model: 'gpt-5-mini', instructions: 'Be brief.', input: 'What is a ledger?' };
  const plain = await withServer(async ({ openai, row }) => {
    const response = await openai.responses.create(asked);
    expect(response).toMatchObject({ status: 'completed', model: 'gpt-5-mini-2025-08-07' });
    expect(response.output.map(({ type }) => type)).toEqual(['reasoning', 'message']);
    expect(row('gpt-5-mini')).toMatchObject({ delivered: 1, streamed: 0, tokens: responseTokensIn(response.usage) });
    return response;
  });
  await withServer(async ({ openai, row }) => {
    const stream = openai.responses.stream(asked);
    const types: string[] = [];
    let text = '';
    for await (const event of stream) {
      expect(event.sequence_number).toBe(types.length);
      types.push(event.type);
      if (event.type === 'response.output_text.delta') text += event.delta;
    }
    const final = await stream.finalResponse();
    expect(text).toBe(plain.output_text);
    expect(types.slice(0, 2)).toEqual(['response.created', 'response.in_progress']);
    expect(types.at(-1)).toBe('response.completed');
    expect(final.usage).toEqual(plain.usage);
    expect(row('gpt-5-mini')).toMatchObject({ delivered: 1, streamed: 1, tokens: responseTokensIn(plain.usage) });
  });
});

test('S04 responses: a tool is called, plain and streamed; its result is part of the next prompt', () =>
  withServer(async ({ openai }) => {
    const asked = { model: 'gpt-4o', input: 'Find the rule.', tools: [tool] };
    const must = { ...asked, tool_choice: { type: 'function', name: 'search' } } as const;
    const plain = await openai.responses.create(must);
    const streamed = await openai.responses.stream(must).finalResponse();
    for (const { output } of [plain, streamed]) {
      expect(output).toMatchObject([{ type: 'function_call', name: 'search', status: 'completed' }]);
      if (output[0]?.type === 'function_call')
        expect(JSON.parse(output[0].arguments)).toEqual({ query: expect.any(String) });
    }
    const result = {
      type: 'function_call_output',
      call_id: 'call_1',
      output: 'The rule is written here. '.repeat(9),
    } as const;
    const next = await openai.responses.create({
      ...asked,
      tool_choice: 'none',
      input: [{ role: 'user', content: asked.input }, result],
    });
    expect(next.output_text).not.toBe('');
    expect((next.usage?.input_tokens ?? 0) - (plain.usage?.input_tokens ?? 0)).toBeGreaterThan(50);
  }));

test('S04 responses: cut at its limit it is incomplete; a response that nobody stored is not found', () =>
  withServer(async ({ openai, row }) => {
    const asked = { model: 'gpt-4o', input: 'What is a ledger?', max_output_tokens: 6 };
    const cut = await openai.responses.create(asked);
    expect(cut).toMatchObject({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } });
    expect(cut.usage?.output_tokens).toBe(6);
    const types: string[] = [];
    for await (const { type } of await openai.responses.create({ ...asked, stream: true })) types.push(type);
    expect(types.at(-1)).toBe('response.incomplete');
    await expect(openai.responses.create({ ...asked, previous_response_id: 'resp_1' })).rejects.toMatchObject({
      status: 400,
      code: 'previous_response_not_found',
    });
    expect(row('gpt-4o')).toMatchObject({ calls: 3, delivered: 2, failed: { 400: 1 } });
  }));

test('S04 embeddings: related texts are nearer than others; the tokens are counted', () =>
  withServer(async ({ openai, row }) => {
    const model = 'text-embedding-3-small';
    const input = ['find the overdue invoices', 'invoices that are overdue', 'paint the fence green'];
    const { data, usage } = await openai.embeddings.create({ model, input });
    const [a, b, c] = data.map(({ embedding }) => embedding) as [number[], number[], number[]];
    const nearness = (x: number[], y: number[]) => x.reduce((sum, value, at) => sum + value * (y[at] as number), 0);
    expect(a.length).toBe(1536);
    expect(nearness(a, a)).toBeCloseTo(1);
    expect(nearness(a, b)).toBeGreaterThan(0.3);
    expect(nearness(a, c)).toBeLessThan(0.3);
    const floats = await openai.embeddings.create({ model, input: input[0] as string, encoding_format: 'float' });
    expect(floats.data[0]?.embedding).toEqual(a);
    const short = await openai.embeddings.create({ model, input: [1, 2, 3], dimensions: 8 });
    expect(short.data[0]?.embedding.length).toBe(8);
    const told = usage.prompt_tokens + floats.usage.prompt_tokens + short.usage.prompt_tokens;
    expect(row(model)).toMatchObject({ delivered: 3, tokens: { input: told, output: 0 } });
  }));
