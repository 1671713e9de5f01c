import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openLedger } from '../store/open.ts';
import type { Ledger } from '../store/store.ts';
import { runStarted, span, wholeRun, zero } from '../testing/some-facts.ts';
import { Retention } from './retention.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const dayMs = 86_400_000;
const now = Date.parse('2026-03-01T12:00:00Z');

type Gone = Awaited<ReturnType<Ledger['cleanup']>>;
const nothing: Gone = { orchestrations: 0, executions: 0, strays: 0, bytesFreed: 0 };

function kept(days: number, cleanup: (before: string) => Promise<Gone>) {
  const said: string[] = [];
  const removed: number[] = [];
  const asked: string[] = [];
  const retention = new Retention({
    ...{ days, now: () => now, notice: (line) => said.push(line), onRemoved: (runs) => removed.push(runs) },
    ledger: {
      cleanup(before) {
        asked.push(before);
        return cleanup(before);
      },
    },
  });
  return { retention, said, removed, asked };
}

test('R02 what was last heard of before what is kept goes a minute after the start and every day, and is told', async () => {
  const { retention, said, removed, asked } = kept(30, async () => ({
    ...{ orchestrations: 3, executions: 7, strays: 0, bytesFreed: 2_097_152 },
  }));
  retention.start();
  await vi.advanceTimersByTimeAsync(59_000);
  expect(asked).toEqual([]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(asked).toEqual(['2026-01-30T12:00:00.000Z']);
  expect(said).toEqual([
    'Removed what was last heard of before 2026-01-30T12:00:00.000Z: 3 of the runs, 7 of the executions; freed 2.0 MiB. They are kept for 30 days (FLEETSCOPE_MONITOR_RETENTION_DAYS).',
  ]);
  await vi.advanceTimersByTimeAsync(2 * dayMs);
  expect([asked.length, removed]).toEqual([3, [3, 3, 3]]);
  retention.close();
  await vi.advanceTimersByTimeAsync(2 * dayMs);
  expect(asked).toHaveLength(3);
});

test('R02 where nothing is old nothing is said, and where everything is kept nothing is asked', async () => {
  const young = kept(30, async () => nothing);
  const forever = kept(0, async () => nothing);
  for (const { retention } of [young, forever]) retention.start();
  await vi.advanceTimersByTimeAsync(60_000);
  expect([young.asked.length, young.said, young.removed, forever.asked]).toEqual([1, [], [], []]);
});

test('R02 a ledger that refuses is told and asked again the next day; one that is being closed is not told', async () => {
  const { retention, said, asked } = kept(30, () => Promise.reject(new Error('It is locked.')));
  retention.start();
  await vi.advanceTimersByTimeAsync(60_000 + dayMs);
  expect(asked).toHaveLength(2);
  expect(said[0]).toBe('Cannot remove old runs: It is locked. It is tried again in a day.');
  retention.close();
  await retention.clean();
  expect(said).toHaveLength(2);
});

test('R02 a removal that takes longer than a day is not joined by another', async () => {
  const { promise, resolve } = Promise.withResolvers<Gone>();
  const { retention, asked } = kept(30, () => promise);
  const both = [retention.clean(), retention.clean()];
  expect(asked).toHaveLength(1);
  resolve(nothing);
  await Promise.all(both);
  await retention.clean();
  expect(asked).toHaveLength(2);
});

test('R02 of a real ledger old runs go with all that is theirs, canaries too; what is young or still runs stays', async () => {
  vi.useRealTimers();
  const folder = mkdtempSync(join(tmpdir(), 'fleetscope-retention-'));
  const ledger = await openLedger(join(folder, 'ledger.db'));
  try {
    const day = 86_400;
    await ledger.record([
      ...wholeRun('old', '1'.repeat(32)),
      ...wholeRun('young', '2'.repeat(32), 20 * day),
      span({ trace: '3'.repeat(32), id: '3'.repeat(16), attributes: { 'gen_ai.operation.name': 'fleetscope.canary' } }),
      runStarted('still-running', 20 * day),
    ]);
    const said: string[] = [];
    const now = () => zero + 35 * dayMs;
    const retention = new Retention({ ledger, days: 30, now, notice: (line) => said.push(line) });
    await retention.clean();
    const runs = await ledger.orchestrations({ limit: 10 });
    expect(runs.map(({ session_id }) => session_id).sort()).toEqual(['still-running', 'young']);
    expect(said).toEqual([expect.stringMatching(/: 1 of the runs, [1-9]\d* of the executions;/)]);
    expect(await ledger.removable(new Date(now() - 30 * dayMs).toISOString())).toMatchObject({
      ...{ orchestrations: 0, executions: 0, strays: 0 },
    });
    await retention.clean();
    expect(said).toHaveLength(1);
  } finally {
    await ledger.close();
    rmSync(folder, { recursive: true });
  }
});
