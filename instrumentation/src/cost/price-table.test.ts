import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parsePriceFile } from './price-file.ts';
import { findPrice, loadPrices, type PriceQuery } from './price-table.ts';
import shipped from './prices.json' with { type: 'json' };

const { table } = loadPrices();
const at = new Date('2026-11-20T12:00:00Z');
const usd = (picoUsd: bigint | undefined) => (picoUsd === undefined ? undefined : Number(picoUsd) / 1e6);
const modelOf = (provider: string | undefined, model: string) => findPrice(table, { provider, model, at })?.model;

const spellings: [string | undefined, string, string, string][] = [
  ['openai', 'gpt-4o', 'openai', 'gpt-4o'],
  ['openai', ' GPT-4o ', 'openai', 'gpt-4o'],
  ['openai', 'gpt-5-2026-01-15', 'openai', 'gpt-5'],
  ['openai', 'gpt-4.1-mini-2025-04-14', 'openai', 'gpt-4.1-mini'],
  ['openai', 'gpt-5.6', 'openai', 'gpt-5.6-sol'],
  ['openai', 'openai/gpt-4o', 'openai', 'gpt-4o'],
  ['openai', 'ft:gpt-4o-mini-2024-07-18:acme::abc123', 'openai', 'ft:gpt-4o-mini'],
  ['OpenAI', 'gpt-4o', 'openai', 'gpt-4o'],
  ['openai.responses', 'gpt-5', 'openai', 'gpt-5'],
  ['azure.ai.openai', 'gpt-4o-2024-11-20', 'openai', 'gpt-4o'],
  ['azure-openai.chat', 'gpt-5-1', 'openai', 'gpt-5.1'],
  ['anthropic', 'claude-sonnet-4-5-20250929', 'anthropic', 'claude-sonnet-4-5'],
  ['anthropic', 'claude-opus-4-20250514', 'anthropic', 'claude-opus-4'],
  ['anthropic', 'claude-opus-4-6[1m]', 'anthropic', 'claude-opus-4-6'],
  ['anthropic', 'claude-3-5-haiku-latest', 'anthropic', 'claude-3-5-haiku'],
  ['aws.bedrock', 'anthropic.claude-3-5-sonnet-20241022-v2:0', 'aws.bedrock', 'claude-3-5-sonnet'],
  ['aws.bedrock', 'us.anthropic.claude-sonnet-4-5-20250929-v1:0', 'aws.bedrock', 'claude-sonnet-4-5'],
  ['amazon-bedrock', 'us-gov.anthropic.claude-sonnet-4-5-20250929-v1:0', 'aws.bedrock', 'claude-sonnet-4-5'],
  ['aws.bedrock', 'global.anthropic.claude-sonnet-4-5-20250929-v1:0', 'anthropic', 'claude-sonnet-4-5'],
  ['aws.bedrock', 'anthropic.claude-3-haiku-20240307-v1:0:200k', 'aws.bedrock', 'claude-3-haiku'],
  ['aws.bedrock', 'global.openai.gpt-6.2-sol', 'openai', 'gpt-6.2-sol'],
  [
    'aws.bedrock',
    'arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.anthropic.claude-opus-4-6-v1:0',
    'aws.bedrock',
    'claude-opus-4-6',
  ],
  ['gcp.vertex_ai', 'claude-sonnet-4-5@20250929', 'anthropic', 'claude-sonnet-4-5'],
  ['gcp.vertex_ai', 'claude-opus-4-5@default', 'anthropic', 'claude-opus-4-5'],
  ['google.vertex.chat', 'publishers/google/models/gemini-2.5-flash', 'gcp.gemini', 'gemini-2.5-flash'],
  [
    'gcp.vertex_ai',
    'projects/p/locations/global/publishers/anthropic/models/claude-opus-5',
    'anthropic',
    'claude-opus-5',
  ],
  ['gcp.gemini', 'models/gemini-2.5-pro', 'gcp.gemini', 'gemini-2.5-pro'],
  ['google.generative-ai', 'gemini-2.0-flash-001', 'gcp.gemini', 'gemini-2.0-flash'],
  ['mistral_ai', 'mistral-medium-3', 'mistral_ai', 'mistral-medium-3-5'],
  ['openrouter', 'anthropic/claude-sonnet-4.5', 'anthropic', 'claude-sonnet-4-5'],
  ['litellm', 'vertex_ai/claude-opus-4-5', 'anthropic', 'claude-opus-4-5'],
  ['litellm', 'bedrock/eu.anthropic.claude-opus-4-6-v1:0', 'aws.bedrock', 'claude-opus-4-6'],
  ['openai', 'anthropic/claude-opus-5', 'anthropic', 'claude-opus-5'],
  [undefined, 'gpt-4o', 'openai', 'gpt-4o'],
  [undefined, 'google/gemini-2.5-pro', 'gcp.gemini', 'gemini-2.5-pro'],
];

