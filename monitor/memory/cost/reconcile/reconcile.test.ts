import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadPrices } from '../../../../instrumentation/src/cost/price-table.ts';
import type { Step } from '../../../ledger/record.ts';
import { someStep } from '../../../testing/some-run.ts';
import type { Snapshot } from '../../record.ts';
import { reconcile } from './reconcile.ts';

const { table } = loadPrices();
const folder = mkdtempSync(join(tmpdir(), 'fleetscope-reconcile-'));
afterAll(() => rmSync(folder, { recursive: true }));
const golden = (name: string) => join(import.meta.dirname, 'exports', name);
const now = Date.parse('2026-03-01T00:00:00Z');

const ledger = (steps: readonly Step[]) => ({
  async *stepsBetween({ sinceIso = '', untilIso = '9' }: { sinceIso?: string; untilIso?: string }) {
    yield* steps.filter(({ started_at }) => started_at >= sinceIso && started_at < untilIso);
  },
});

let ids = 0;
function call(different: Partial<Step> = {}, details: Step['details'] = {}): Step {
  return someStep(`step-${ids++}`, {
    ...{ started_at: '2026-02-15T10:00:00.000Z', name: 'gpt-5-2025-08-07' },
    ...{ input_tokens: 60_000, output_tokens: 11_000, cost_micro_usd: 178_250 },
    details: { provider: 'openai', cache_read_tokens: 6000, cache_write_tokens: 0, ...details },
    ...different,
  });
}

const files = [golden('openai-usage.csv'), golden('openai-costs.csv')];

test('B05 C03 what was counted agrees with usage and costs of OpenAI to the last token and nano-USD; tools are told apart', async () => {
  const [found] = await reconcile({ ledger: ledger([call()]), table, now, files });
  expect(found).toMatchObject({
    ...{ provider: 'openai', agrees: true, unknownModels: [] },
    drift: { ours: 178_250_000_000n, theirs: 178_250_000_000n, ratio: 0 },
    other: [{ item: 'web search tool calls', picoUsd: 20_000_000_000n }],
    days: [{ date: '2026-02-15', model: 'gpt-5', verdict: 'agrees' }],
  });
  expect(found?.days[0]?.amounts.map(({ name, ours, theirs }) => [name, ours, theirs])).toEqual([
    ['input', 54_000n, 54_000n],
    ['cache_read', 6000n, 6000n],
    ['cache_write', 0n, 0n],
    ['output', 11_000n, 11_000n],
    ['money', 178_250_000_000n, 178_250_000_000n],
  ]);
});

test.each([
  ['agrees', 180_032, 0.00999],
  ['differs', 180_033, 0.01],
  ['differs', 176_467, 0.01],
  ['agrees', 176_468, 0.00999],
] as const)(
  'C03 one in a hundred is tolerated, and no more: %s at %i micro-USD',
  async (verdict, cost_micro_usd, ratio) => {
    const [found] = await reconcile({ ledger: ledger([call({ cost_micro_usd })]), table, now, files });
    expect(found?.days[0]?.verdict).toBe(verdict);
    expect(found?.agrees).toBe(verdict === 'agrees');
    expect(found?.drift?.ratio).toBeCloseTo(ratio, 4);
  },
);

test('B05 a call counted twice, cached tokens counted as input, a call that nobody told of: each is seen', async () => {
  const [twice] = await reconcile({ ledger: ledger([call(), call()]), table, now, files });
  expect(twice).toMatchObject({ agrees: false, drift: { ratio: 1 } });
  const asInput = call({}, { cache_read_tokens: 0 });
  const [cached] = await reconcile({ ledger: ledger([asInput]), table, now, files });
  const apart = cached?.days[0]?.amounts.filter(({ agrees }) => !agrees).map(({ name }) => name);
  expect([cached?.days[0]?.verdict, apart]).toEqual(['differs', ['input', 'cache_read']]);
  const [none] = await reconcile({ ledger: ledger([]), table, now, files });
  expect(none).toMatchObject({ agrees: false, days: [{ verdict: 'ours lacks' }], drift: { ratio: 1 } });
});

test('B05 what they do not bill is told; what another provider bills, or is of a day that is not in the export, is not', async () => {
  const another = call({ name: 'gpt-5-mini' });
  const elsewhere = [
    call({}, { provider: 'azure.ai.openai' }),
    call({ name: 'claude-haiku-4-5' }, { provider: 'anthropic' }),
    call({ started_at: '2026-02-20T00:00:00.000Z' }),
    someStep('tool', { kind: 'tool', started_at: '2026-02-15T10:00:00.000Z' }),
  ];
  const [found] = await reconcile({ ledger: ledger([call(), another, ...elsewhere]), table, now, files });
  expect(found?.days.map(({ model, verdict }) => [model, verdict])).toEqual([
    ['gpt-5', 'agrees'],
    ['gpt-5-mini', 'theirs lacks'],
  ]);
  const [fine] = await reconcile({ ledger: ledger([call(), ...elsewhere]), table, now, files });
  expect(fine?.agrees).toBe(true);
});

