import { describe, expect, test } from 'vitest';
import { tokensByKind, type Usage, usageOf } from './usage.ts';

const shapes: [string, unknown, Usage][] = [
  [
    'OpenAI chat',
    {
      prompt_tokens: 2006,
      completion_tokens: 300,
      total_tokens: 2306,
      prompt_tokens_details: { cached_tokens: 1920, audio_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 200, audio_tokens: 0 },
    },
    { input: 2006, output: 300, cacheRead: 1920, reasoning: 200 },
  ],
  [
    'OpenAI chat, cache writes of GPT-5.6',
    {
      prompt_tokens: 6000,
      completion_tokens: 1,
      prompt_tokens_details: { cached_tokens: 0, cache_write_tokens: 5000 },
    },
    { input: 6000, output: 1, cacheRead: 0, cacheWrite: 5000 },
  ],
  ['OpenAI embeddings', { prompt_tokens: 8, total_tokens: 8 }, { input: 8, output: 0 }],
  [
    'Mistral',
    { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15, prompt_tokens_details: null },
    { input: 10, output: 5 },
  ],
  [
    'a gateway that adds the fields of Anthropic to those of OpenAI',
    {
      prompt_tokens: 100,
      completion_tokens: 1,
      cache_read_input_tokens: 90,
      prompt_tokens_details: { cached_tokens: 90 },
    },
    { input: 100, output: 1, cacheRead: 90 },
  ],
  [
    'OpenAI responses',
    {
      input_tokens: 328,
      input_tokens_details: { cached_tokens: 300, cache_write_tokens: 20 },
      output_tokens: 52,
      output_tokens_details: { reasoning_tokens: 40 },
      total_tokens: 380,
    },
    { input: 328, output: 52, cacheRead: 300, cacheWrite: 20, reasoning: 40 },
  ],
  [
    'Anthropic',
    {
      input_tokens: 5,
      cache_creation_input_tokens: 1253,
      cache_read_input_tokens: 128_955,
      cache_creation: { ephemeral_5m_input_tokens: 253, ephemeral_1h_input_tokens: 1000 },
      output_tokens: 400,
      output_tokens_details: { thinking_tokens: 300 },
      service_tier: 'standard',
    },
    {
      input: 130_213,
      output: 400,
      cacheRead: 128_955,
      cacheWrite: 1253,
      cacheWrite1h: 1000,
      reasoning: 300,
    },
  ],
  [
    'Anthropic, writes by age alone',
    {
      input_tokens: 1,
      cache_creation: { ephemeral_5m_input_tokens: 2, ephemeral_1h_input_tokens: 3 },
      output_tokens: 4,
    },
    { input: 6, output: 4, cacheWrite: 5, cacheWrite1h: 3 },
  ],
  [
    'Anthropic, writes in one number',
    { input_tokens: 1, cache_creation_input_tokens: 5, cache_read_input_tokens: 0, output_tokens: 4 },
    { input: 6, output: 4, cacheRead: 0, cacheWrite: 5 },
  ],
  [
    'a gateway that adds the fields of Anthropic to those of OpenAI responses',
    { input_tokens: 100, output_tokens: 1, cache_read_input_tokens: 90, input_tokens_details: { cached_tokens: 90 } },
    { input: 100, output: 1, cacheRead: 90 },
  ],
  [
    'Anthropic without a cache',
    { input_tokens: 12, cache_creation_input_tokens: null, cache_read_input_tokens: null, output_tokens: 6 },
    { input: 12, output: 6 },
  ],
  [
    'Anthropic: compactions are told apart from the rest, other iterations are not',
    {
      ...{ input_tokens: 10, output_tokens: 7, cache_read_input_tokens: null },
      iterations: [
        { type: 'message', input_tokens: 10, output_tokens: 7 },
        { type: 'compaction', input_tokens: 500, output_tokens: 90, cache_read_input_tokens: 5 },
      ],
    },
    { input: 515, output: 97, cacheRead: 5 },
  ],
  [
    'xAI and Gemini in the form of OpenAI: what the total has and the completion has not is output too',
    {
      prompt_tokens: 10_120,
      completion_tokens: 1499,
      total_tokens: 14_428,
      completion_tokens_details: { reasoning_tokens: 2809 },
    },
    { input: 10_120, output: 4308, reasoning: 2809 },
  ],
  [
    'OpenAI responses without details of the input',
    { input_tokens: 9, output_tokens: 5, total_tokens: 14, output_tokens_details: { reasoning_tokens: 1 } },
    { input: 9, output: 5, reasoning: 1 },
  ],
  [
    'Gemini',
    {
      promptTokenCount: 1000,
      cachedContentTokenCount: 800,
      candidatesTokenCount: 50,
      thoughtsTokenCount: 200,
      toolUsePromptTokenCount: 30,
      totalTokenCount: 1280,
    },
    { input: 1030, output: 250, cacheRead: 800, reasoning: 200 },
  ],
  ['Gemini that only thought', { promptTokenCount: 7, thoughtsTokenCount: 9 }, { input: 7, output: 9, reasoning: 9 }],
  [
    'AI SDK 6',
    {
      inputTokens: 1000,
      inputTokenDetails: { noCacheTokens: 150, cacheReadTokens: 800, cacheWriteTokens: 50 },
      outputTokens: 70,
      outputTokenDetails: { textTokens: 20, reasoningTokens: 50 },
      totalTokens: 1070,
      cachedInputTokens: 800,
      reasoningTokens: 50,
    },
    { input: 1000, output: 70, cacheRead: 800, cacheWrite: 50, reasoning: 50 },
  ],
  [
    'AI SDK 5',
    { inputTokens: 100, outputTokens: 20, totalTokens: 120, cachedInputTokens: 60, reasoningTokens: 5 },
    { input: 100, output: 20, cacheRead: 60, reasoning: 5 },
  ],
  [
    'Bedrock Converse',
    {
      inputTokens: 5,
      outputTokens: 8,
      totalTokens: 1113,
      cacheReadInputTokens: 1000,
      cacheWriteInputTokens: 100,
      cacheDetails: [
        { ttl: '1h', inputTokens: 60 },
        { ttl: '5m', inputTokens: 40 },
      ],
    },
    { input: 1105, output: 8, cacheRead: 1000, cacheWrite: 100, cacheWrite1h: 60 },
  ],
];