test.each(spellings)('C01 %s %s is priced as %s %s', (provider, model, listOf, as) => {
  expect(findPrice(table, { provider, model, at })).toMatchObject({ provider: listOf, model: as });
});

const others: [string, string, string][] = [
  ['openai', 'gpt-4o-mini', 'gpt-4o-mini'],
  ['openai', 'gpt-5-codex', 'gpt-5-codex'],
  ['openai', 'gpt-5-mini', 'gpt-5-mini'],
  ['openai', 'gpt-4o-2024-05-13', 'gpt-4o-2024-05-13'],
  ['openai', 'o3-mini', 'o3-mini'],
  ['openai', 'gpt-5.5', 'gpt-5.5'],
  ['anthropic', 'claude-opus-5-5', 'claude-opus-5-5'],
  ['anthropic', 'claude-fable-5-1', 'claude-fable-5-1'],
  ['gcp.gemini', 'gemini-2.5-flash-lite', 'gemini-2.5-flash-lite'],
];

test.each(others)('C01 %s %s is itself, not the model whose name it begins with', (provider, model, as) => {
  expect(modelOf(provider, model)).toBe(as);
});

const unknown: [string | undefined, string][] = [
  ['openai', 'gpt-4o-mini-super'],
  ['openai', 'gpt-5-codex-mini'],
  ['openai', 'gpt-5.7'],
  ['openai', 'gpt-6'],
  ['openai', 'gpt'],
  ['openai', 'gpt-5-20261301'],
  ['openai', 'ft:gpt-9:acme::1'],
  ['openai', 'claude-opus-5'],
  ['anthropic', 'claude-opus-5-6'],
  ['anthropic', 'claude-sonnet-4-5-turbo'],
  ['anthropic', 'gpt-4o'],
  ['gcp.gemini', 'gemini-2.5-pro-preview-tts'],
  ['aws.bedrock', 'mistral.mistral-large-2407-v1:0'],
  ['aws.bedrock', 'us.openai.gpt-6.2-sol'],
  ['openrouter', 'openai/gpt-4o:free'],
  ['openrouter', 'someone/gpt-4o'],
  ['groq', 'openai/gpt-4o'],
  ['groq', 'gpt-4o'],
  [undefined, 'someone/gpt-4o'],
  ['openai', ''],
  ['openai', '__proto__'],
  ['__proto__', 'constructor'],
];

test.each(unknown)('C01 %s %s has no price', (provider, model) => {
  expect(findPrice(table, { provider, model, at })).toBeUndefined();
});

test('C01 what is no model id has no price and throws nothing', () => {
  expect(modelOf('openai', 'x'.repeat(100_000))).toBeUndefined();
  for (const wrong of [undefined, null, 5, {}]) {
    const query = { provider: wrong, model: wrong, tier: wrong, at } as unknown as PriceQuery;
    expect(findPrice(table, query)).toBeUndefined();
  }
});

