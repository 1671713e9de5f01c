import { describe, expect, test } from 'vitest';
import { costOf, toUsd } from './cost.ts';
import { parsePriceFile, type RatesJson } from './price-file.ts';
import { findPrice, loadPrices } from './price-table.ts';
import shipped from './prices.json' with { type: 'json' };
import { type Usage, usageOf } from './usage.ts';

const { table } = loadPrices();
const at = new Date('2026-11-20');
const priceOf = (provider: string, model: string, tier?: string) => {
  const price = findPrice(table, { provider, model, at, tier });
  if (!price) throw new Error(`no price for ${model}`);
  return price;
};
const none: Usage = {
  input: 0,
  output: 0,
  cacheRead: 0,
  cacheWrite: 0,
  cacheWrite1h: 0,
  reasoning: 0,
};
const priced = (usage: Usage, price = priceOf('openai', 'gpt-5')) => {
  const cost = costOf(usage, price);
  if (cost.kind !== 'priced') throw new Error(`${cost.kind}: ${cost.reason}`);
  return cost;
};

describe('B05 cache-aware arithmetic', () => {
  test('B05 a cached token is taken out of the input and priced once', () => {
    // langfuse/langfuse#10592: 17 903 in, of which 17 817 cached, were counted as 35 720.
    const usage = usageOf({
      prompt_tokens: 17_903,
      completion_tokens: 100,
      prompt_tokens_details: { cached_tokens: 17_817 },
    });
    const { parts, usd } = priced(usage as Usage);
    expect(parts).toEqual({
      input: 86n * 1_250_000n,
      output: 100n * 10_000_000n,
      cacheRead: 17_817n * 125_000n,
      cacheWrite: 0n,
    });
    expect(usd).toBe(0.003334625);
  });

  test("B05 Anthropic's input, which leaves cached tokens out, costs what its bill says", () => {
    // langfuse/langfuse#12306: 130 213 tokens were counted as 260 421.
    const usage = usageOf({
      input_tokens: 5,
      cache_read_input_tokens: 128_955,
      cache_creation_input_tokens: 1253,
      cache_creation: { ephemeral_5m_input_tokens: 253, ephemeral_1h_input_tokens: 1000 },
      output_tokens: 400,
    });
    const { parts, usd } = priced(usage as Usage, priceOf('anthropic', 'claude-sonnet-4-6'));
    expect(parts).toEqual({
      input: 5n * 3_000_000n,
      output: 400n * 15_000_000n,
      cacheRead: 128_955n * 300_000n,
      cacheWrite: 253n * 3_750_000n + 1000n * 6_000_000n,
    });
    expect(usd).toBe(0.05165025);
  });

  test('B05 reasoning is part of the output and not charged twice', () => {
    const usage = { ...none, input: 10, output: 1000 };
    expect(priced({ ...usage, reasoning: 900 }).picoUsd).toBe(priced(usage).picoUsd);
  });

  test('B05 above the threshold the whole call has the long price, cached tokens counting towards it', () => {
    const gemini = priceOf('gcp.gemini', 'gemini-2.5-pro');
    const usage = { ...none, input: 200_000, cacheRead: 150_000, output: 10 };
    expect(priced(usage, gemini)).toMatchObject({ longContext: false, parts: { input: 50_000n * 1_250_000n } });
    expect(priced({ ...usage, input: 200_001 }, gemini)).toMatchObject({
      longContext: true,
      parts: { input: 50_001n * 2_500_000n, cacheRead: 150_000n * 250_000n, output: 10n * 15_000_000n },
    });
  });

  test('B05 a service tier has its own price', () => {
    const usage = { ...none, input: 1_000_000 };
    expect(priced(usage, priceOf('openai', 'o3', 'flex')).usd).toBe(1);
    expect(priced(usage, priceOf('anthropic', 'claude-opus-5', 'fast')).usd).toBe(10);
  });

  test('C01 without a price the cost is unknown, not zero', () => {
    const cost = costOf({ ...none, input: 5 }, undefined);
    expect(cost).toEqual({ kind: 'unknown', reason: 'no price for this model, day and service tier' });
    expect(cost).not.toHaveProperty('usd');
  });

  test('C01 no tokens cost nothing where there is a price', () => {
    expect(priced(none)).toMatchObject({ picoUsd: 0n, usd: 0 });
  });
});

