/** How much of what is planted in sixty days the memory finds, and how much of what it claims is so, over many seeds; and what a year of a large fleet costs it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Judgement, judge } from '../monitor/memory/testing/sixty-days-judge.ts';
import { rememberedSixtyDays } from '../monitor/memory/testing/sixty-days-remembered.ts';
import { loadNow, type Machine, machineSince } from './machine.ts';
import { benchMemoryYear, type MemoryYear } from './memory-year.ts';

const seedsOfRecord = 20;

export interface MemoryReport {
  readonly machine: Machine;
  readonly seeds: readonly { readonly seed: number; readonly judgement: Judgement }[];
  /** Of the processor, for one seed, in the middle. */
  readonly cpuSeconds: number;
  /** Undefined: it was not measured. */
  readonly year?: MemoryYear;
}

export interface MemoryOptions {
  /** One seed, to see that it works. Its numbers mean nothing. */
  readonly quick: boolean;
  readonly progress: (text: string) => void;
}

export async function benchMemory({ quick, progress }: MemoryOptions): Promise<MemoryReport> {
  const before = loadNow();
  const count = quick ? 1 : seedsOfRecord;
  const seeds: MemoryReport['seeds'][number][] = [];
  const took: number[] = [];
  for (let seed = 1; seed <= count; seed++) {
    progress(`seed ${seed} of ${count}: sixty days`);
    const folder = mkdtempSync(join(tmpdir(), 'fleetscope-bench-memory-'));
    const begun = process.cpuUsage();
    try {
      seeds.push({ seed, judgement: judge(await rememberedSixtyDays(seed, folder)) });
    } finally {
      rmSync(folder, { recursive: true });
    }
    const { user, system } = process.cpuUsage(begun);
    took.push((user + system) / 1e6);
  }
  const year = await benchMemoryYear(quick, progress);
  return {
    ...{ machine: machineSince(before), seeds, year },
    cpuSeconds: took.toSorted((a, b) => a - b)[took.length >> 1] as number,
  };
}
