/** What a full export holds in memory while it streams: of a small ledger, and of greater ones. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { MadeLedger } from './ledger-made.ts';
import { quantile, slope } from './statistics.ts';

export interface ExportMemory {
  readonly executions: number;
  readonly bytes: number;
  readonly seconds: number;
  /** RSS in MiB, the most that was seen. */
  readonly peakMib: number;
  /** In the middle of its last quarter. */
  readonly medianMib: number;
  /** MiB in its last quarter, by the line through all samples of it: before, caches and V8's heap fill. Null: too few of them. */
  readonly growthMib: number | null;
}

/** A line through fewer says nothing. */
const fewest = 50;

/** The command itself, into a pipe that is read as fast as it comes. */
export async function measureExport({ file, executions }: MadeLedger): Promise<ExportMemory> {
  const script = join(import.meta.dirname, '..', 'scripts', 'monitor.ts');
  const preload = join(import.meta.dirname, 'ledger-memory-preload.ts');
  const startedAt = performance.now();
  const child = spawn(process.execPath, ['--import', preload, script, 'export', '--db', file], {
    stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
  });
  let bytes = 0;
  child.stdout?.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  const [said, [code]] = await Promise.all([text(child.stdio[3] as NodeJS.ReadableStream), once(child, 'close')]);
  if (code !== 0) throw new Error(`Cannot measure the export of ${file}: it ended with ${code}. See what it said.`);
  const seconds = (performance.now() - startedAt) / 1000;
  const samples = said.trim().split('\n').map(Number);
  const late = samples.slice(Math.floor((samples.length * 3) / 4));
  return {
    ...{ executions, bytes, seconds },
    peakMib: Math.max(...samples),
    medianMib: quantile(late, 0.5),
    growthMib: late.length < fewest ? null : late.length * slope(late.map((mib, index) => [index, mib])),
  };
}