describe('B05 dated prices', () => {
  const o3 = (day: string) => findPrice(table, { provider: 'openai', model: 'o3-2025-04-16', at: new Date(day) });

  test("B05 o3 costs what it cost on the day: its cut of 10 June 2025 begins at that day's first millisecond, UTC", () => {
    expect(usd(o3('2025-06-09T23:59:59.999Z')?.rates.input)).toBe(10);
    expect(usd(o3('2025-06-10T00:00:00.000Z')?.rates.input)).toBe(2);
    expect(o3('2025-06-10')).toMatchObject({ from: '2025-06-10', tier: 'standard' });
  });

  test('B05 a price that begins after the call is not used, and neither is any on no day', () => {
    expect(o3('2025-04-15T23:59:59Z')).toBeUndefined();
    expect(o3('someday')).toBeUndefined();
  });

  test('B05 an announced price waits for its day', () => {
    const flash = (day: string) =>
      usd(findPrice(table, { provider: 'google', model: 'gemini-3.8-flash', at: new Date(day) })?.rates.output);
    expect([flash('2026-12-31T23:59:59Z'), flash('2027-01-01')]).toEqual([3.75, 7.5]);
  });

  test('B05 a name that moves from model to model has the price of its day', () => {
    const medium = (day: string) =>
      usd(findPrice(table, { provider: 'mistral_ai', model: 'mistral-medium-latest', at: new Date(day) })?.rates.input);
    expect([medium('2026-06-15'), medium('2026-06-16')]).toEqual([0.4, 1.5]);
  });
});

describe('C01 service tiers', () => {
  const gpt5 = (tier: string | undefined) => findPrice(table, { provider: 'openai', model: 'gpt-5', at, tier });

  test('C01 a tier has its own price, under every word the provider has for it', () => {
    expect(['default', 'auto', 'standard', '', undefined].map((tier) => usd(gpt5(tier)?.rates.input))).toEqual(
      Array(5).fill(1.25),
    );
    expect(usd(gpt5('flex')?.rates.input)).toBe(0.625);
    expect([gpt5('priority'), gpt5('FAST')].map((price) => usd(price?.rates.input))).toEqual([2.5, 2.5]);
  });

  test('C01 a tier that is not in the table makes the cost unknown, not standard', () => {
    expect(gpt5('ultrafast')).toBeUndefined();
    expect(findPrice(table, { provider: 'anthropic', model: 'claude-opus-5', at, tier: 'priority' })).toBeUndefined();
  });
});

test('C01 a missing cache price is the price of input, never zero', () => {
  const pro = findPrice(table, { provider: 'openai', model: 'gpt-5.5-pro', at });
  expect(pro?.rates).toEqual({
    input: 30_000_000n,
    output: 180_000_000n,
    cacheRead: 30_000_000n,
    cacheWrite: 30_000_000n,
    cacheWrite1h: 30_000_000n,
  });
  const gpt56 = findPrice(table, { provider: 'openai', model: 'gpt-5.6-sol', at });
  expect(gpt56?.rates.cacheWrite1h).toBe(gpt56?.rates.cacheWrite);
});

test('C01 every name in the shipped file leads to its own model on the first day of its price', () => {
  const all = Object.entries(parsePriceFile(shipped).providers).flatMap(([provider, { models }]) =>
    Object.entries(models).flatMap(([model, { aliases = [], prices }]) =>
      [model, ...aliases].flatMap((id) => prices.map(({ from }) => ({ provider, model, id, from }))),
    ),
  );
  expect(all.length).toBeGreaterThan(200);
  for (const { provider, model, id, from } of all)
    expect(findPrice(table, { provider, model: id, at: new Date(from) }), id).toMatchObject({ provider, model, from });
});

test('C01 made-up model ids cannot fill the memory, and the answers stay right', () => {
  const { table: small } = loadPrices();
  for (let index = 0; index < 5000; index++) findPrice(small, { provider: 'openai', model: `made-up-${index}`, at });
  expect(small.lookUps.size).toBe(500);
  expect(findPrice(small, { provider: 'openai', model: 'gpt-4o', at })?.model).toBe('gpt-4o');
  expect(small.lookUps.size).toBe(500);
});