const contradictions: [Partial<Usage>, string][] = [
  [{ cacheRead: 11 }, '11 tokens read from and 0 written to the cache are more than the 10 of the input'],
  [{ cacheRead: 6, cacheWrite: 5 }, '6 tokens read from and 5 written to the cache are more than the 10'],
  [{ cacheWrite: 4, cacheWrite1h: 5 }, '5 tokens written for an hour are more than the 4 written'],
  [{ reasoning: 21 }, '21 reasoning tokens are more than the 20 of the output that includes them'],
  [{ input: -1 }, 'input is -1, not a whole number from 0'],
  [{ output: 1.5 }, 'output is 1.5, not'],
  [{ output: Number.NaN }, 'output is NaN, not'],
  [{ input: Number.POSITIVE_INFINITY }, 'input is Infinity, not'],
  [{ input: 2 ** 53 }, 'input is 9007199254740992, not'],
  [{ cacheRead: '6' as unknown as number }, 'cacheRead is 6, not a whole number'],
  [{ input: '10' as unknown as number }, 'input is 10, not a whole number'],
];

test.each(contradictions)('B05 counts that contradict each other are named, not priced: %j', (change, reason) => {
  const usage = { ...none, input: 10, output: 20 };
  expect(costOf(usage, priceOf('openai', 'gpt-5')).kind).toBe('priced');
  for (const price of [priceOf('openai', 'gpt-5'), undefined])
    expect(costOf({ ...usage, ...change }, price)).toEqual({
      kind: 'invalid',
      reason: expect.stringContaining(reason),
    });
});

test('C03 pico-USD become the nearest double, however large', () => {
  expect(toUsd(1n)).toBe(1e-12);
  expect(toUsd(300_000_000_000n)).toBe(0.3);
  expect(toUsd(100_000_000_000n + 200_000_000_000n)).not.toBe(0.1 + 0.2);
  expect(toUsd(123_456_789_012_345_678_901n)).toBe(123_456_789.01234567);
});

/** The same numbers on every run. (mulberry32) */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

function randomUsage(below: (limit: number) => number): Required<Usage> {
  const input = below(400_000);
  const cacheRead = below(input + 1);
  const cacheWrite = below(input - cacheRead + 1);
  const output = below(20_000);
  return {
    input,
    output,
    cacheRead,
    cacheWrite,
    cacheWrite1h: below(cacheWrite + 1),
    reasoning: below(output + 1),
  };
}

/** Every price of the file, with the text it was read from. */
const everyPrice = Object.entries(parsePriceFile(shipped).providers).flatMap(([provider, { models }]) =>
  Object.entries(models).flatMap(([model, { prices }]) =>
    prices.map((json) => ({ json, price: findPrice(table, { provider, model, at: new Date(json.from) }) })),
  ),
);

describe('C03 10 000 random calls over every shipped price', () => {
  const below = seeded(20_261_121);
  const calls = Array.from({ length: 10_000 }, () => {
    const { json, price } = everyPrice[below(everyPrice.length)] as (typeof everyPrice)[number];
    const usage = randomUsage(below);
    return { usage, json, cost: costOf(usage, price) };
  });

  test('C03 the parts of each add up to its total, and nothing is priced at or below zero that has tokens and a price', () => {
    expect(everyPrice.length).toBeGreaterThan(150);
    for (const { cost, usage } of calls) {
      if (cost.kind !== 'priced') throw new Error(cost.reason);
      const { input, output, cacheRead, cacheWrite } = cost.parts;
      expect(input + output + cacheRead + cacheWrite).toBe(cost.picoUsd);
      expect(cost.usd).toBe(toUsd(cost.picoUsd));
      if (usage.input > 0) expect(cost.picoUsd).toBeGreaterThan(0n);
    }
  });

  test('C03 their sum is price × tokens to the last pico-USD; the same in floats is off, by less than 1 in 10¹²', () => {
    let exact = 0n;
    let floats = 0;
    let sum = 0n;
    for (const { usage, json, cost } of calls) {
      if (cost.kind !== 'priced') throw new Error(cost.reason);
      sum += cost.picoUsd;
      const rates = json.longContext && usage.input > json.longContext.above ? json.longContext : json;
      for (const [tokens, usdPerMillion] of billed(usage, rates)) {
        exact += BigInt(tokens) * BigInt(Math.round(Number(usdPerMillion) * 1e6));
        floats += (tokens / 1e6) * Number(usdPerMillion);
      }
    }
    expect(sum).toBe(exact);
    const error = Math.abs(floats - toUsd(exact)) / toUsd(exact);
    expect(error).toBeGreaterThan(0);
    expect(error).toBeLessThan(1e-12);
  });
});

/** The bill, written out: tokens and the price of each. Independent of the code under test. */
function billed(usage: Required<Usage>, rates: RatesJson): [number, string][] {
  const { input, output, cacheRead = input, cacheWrite = input, cacheWrite1h = cacheWrite } = rates;
  return [
    [usage.input - usage.cacheRead - usage.cacheWrite, input],
    [usage.cacheRead, cacheRead],
    [usage.cacheWrite - usage.cacheWrite1h, cacheWrite],
    [usage.cacheWrite1h, cacheWrite1h],
    [usage.output, output],
  ];
}