describe('B05 usage in one form', () => {
  test.each(shapes)('B05 from %s', (_, raw, expected) => {
    expect(usageOf(raw)).toEqual(expected);
  });

  test.each(shapes)('B05 each token of %s is under one kind', (_, raw, expected) => {
    const kinds = tokensByKind(usageOf(raw) as Usage);
    expect(Object.values(kinds).reduce((sum, tokens) => sum + tokens)).toBe(expected.input + expected.output);
    expect(Math.min(...Object.values(kinds))).toBeGreaterThanOrEqual(0);
  });
});

test.each([
  undefined,
  null,
  'prompt_tokens',
  5,
  [],
  {},
  { total_tokens: 5 },
  { inputTokens: undefined, outputTokens: undefined },
])('C01 %j holds no usage, which is not the same as none used', (raw) => {
  expect(usageOf(raw)).toBeUndefined();
});

test.each([
  { prompt_tokens: '12', completion_tokens: 1 },
  { prompt_tokens: null, input_tokens: 'many' },
  { input_tokens: 1, output_tokens: 1, cache_read_input_tokens: '5' },
  { inputTokens: -1, outputTokens: 1 },
  { promptTokenCount: Number.NaN },
])('C01 a count that is no count, as in %j, makes the usage unknown instead of zero', (raw) => {
  expect(usageOf(raw)).toBeUndefined();
});
