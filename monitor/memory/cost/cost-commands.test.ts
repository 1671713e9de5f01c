import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { printed } from '../../cli/command.ts';
import type { Step } from '../../ledger/record.ts';
import { MemoryLedger } from '../../testing/memory-ledger.ts';
import { someOrchestration, someStep } from '../../testing/some-run.ts';
import type { CostGiven } from './cost-command.ts';
import { costCommands } from './cost-commands.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fleetscope-cost-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const run = someOrchestration('run-1', { started_at: '2026-02-15T09:00:00.000Z' });
const call: Partial<Step> = {
  ...{ orchestration_id: run.id, started_at: '2026-02-15T10:00:00.000Z', name: 'gpt-5-2025-08-07' },
  ...{ input_tokens: 60_000, output_tokens: 11_000, cost_micro_usd: 178_250 },
  details: { provider: 'openai', cache_read_tokens: 6000, cache_write_tokens: 0 },
};
const exports = ['openai-usage.csv', 'openai-costs.csv'].map((name) =>
  join(import.meta.dirname, 'reconcile/exports', name),
);

async function perform(name: string, steps: readonly Step[], given: Partial<CostGiven> = {}) {
  const command = costCommands.find(({ usage }) => usage.split(' ')[0] === name);
  const told: string[] = [];
  const drifts: unknown[] = [];
  const outcome = await command?.run({
    ledger: new MemoryLedger([{ orchestration: run, executions: [], steps: [...steps] }]),
    ...{
      memory: undefined,
      folder,
      args: [],
      options: {},
      now: Date.parse('2026-03-01T00:00:00Z'),
      pricesFile: undefined,
    },
    screen: {
      table: (rows) => rows.map((row) => row.join('|')).join('\n'),
      paint: (_, text) => text,
      width: 80,
      write: async () => true,
    },
    tell: async (all) => void drifts.push(...all),
    told: (line) => void told.push(line),
    ...given,
  });
  if (!outcome) throw new Error(`no ${name}`);
  return {
    text: printed(outcome, {}),
    json: printed(outcome, { json: true }),
    findings: outcome.findings,
    told,
    drifts,
  };
}

test('B05 reconcile: what agrees is a line, what differs a table and exit 1; the stack is told when asked to', async () => {
  const fine = await perform('reconcile', [someStep('a', call)], { args: exports });
  expect([fine.findings, fine.drifts]).toEqual([false, []]);
  expect(fine.text).toBe(
    'openai: $0.1782 counted, $0.1782 billed: 0.0 % apart.\n1 of 1 days and models agree.\nBilled besides tokens, and not compared: web search tool calls, $0.0200.\n',
  );
  const wrong = await perform('reconcile', [someStep('a', { ...call, cost_micro_usd: 100_000 })], {
    args: exports,
    options: { tell: true },
  });
  expect([wrong.findings, wrong.drifts]).toEqual([true, [{ provider: 'openai', ratio: expect.closeTo(0.439, 3) }]]);
  expect(wrong.text).toContain('2026-02-15|gpt-5|differs|money|$0.1000|$0.1782|-43.9 %\n0 of 1 days and models agree.');
  expect(JSON.parse(wrong.json)).toMatchObject([
    {
      ...{ provider: 'openai', agrees: false, covered: { cost: { from: '2026-02-15', through: '2026-02-16' } } },
      drift: { ours_micro_usd: 100_000, theirs_micro_usd: 178_250 },
      days: [
        {
          verdict: 'differs',
          amounts: [{ name: 'input', ours: 54_000, theirs: 54_000 }, {}, {}, {}, { unit: 'micro-USD' }],
        },
      ],
    },
  ]);
});

test('B05 reconcile: usage alone compares tokens, and tells no drift; --all shows what agrees', async () => {
  const { text, told, drifts, findings } = await perform('reconcile', [someStep('a', call)], {
    ...{ args: exports.slice(0, 1), options: { all: true, tell: true } },
  });
  expect([findings, drifts, told]).toEqual([
    false,
    [],
    ['openai: no export tells money of a settled day: tokens alone were compared.'],
  ]);
  expect(text).toContain('2026-02-15|gpt-5|agrees|input|54 000|54 000|-\n|||cache read|6000|6000|-');
  await expect(perform('reconcile', [], { args: exports, options: { tolerance: 'much' } })).rejects.toThrow(RangeError);
});

const days = { from: '2026-02-15', to: '2026-02-15' };

test('B05 reprice: a table of what differs; with --apply and a reason it is kept, and said where it was before', async () => {
  const steps = [someStep('a', { ...call, cost_micro_usd: 100_000 })];
  const shown = await perform('reprice', steps, { options: days });
  expect(shown.text).toContain(
    '2026-02-15|gpt-5-2025-08-07|1|$0.1000|$0.1782|+$0.0783|-\ntogether|||$0.1000|$0.1782|+$0.0783|',
  );
  expect([shown.told, readdirSync(folder)]).toEqual([
    ['Nothing was kept. --apply --reason "<what changed>" keeps it beside what was recorded.'],
    [],
  ]);
  const applying = { options: { ...days, apply: true, reason: 'the price was wrong' } } as const;
  const kept = await perform('reprice', steps, applying);
  const { id, reason } = JSON.parse(kept.json);
  expect([reason, kept.told]).toEqual(['the price was wrong', [`Kept as ${id}.`]]);
  expect((await perform('reprice', steps, applying)).told).toEqual([`It was kept on 2026-03-01 already, as ${id}.`]);
});

test('B05 reprice: nothing to change is said; no reason, no day, no order are wrong uses', async () => {
  const { text, told } = await perform('reprice', [someStep('a', call)], { options: days });
  expect(text).toMatch(
    /^2026-02-15 to 2026-02-15: by prices [0-9a-f]{12} no call costs other than what was recorded\.\n$/,
  );
  expect(told).toEqual([]);
  for (const options of [
    { apply: true },
    { from: 'yesterday' },
    { from: '2026-02-16', to: '2026-02-15' },
    { from: '1990-01-01' },
  ] as const)
    await expect(perform('reprice', [], { options })).rejects.toThrow(RangeError);
});
