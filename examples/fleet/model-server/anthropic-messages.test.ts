import type Anthropic from '@anthropic-ai/sdk';
import { expect, test } from 'vitest';
import { withServer } from './with-server.ts';

const ask: Anthropic.MessageCreateParamsNonStreaming = {
  model: 'claude-haiku-4-5',
  max_tokens: 1000,
  messages: [{ role: 'user', content: 'What is a ledger?' }],
};
const tools: Anthropic.Tool[] = [
  {
    name: 'search',
    input_schema: { type: 'object', properties: { query: { type: 'string' }, deep: { type: 'boolean' } } },
  },
];

/** The usage in the ledger's words. */
function tokensIn(usage: Anthropic.Usage) {
  const cachedInput = usage.cache_read_input_tokens ?? 0;
  const cacheWrittenInput = usage.cache_creation_input_tokens ?? 0;
  const input = usage.input_tokens + cachedInput + cacheWrittenInput;
  return { input, cachedInput, cacheWrittenInput, output: usage.output_tokens, reasoning: 0 };
}

test('S04 messages: a plain answer tells the usage that the ledger counts, under the dated name', () =>
  withServer(async ({ anthropic, row }) => {
    const message = await anthropic.messages.create(ask);
    expect(message).toMatchObject({ model: 'claude-haiku-4-5-20251001', stop_reason: 'end_turn' });
    expect(message.content).toMatchObject([{ type: 'text', text: expect.stringMatching(/\w+ \w+/) }]);
    expect(message._request_id).toMatch(/^req_/);
    expect(row('claude-haiku-4-5')).toMatchObject({
      calls: 1,
      delivered: 1,
      streamed: 0,
      tokens: tokensIn(message.usage),
    });
  }));

test('S04 messages: a stream has all the events in their order, and says the same', async () => {
  const plain = await withServer(({ anthropic }) => anthropic.messages.create(ask));
  await withServer(async ({ anthropic, url, row }) => {
    const stream = anthropic.messages.stream(ask);
    const types: string[] = [];
    for await (const { type } of stream) types.push(type);
    const final = await stream.finalMessage();
    expect(final.content).toEqual(plain.content);
    expect(final.usage).toMatchObject({
      output_tokens: plain.usage.output_tokens,
      input_tokens: plain.usage.input_tokens,
    });
    expect([...new Set(types)]).toEqual([
      ...['message_start', 'content_block_start', 'content_block_delta', 'content_block_stop'],
      ...['message_delta', 'message_stop'],
    ]);
    expect(row('claude-haiku-4-5')).toMatchObject({ delivered: 1, streamed: 1, tokens: tokensIn(plain.usage) });
    // The client hides the pings.
    const raw = await fetch(`${url}/v1/messages`, {
      ...{ method: 'POST', headers: { 'x-api-key': 'any' } },
      body: JSON.stringify({ ...ask, stream: true }),
    });
    expect(await raw.text()).toMatch(/^event: message_start\ndata: .+\n\nevent: ping\ndata: {"type":"ping"}\n\n/);
  });
});

test('S04 messages: a tool is used when it must be, plain and streamed; never when it must not', () =>
  withServer(async ({ anthropic }) => {
    const must = { ...ask, tools, tool_choice: { type: 'tool', name: 'search' } } as const;
    const plain = await anthropic.messages.create(must);
    const streamed = await anthropic.messages.stream(must).finalMessage();
    for (const { stop_reason, content } of [plain, streamed]) {
      expect(stop_reason).toBe('tool_use');
      const input = { query: expect.any(String), deep: expect.any(Boolean) };
      expect(content).toMatchObject([{ type: 'tool_use', name: 'search', input }]);
    }
    const none = await anthropic.messages.create({ ...ask, tools, tool_choice: { type: 'none' } });
    expect(none.content.map(({ type }) => type)).toEqual(['text']);
  }));

test('C03 messages: cache_control writes the prompt to the cache and reads it back; without it nothing is cached', async () => {
  let now = 1_700_000_000_000;
  await withServer(
    async ({ anthropic, row }) => {
      const long = 'Every rule of the house counts. '.repeat(200);
      const usageOf = async (marked: boolean, question: string, more = '') => {
        const system: Anthropic.TextBlockParam[] = [
          { type: 'text', text: long, ...(marked && { cache_control: { type: 'ephemeral' } }) },
          ...(more ? [{ type: 'text', text: more, cache_control: { type: 'ephemeral' } } as const] : []),
        ];
        const messages: Anthropic.MessageParam[] = [{ role: 'user', content: question }];
        return (await anthropic.messages.create({ ...ask, system, messages })).usage;
      };
      const told: Anthropic.Usage[] = [];
      const cacheOf = async (...of: Parameters<typeof usageOf>) => {
        const usage = await usageOf(...of);
        told.push(usage);
        return [usage.cache_creation_input_tokens, usage.cache_read_input_tokens];
      };
      expect(await cacheOf(false, 'one')).toEqual([0, 0]);
      expect(await cacheOf(true, 'one')).toEqual([1602, 0]);
      expect(await cacheOf(true, 'another')).toEqual([0, 1602]);
      expect(await cacheOf(true, 'another', 'More of it. '.repeat(40))).toEqual([123, 1602]);
      now += 5 * 60_000;
      expect(await cacheOf(true, 'one')).toEqual([1602, 0]);
      expect(told[1]?.cache_creation).toEqual({ ephemeral_5m_input_tokens: 1602, ephemeral_1h_input_tokens: 0 });
      expect((told[1] as Anthropic.Usage).input_tokens).toBeLessThan(20);
      const sum = (field: 'input' | 'cachedInput' | 'cacheWrittenInput') =>
        told.reduce((total, usage) => total + tokensIn(usage)[field], 0);
      expect(row('claude-haiku-4-5').tokens).toMatchObject({
        input: sum('input'),
        cachedInput: sum('cachedInput'),
        cacheWrittenInput: sum('cacheWrittenInput'),
      });
    },
    { now: () => now },
  );
});

test('S04 messages: JSON by the schema of output_config; cut at max_tokens', () =>
  withServer(async ({ anthropic }) => {
    const schema = { type: 'object', properties: { name: { type: 'string' } } };
    const json = await anthropic.messages.create({
      ...ask,
      output_config: { format: { type: 'json_schema', schema } },
    });
    expect(json.content[0]?.type === 'text' && JSON.parse(json.content[0].text)).toEqual({ name: expect.any(String) });
    const cut = await anthropic.messages.create({ ...ask, max_tokens: 4 });
    expect(cut).toMatchObject({ stop_reason: 'max_tokens', usage: { output_tokens: 4 } });
  }));