describe('an override file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'prices-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const load = (content: unknown) => {
    const path = join(folder, 'prices.json');
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    return { ...loadPrices(path), path };
  };
  const mine = { from: '2026-01-01', input: '0.5', output: '1' };
  const models = (entries: object, provider = 'anthropic') => ({ providers: { [provider]: { models: entries } } });
  const inputOf = (loaded: ReturnType<typeof load>, provider: string, model: string, day = at) =>
    usd(findPrice(loaded.table, { provider, model, at: day })?.rates.input);

  test('C01 replaces a model, its dates and its other names included, and leaves the others', () => {
    const loaded = load(models({ 'claude-opus-4': { prices: [mine] } }));
    expect(loaded.warnings).toEqual([]);
    expect(inputOf(loaded, 'anthropic', 'claude-opus-4-20250514')).toBe(0.5);
    expect(inputOf(loaded, 'anthropic', 'claude-opus-4-0')).toBe(0.5);
    expect(inputOf(loaded, 'gcp.vertex_ai', 'claude-opus-4')).toBe(0.5);
    expect(inputOf(loaded, 'anthropic', 'claude-opus-4', new Date('2025-12-31'))).toBeUndefined();
    expect(inputOf(loaded, 'anthropic', 'claude-opus-5')).toBe(5);
  });

  test('C01 adds a model, a provider and what it sells', () => {
    const loaded = load({
      providers: {
        Local: {
          aliases: ['vllm'],
          sells: ['OpenAI'],
          tierAliases: { Cheap: 'standard' },
          models: { 'Qwen/Qwen9-32B': { prices: [{ ...mine, input: '0' }], aliases: ['our-model'] } },
        },
        openai: { models: { 'gpt-99': { prices: [mine] } } },
      },
    });
    expect(loaded.warnings).toEqual([]);
    expect(inputOf(loaded, 'vllm', 'qwen/qwen9-32b')).toBe(0);
    expect(inputOf(loaded, 'local', 'our-model')).toBe(0);
    expect(inputOf(loaded, 'local', 'gpt-4o')).toBe(2.5);
    expect(inputOf(loaded, 'openai', 'gpt-99')).toBe(0.5);
    expect(findPrice(loaded.table, { provider: 'local', model: 'our-model', at, tier: 'cheap' })).toBeDefined();
    expect(inputOf(loaded, 'vllm', 'our-other-model')).toBeUndefined();
  });

  test('C01 gives a provider by another of its names the same list', () => {
    expect(
      inputOf(load(models({ 'gemini-2.5-pro': { prices: [mine] } }, 'google')), 'gcp.gemini', 'gemini-2.5-pro'),
    ).toBe(0.5);
  });

  test('C01 may make a model of what is another name in the shipped prices', () => {
    const loaded = load(models({ 'claude-opus-4-0': { prices: [mine] } }));
    expect(inputOf(loaded, 'anthropic', 'claude-opus-4-0')).toBe(0.5);
    expect(inputOf(loaded, 'anthropic', 'claude-opus-4')).toBe(15);
  });

  test('C01 may give a shipped name to another model', () => {
    const loaded = load(models({ 'my-sonnet': { prices: [mine], aliases: ['claude-sonnet-5'] } }));
    expect(inputOf(loaded, 'anthropic', 'claude-sonnet-5')).toBe(0.5);
  });

  const useless: [string, unknown, string][] = [
    ['is not JSON', '{', 'JSON'],
    ['is of another format', { 'gpt-4o': 5 }, '["gpt-4o"] is 5: remove it, or use one of $schema, providers'],
    [
      'has a float',
      models({ m: { prices: [{ ...mine, input: 0.5 }] } }),
      'providers.anthropic.models.m.prices[0].input is 0.5',
    ],
    [
      'sells for nobody',
      { providers: { us: { sells: ['opnai'], models: {} } } },
      'providers.us.sells has opnai: use one of openai, anthropic',
    ],
  ];

  test.each(useless)('C01 that %s is named in one warning, and the shipped prices are used', (_, content, reason) => {
    const loaded = load(content);
    expect(loaded.warnings).toEqual([
      expect.stringMatching(/^Ignored the prices of .*prices\.json: .+\. Using the shipped prices\.$/),
    ]);
    expect(loaded.warnings[0]).toContain(reason);
    expect(loaded.warnings[0]).toContain(loaded.path);
    expect(inputOf(loaded, 'openai', 'gpt-4o')).toBe(2.5);
    expect(inputOf(loaded, 'anthropic', 'm')).toBeUndefined();
  });

  test('C01 that is not there is named in one warning', () => {
    const { warnings } = loadPrices(join(folder, 'gone.json'));
    expect(warnings).toEqual([expect.stringMatching(/gone\.json: ENOENT.*Using the shipped prices\.$/)]);
  });
});
