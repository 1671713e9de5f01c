/** A memory on disk with whole days of a made-up fleet, for as long as a test runs. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findingsOf } from '../consolidate/findings.ts';
import { beginOf, weekOf } from '../periods.ts';
import type { Finding, Snapshot } from '../record.ts';
import type { MemoryStore } from '../store/memory-store.ts';
import { openMemory } from '../store/open.ts';
import type { Fleet } from './some-days.ts';
import { decisionOf, wholeDays } from './whole-days.ts';

/** Eleven weeks: an agent that begins to fail, one that has two models for the same work, one error that stays and one that goes, money that grows. */
export const elevenWeeks: Fleet = {
  ...{ seed: 7, from: '2025-12-01', days: 77 },
  habits: [
    {
      ...{ agent: 'code', operation: 'write', model: 'claude-sonnet-5', times: 90, ms: (day) => 2200 + day * 12 },
      ...{ fails: (day) => (day > 45 ? 0.16 : 0.05), cost: () => 110_000 },
    },
    {
      ...{ agent: 'qa-agent', operation: 'write', model: 'claude-haiku-4.5', times: 60, ms: () => 1800 },
      ...{ fails: () => 0.02, cost: () => 24_000 },
    },
    {
      ...{ agent: 'qa-agent', operation: 'write', model: 'claude-sonnet-5', times: 60, ms: () => 2000 },
      ...{ fails: () => 0.02, cost: () => 110_000 },
    },
    {
      ...{ agent: 'director', operation: 'plan', model: 'claude-opus-5', times: 12, ms: () => 6500 },
      ...{ fails: () => 0.02, cost: (day) => 500_000 + day * 6000 },
    },
  ],
  troubles: [
    { fingerprint: '0123456789ab', chance: () => 0.6 },
    { fingerprint: 'fedcba987654', chance: (day) => (day < 40 ? 0.8 : 0) },
  ],
};

export interface Remembered extends AsyncDisposable {
  readonly file: string;
  readonly memory: MemoryStore;
  readonly days: readonly Snapshot[];
}

/** @param change of a day; undefined: nothing is known of it */
export async function rememberedDays(
  fleet: Fleet,
  change: (day: Snapshot) => Snapshot | undefined = (day) => day,
): Promise<Remembered> {
  const folder = mkdtempSync(join(tmpdir(), 'fleetscope-remembered-'));
  const file = join(folder, 'memory.db');
  const memory = await openMemory(file);
  const days = wholeDays(fleet).flatMap((day) => change(day) ?? []);
  for (const day of days) {
    const job = day.state === 'open' ? 'day-so-far' : 'day';
    await memory.keep({ job, period: day.date, rows: { snapshots: [day], decisions_log: [decisionOf(day)] } });
  }
  let earlier: Finding[] = [];
  for (const week of new Set(days.map(({ date }) => weekOf(beginOf(date))))) {
    const findings = findingsOf(week, days, earlier);
    earlier = [...earlier, ...findings];
    await memory.keep({ job: 'week', period: week, rows: { findings } });
  }
  return {
    ...{ file, memory, days },
    async [Symbol.asyncDispose]() {
      await memory.close();
      rmSync(folder, { recursive: true });
    },
  };
}
