import { describe, expect, test } from 'vitest';
import { canonicalUsage, tokensByKind, type Usage } from './usage.ts';

const usage = (given: Partial<Usage>): Usage => ({
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  cacheWrite1hTokens: 0,
  reasoningTokens: 0,
  ...given,
});

const shapes: [string, unknown, Partial<Usage>][] = [
  [
    'OpenAI chat',
    {
      prompt_tokens: 2006,
      completion_tokens: 300,
      total_tokens: 2306,
      prompt_tokens_details: { cached_tokens: 1920, audio_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 200, audio_tokens: 0 },
    },
    { inputTokens: 2006, outputTokens: 300, cacheReadTokens: 1920, reasoningTokens: 200 },
  ],
  [
    'OpenAI chat, cache writes of GPT-5.6',
    {
      prompt_tokens: 6000,
      completion_tokens: 1,
      prompt_tokens_details: { cached_tokens: 0, cache_write_tokens: 5000 },
    },
    { inputTokens: 6000, outputTokens: 1, cacheWriteTokens: 5000 },
  ],
  ['OpenAI embeddings', { prompt_tokens: 8, total_tokens: 8 }, { inputTokens: 8 }],
  [
    'Mistral',
    { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15, prompt_tokens_details: null },
    { inputTokens: 10, outputTokens: 5 },
  ],
  [
    'a gateway that adds the fields of Anthropic to those of OpenAI',
    {
      prompt_tokens: 100,
      completion_tokens: 1,
      cache_read_input_tokens: 90,
      prompt_tokens_details: { cached_tokens: 90 },
    },
    { inputTokens: 100, outputTokens: 1, cacheReadTokens: 90 },
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
    { inputTokens: 328, outputTokens: 52, cacheReadTokens: 300, cacheWriteTokens: 20, reasoningTokens: 40 },
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
      inputTokens: 130_213,
      outputTokens: 400,
      cacheReadTokens: 128_955,
      cacheWriteTokens: 1253,
      cacheWrite1hTokens: 1000,
      reasoningTokens: 300,
    },
  ],
  [
    'Anthropic, writes by age alone',
    {
      input_tokens: 1,
      cache_creation: { ephemeral_5m_input_tokens: 2, ephemeral_1h_input_tokens: 3 },
      output_tokens: 4,
    },
    { inputTokens: 6, outputTokens: 4, cacheWriteTokens: 5, cacheWrite1hTokens: 3 },
  ],
  [
    'Anthropic, writes in one number',
    { input_tokens: 1, cache_creation_input_tokens: 5, cache_read_input_tokens: 0, output_tokens: 4 },
    { inputTokens: 6, outputTokens: 4, cacheWriteTokens: 5 },
  ],
  [
    'a gateway that adds the fields of Anthropic to those of OpenAI responses',
    { input_tokens: 100, output_tokens: 1, cache_read_input_tokens: 90, input_tokens_details: { cached_tokens: 90 } },
    { inputTokens: 100, outputTokens: 1, cacheReadTokens: 90 },
  ],
  [
    'Anthropic without a cache',
    { input_tokens: 12, cache_creation_input_tokens: null, cache_read_input_tokens: null, output_tokens: 6 },
    { inputTokens: 12, outputTokens: 6 },
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
    { inputTokens: 1030, outputTokens: 250, cacheReadTokens: 800, reasoningTokens: 200 },
  ],
  [
    'Gemini that only thought',
    { promptTokenCount: 7, thoughtsTokenCount: 9 },
    { inputTokens: 7, outputTokens: 9, reasoningTokens: 9 },
  ],
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
    { inputTokens: 1000, outputTokens: 70, cacheReadTokens: 800, cacheWriteTokens: 50, reasoningTokens: 50 },
  ],
  [
    'AI SDK 5',
    { inputTokens: 100, outputTokens: 20, totalTokens: 120, cachedInputTokens: 60, reasoningTokens: 5 },
    { inputTokens: 100, outputTokens: 20, cacheReadTokens: 60, reasoningTokens: 5 },
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
    { inputTokens: 1105, outputTokens: 8, cacheReadTokens: 1000, cacheWriteTokens: 100, cacheWrite1hTokens: 60 },
  ],
];

describe('B05 usage in canonical form', () => {
  test.each(shapes)('B05 from %s', (_, raw, expected) => {
    const canonical = canonicalUsage(raw);
    expect(canonical).toEqual(usage(expected));
    expect(canonicalUsage(canonical), 'the canonical form reads as itself').toEqual(canonical);
  });

  test.each(shapes)('B05 each token of %s is under one kind', (_, raw, expected) => {
    const kinds = tokensByKind(canonicalUsage(raw) as Usage);
    const whole = usage(expected);
    expect(Object.values(kinds).reduce((sum, tokens) => sum + tokens)).toBe(whole.inputTokens + whole.outputTokens);
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
  expect(canonicalUsage(raw)).toBeUndefined();
});

test('B05 a count that is no number stays visible instead of becoming zero', () => {
  expect(canonicalUsage({ prompt_tokens: '12', completion_tokens: 1 })?.inputTokens).toBeNaN();
  expect(
    canonicalUsage({ input_tokens: 1, output_tokens: 1, cache_read_input_tokens: '5' })?.cacheReadTokens,
  ).toBeNaN();
});