test('B05 days are those of UTC, and one that has only just ended is not judged: they may still add to it', async () => {
  const late = call({ started_at: '2026-02-15T23:59:59.999Z', cost_micro_usd: 100 });
  const soon = Date.parse('2026-02-16T20:00:00Z');
  const [open] = await reconcile({ ledger: ledger([late]), table, now: soon, files });
  expect(open).toMatchObject({ agrees: true, drift: undefined, days: [{ date: '2026-02-15', verdict: 'not yet' }] });
  const [closed] = await reconcile({ ledger: ledger([late]), table, now: soon + 5 * 3_600_000, files });
  expect(closed).toMatchObject({ agrees: false, days: [{ verdict: 'differs' }] });
});

test('B05 costs that do not tell models apart are laid beside the sum of the day', async () => {
  const both = [call({ cost_micro_usd: 100_000 }), call({ name: 'gpt-5-mini', cost_micro_usd: 78_250 })];
  const [found] = await reconcile({ ledger: ledger(both), table, now, files: [golden('openai-costs.json')] });
  expect(found?.days).toMatchObject([{ model: null, verdict: 'agrees', amounts: [{ name: 'money' }] }]);
});

test('B05 usage and costs of Anthropic agree, from the API and from the Console, whose cents are rounded', async () => {
  const ours = call(
    { name: 'claude-haiku-4-5-20251001', input_tokens: 23_000, output_tokens: 500, cost_micro_usd: 8625 },
    { provider: 'anthropic', cache_read_tokens: 20_000, cache_write_tokens: 1500, cache_write_1h_tokens: 1000 },
  );
  for (const kind of ['json', 'csv']) {
    const exports = [golden(`anthropic-usage.${kind}`), golden(`anthropic-costs.${kind}`)];
    const [found] = await reconcile({ ledger: ledger([ours]), table, now, files: exports });
    expect(found, kind).toMatchObject({ provider: 'anthropic', agrees: true, drift: { ratio: 0 } });
    expect(found?.days).toMatchObject([{ model: 'claude-haiku-4-5', verdict: 'agrees' }]);
  }
});

test('B05 an export covers its days in whatever order they stand in it', async () => {
  const [head, ...rows] = readFileSync(golden('openai-usage.csv'), 'utf8').trimEnd().split('\n');
  const path = join(folder, 'backwards.csv');
  writeFileSync(path, [head, ...rows.reverse()].join('\n'));
  const [found] = await reconcile({ ledger: ledger([call()]), table, now, files: [path] });
  expect(found?.covered).toEqual({ usage: { from: '2026-02-15', through: '2026-02-16' } });
  expect(found?.days).toMatchObject([{ date: '2026-02-15', verdict: 'agrees' }]);
});

test('B05 a model without a price is told by the name that they give it', async () => {
  const path = join(folder, 'unknown.csv');
  writeFileSync(path, readFileSync(golden('openai-usage.csv'), 'utf8').replaceAll('gpt-5-2025-08-07', 'gpt-77-nova'));
  const [found] = await reconcile({ ledger: ledger([call({ name: 'gpt-77-nova' })]), table, now, files: [path] });
  expect(found).toMatchObject({ agrees: true, unknownModels: ['gpt-77-nova'], drift: undefined });
});

test('B05 of rows that do not tell cached tokens apart, and of days whose calls are gone, the sums are compared', async () => {
  const old = call({ details: { provider: 'openai' } });
  const [found] = await reconcile({ ledger: ledger([old]), table, now, files });
  expect(found?.days[0]?.amounts.map(({ name, ours }) => [name, ours])).toEqual([
    ['all input', 60_000n],
    ['output', 11_000n],
    ['money', 178_250_000_000n],
  ]);
  const cost = {
    micro_usd: 178_250,
    failed_micro_usd: null,
    input_tokens: 60_000,
    output_tokens: 11_000,
    unpriced_calls: 0,
  };
  const day = {
    date: '2026-02-15',
    models: [
      { model: 'gpt-5', calls: 3, failed: 0, cost },
      { model: 'claude-haiku-4-5', calls: 1, failed: 0, cost },
    ],
  };
  const memory = { snapshot: async (date: string) => (date === day.date ? (day as unknown as Snapshot) : undefined) };
  const [gone] = await reconcile({ ledger: ledger([]), memory, table, now, files });
  expect(gone).toMatchObject({ agrees: true, days: [{ model: 'gpt-5', verdict: 'agrees' }] });
});

test('B05 exports of two providers at once are judged by themselves; a year of rows is added up while it passes', async () => {
  const head = readFileSync(golden('openai-usage.csv'), 'utf8').split('\n')[0];
  const rows = Array.from({ length: 20_000 }, (_, i) => {
    const begin = 1_771_113_600 + (i % 20) * 86_400 - 20 * 86_400;
    return `${begin},${begin + 86_400},,,proj_${i},1.0,user,key,gpt-5-2025-08-07,FALSE,default,100.0,10.0,40.0,60.0${',0.0'.repeat(9)}`;
  });
  const path = join(folder, 'year.csv');
  writeFileSync(path, [head, ...rows, ''].join('\n'));
  const found = await reconcile({ ledger: ledger([]), table, now, files: [golden('anthropic-usage.csv'), path] });
  expect(found.map(({ provider, days }) => [provider, days.length])).toEqual([
    ['anthropic', 1],
    ['openai', 20],
  ]);
  expect(found[1]?.days.at(-1)?.amounts[1]).toEqual({ name: 'cache_read', ours: 0n, theirs: 40_000n, agrees: false });
});
