/** What a year of a large fleet costs whoever asks the memory about it: commands as they are typed, each in a process of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { mostHeld } from '../monitor/memory/collect/held.ts';
import { beginOf, dateOf, weekOf } from '../monitor/memory/periods.ts';
import { makeYear } from './memory-year-made.ts';

export interface YearCost {
  readonly line: string;
  /** Of the processor. */
  readonly cpuSeconds: number;
  /** The most that it held. */
  readonly peakMib: number;
}

export interface MemoryYear {
  readonly days: number;
  /** Kinds of work of each day: agent, what it did, with which model. */
  readonly kinds: number;
  readonly mibOfDay: number;
  readonly lines: readonly YearCost[];
  /** The newest week told from whole days, all of them at once. */
  readonly whole: YearCost;
}

/** @param isQuick a few days, to see that it works */
export async function benchMemoryYear(isQuick: boolean, progress: (text: string) => void): Promise<MemoryYear> {
  const [days, kinds] = isQuick ? [14, 20] : [364, mostHeld.work];
  const folder = mkdtempSync(join(tmpdir(), 'fleetscope-bench-year-'));
  try {
    const file = join(folder, 'memory.db');
    progress(`a year: ${days} days of ${kinds} kinds of work`);
    const { dates, bytesOfDay } = await makeYear(file, days, kinds);
    const last = dates.at(-1) as string;
    const week = weekOf(beginOf(last));
    const ask = async (line: string, own = line) => {
      progress(`a year: ${line}`);
      return measured(line, ['scripts/memory.ts', '--db', file, ...own.split(' ')], folder);
    };
    progress('a year: whole days at once');
    const whole = await measured('', ['bench/memory-year-whole.ts', file, week], folder);
    // The last month that is whole.
    const month = dateOf(beginOf(`${last.slice(0, 7)}-01`) - 86_400_000).slice(0, 7);
    const lines = [
      await ask('consolidate', `consolidate --week ${week}`),
      await ask('knowledge', `knowledge --folder ${join(folder, 'knowledge')}`),
      await ask('report', `report --month ${isQuick ? last.slice(0, 7) : month}`),
      await ask('ask errors'),
      await ask('ask cost --from … --to … (all of it)', `ask cost --from ${dates[0]} --to ${last}`),
    ];
    return { days, kinds, mibOfDay: bytesOfDay / 2 ** 20, lines, whole };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function measured(line: string, args: readonly string[], home: string): Promise<YearCost> {
  const preload = join(import.meta.dirname, 'memory-year-preload.ts');
  const child = spawn(process.execPath, ['--import', preload, ...args], {
    cwd: join(import.meta.dirname, '..'),
    // No stack of this machine is asked about a made-up year.
    env: { ...process.env, FLEETSCOPE_HOME: home },
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  const [told, problems, [code]] = await Promise.all([
    text(child.stdio[3] as NodeJS.ReadableStream),
    text(child.stderr as NodeJS.ReadableStream),
    once(child, 'close'),
  ]);
  if (code !== 0) throw new Error(`Cannot measure "${args.join(' ')}": it ended with ${code}. ${problems.trim()}`);
  const [cpuSeconds, peakMib] = told.split(' ').map(Number) as [number, number];
  return { line, cpuSeconds, peakMib };
}
