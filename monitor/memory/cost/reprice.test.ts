import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { costOf } from '../../../instrumentation/src/cost/cost.ts';
import { findPrice } from '../../../instrumentation/src/cost/price-table.ts';
import type { Step } from '../../ledger/record.ts';
import { someStep } from '../../testing/some-run.ts';
import type { Snapshot, Spending } from '../record.ts';
import { versionedPrices } from './price-version.ts';
import { reprice } from './reprice.ts';
import { keepRepricing, repricingOf, repricings, spendingOn } from './repricings.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fleetscope-reprice-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function prices(models: object) {
  const file = join(folder, 'prices.json');
  writeFileSync(file, JSON.stringify({ providers: { openai: { models } } }));
  return versionedPrices(file);
}

const ledger = (steps: readonly Step[]) => ({
  async *stepsBetween({ sinceIso = '', untilIso = '9' }: { sinceIso?: string; untilIso?: string }) {
    yield* steps.filter(({ started_at }) => started_at >= sinceIso && started_at < untilIso);
  },
});

let ids = 0;
function call(different: Partial<Step> = {}, details: Step['details'] = {}): Step {
  return someStep(`step-${ids++}`, {
    ...{ started_at: '2026-02-15T10:00:00.000Z', name: 'gpt-5', input_tokens: 1000, output_tokens: 100 },
    cost_micro_usd: 2250,
    details: { provider: 'openai', cache_read_tokens: 0, cache_write_tokens: 0, ...details },
    ...different,
  });
}

const days = { from: '2026-02-15', through: '2026-02-16' };

describe('B05 the past by the prices of today', () => {
  test('B05 by unchanged prices nothing changes: each call costs what was recorded, to the nano-USD', async () => {
    const { table } = versionedPrices();
    const tokens = fc.integer({ min: 0, max: 400_000 });
    const models = fc.constantFrom('gpt-5', 'gpt-5-mini', 'gpt-5.4', 'gpt-5-nano');
    const calls = fc.array(
      fc.record({
        input: tokens,
        output: tokens,
        share: fc.nat(100),
        model: models,
        tier: fc.constantFrom('', 'flex'),
      }),
      { maxLength: 20 },
    );
    const at = '2026-06-01T10:00:00.000Z';
    await fc.assert(
      fc.asyncProperty(calls, async (all) => {
        const steps = all.flatMap(({ input, output, share, model, tier }) => {
          const cacheRead = Math.floor((input * share) / 100);
          const price = findPrice(table, { provider: 'openai', model, at: new Date(at), tier });
          const cost = costOf({ input, output, cacheRead }, price);
          if (cost.kind !== 'priced') return [];
          return call(
            {
              name: model,
              started_at: at,
              input_tokens: input,
              output_tokens: output,
              cost_micro_usd: Math.round(cost.usd * 1e9) / 1000,
            },
            { cache_read_tokens: cacheRead, ...(tier && { service_tier: tier }) },
          );
        });
        expect(await reprice({ ledger: ledger(steps), table, from: '2026-06-01', through: '2026-06-01' })).toEqual([]);
      }),
    );
  });

  test('B05 a price that changed, from its day on; cached tokens, service tier and long context have theirs', async () => {
    const { table } = prices({
      'gpt-5': {
        prices: [
          { from: '2025-08-07', input: '1.25', output: '10', cacheRead: '0.125' },
          {
            ...{ from: '2026-02-16', input: '2', output: '20', cacheRead: '0.2' },
            ...{ tiers: { flex: { input: '1', output: '10', cacheRead: '0.1' } } },
            longContext: { above: 1500, input: '4', output: '40', cacheRead: '0.4' },
          },
        ],
      },
    });
    const next = '2026-02-16T00:00:00.000Z';
    const steps = [
      call(),
      call({ started_at: next }),
      call({ started_at: next }, { cache_read_tokens: 500 }),
      call({ started_at: next }, { service_tier: 'flex' }),
      call({ started_at: next, input_tokens: 2000 }),
    ];
    const [row, ...others] = await reprice({ ledger: ledger(steps), table, ...days });
    expect(others).toEqual([]);
    // 2000 + 2000, 1000 + 100 + 2000, 1000 + 1000, 8000 + 4000
    expect(row).toEqual({
      ...{ date: '2026-02-16', model: 'gpt-5', calls: 4, old_micro_usd: 9000, new_micro_usd: 21_100 },
      ...{ difference_micro_usd: 12_100, old_unpriced_calls: 0, new_unpriced_calls: 0, left: {} },
    });
  });

  test('B05 C01 a price that became known takes the place of none; without one, none stays, and is told', async () => {
    const unknown = call({ name: 'gpt-77-nova', cost_micro_usd: null, unpriced_calls: 1 });
    const before = versionedPrices();
    const [still] = await reprice({ ledger: ledger([unknown]), table: before.table, ...days });
    expect(still).toMatchObject({
      old_micro_usd: null,
      new_micro_usd: null,
      new_unpriced_calls: 1,
      left: { 'no price': 1 },
    });
    const { table, version } = prices({ 'gpt-77-nova': { prices: [{ from: '2026-01-01', input: '1', output: '1' }] } });
    expect(version).not.toBe(before.version);
    const [now] = await reprice({ ledger: ledger([unknown]), table, ...days });
    expect(now).toMatchObject({
      ...{ old_micro_usd: null, new_micro_usd: 1100, difference_micro_usd: 1100 },
      ...{ old_unpriced_calls: 1, new_unpriced_calls: 0, left: {} },
    });
  });

  test('B05 what cannot be priced exactly is left as it was, and why', async () => {
    const { table } = versionedPrices();
    const steps = [
      call({ details: { provider: 'openai' } }),
      call({ cost_micro_usd: 7 }, { cache_read_tokens: 2000 }),
      call({ cost_micro_usd: 5, input_tokens: 0, output_tokens: 0 }),
    ];
    const [row] = await reprice({ ledger: ledger(steps), table, ...days });
    expect(row).toMatchObject({
      ...{ old_micro_usd: 2262, new_micro_usd: 2262, difference_micro_usd: 0 },
      left: { 'cached tokens not kept': 1, 'counts contradict': 1 },
    });
  });

  test('B05 of days whose calls are gone their sums are priced where every token has one price; else they are left', async () => {
    const flat = { prices: [{ from: '2026-01-01', input: '1', output: '3' }] };
    const tiered = { prices: [{ from: '2026-01-01', input: '1', output: '3', cacheRead: '0.1' }] };
    const long = { prices: [{ ...flat.prices[0], longContext: { above: 500, input: '2', output: '6' } }] };
    const { table } = prices({ 'flat-1': flat, 'long-1': long, 'tiered-1': tiered });
    const cost: Spending = {
      micro_usd: 5,
      failed_micro_usd: null,
      input_tokens: 1000,
      output_tokens: 100,
      unpriced_calls: 0,
    };
    const models = ['flat-1', 'long-1', 'tiered-1', 'gone-1'].map((model) => ({ model, calls: 2, failed: 0, cost }));
    const memory = { snapshot: async (date: string) => ({ date, models }) as unknown as Snapshot };
    const only = { from: '2026-02-15', through: '2026-02-15' };
    const rows = await reprice({ ledger: ledger([]), memory, table, ...only });
    expect(rows.map((row) => [row.model, row.new_micro_usd, row.left])).toEqual([
      ['flat-1', 1300, {}],
      ['gone-1', 5, { 'no price': 2 }],
      ['long-1', 5, { 'calls gone': 2 }],
      ['tiered-1', 5, { 'calls gone': 2 }],
    ]);
    // Where the ledger has any call of the day, the sums of a snapshot are not added to it.
    expect(await reprice({ ledger: ledger([call()]), memory, table: versionedPrices().table, ...only })).toEqual([]);
  });

  test('B05 a price file that cannot be used prices nothing', () => {
    const file = join(folder, 'broken.json');
    writeFileSync(file, '{');
    expect(() => versionedPrices(file)).toThrow(
      /^Cannot price: Ignored the prices of .* Mend FLEETSCOPE_PRICES_FILE\.$/,
    );
  });
});

describe('B05 a re-pricing is a record of its own', () => {
  const recorded: Spending = {
    micro_usd: 2250,
    failed_micro_usd: 0,
    input_tokens: 1000,
    output_tokens: 100,
    unpriced_calls: 0,
  };
  const made = async (input: string, at: string) => {
    const { table, version } = prices({ 'gpt-5': { prices: [{ from: '2025-08-07', input, output: '10' }] } });
    const rows = await reprice({ ledger: ledger([call()]), table, ...days });
    return repricingOf({ at, prices: version, reason: 'the contract', ...days, rows });
  };

  test('B05 readers get what was recorded, or the newest, or one by its id; what was recorded is never written over', async () => {
    const first = await keepRepricing(folder, await made('2', '2026-03-01T00:00:00.000Z'));
    const second = await keepRepricing(folder, await made('3', '2026-03-02T00:00:00.000Z'));
    const all = await repricings(folder);
    expect(all).toEqual([first, second]);
    const of = (which: Parameters<typeof spendingOn>[1], date = '2026-02-15') =>
      spendingOn(all, which, { date, model: 'gpt-5', recorded }).micro_usd;
    expect([of('recorded'), of({ id: first.id }), of('newest')]).toEqual([2250, 3000, 4000]);
    // Days that it does not cover, and models that it does not list, cost what was recorded.
    expect(of('newest', '2026-02-17')).toBe(2250);
    expect(spendingOn(all, 'newest', { date: '2026-02-15', model: 'other', recorded })).toBe(recorded);
  });

  test('B05 the same re-pricing again is the one that is there, with its date and its reason', async () => {
    const first = await keepRepricing(folder, await made('2', '2026-03-01T00:00:00.000Z'));
    const again = await keepRepricing(folder, await made('2', '2026-03-05T00:00:00.000Z'));
    expect(again).toEqual(first);
    expect(readdirSync(join(folder, 'logs/repricings'))).toEqual([`2026-03-01-${first.id}.json`]);
  });

  test('B05 whoever goes back to older prices gets them: they are the newest then', async () => {
    const first = await keepRepricing(folder, await made('2', '2026-03-01T00:00:00.000Z'));
    await keepRepricing(folder, await made('3', '2026-03-02T00:00:00.000Z'));
    const back = await keepRepricing(folder, await made('2', '2026-03-03T00:00:00.000Z'));
    expect(back).toMatchObject({ at: '2026-03-03T00:00:00.000Z', prices: first.prices, rows: first.rows });
    expect(back.id).not.toBe(first.id);
    // Once more it is there already, and so it is whichever was gone back to.
    expect(await keepRepricing(folder, await made('2', '2026-03-04T00:00:00.000Z'))).toEqual(back);
    const all = await repricings(folder);
    expect(all).toHaveLength(3);
    const of = (which: Parameters<typeof spendingOn>[1]) =>
      spendingOn(all, which, { date: '2026-02-15', model: 'gpt-5', recorded }).micro_usd;
    expect([of('newest'), of({ id: first.id }), of({ id: back.id })]).toEqual([3000, 3000, 3000]);
    // One of other days changes nothing about it.
    await keepRepricing(folder, {
      ...back,
      id: 'abcdefabcdef',
      at: '2026-03-05T00:00:00.000Z',
      from: '2026-01-01',
      through: '2026-01-31',
      rows: [],
    });
    expect(await keepRepricing(folder, await made('2', '2026-03-06T00:00:00.000Z'))).toEqual(back);
  });

  test('B05 a damaged record is named', async () => {
    const kept = await keepRepricing(folder, await made('2', '2026-03-01T00:00:00.000Z'));
    writeFileSync(join(folder, 'logs/repricings', `2026-03-01-${kept.id}.json`), '{');
    await expect(repricings(folder)).rejects.toThrow(/Cannot read .*2026-03-01.*Restore it/);
  });
});
