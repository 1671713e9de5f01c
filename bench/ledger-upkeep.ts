/** Commands whose time is that of what they are asked to do, not of a look: on a copy, as they change it. */
import { copyFileSync, rmSync } from 'node:fs';
import { openLedger } from '../monitor/store/open.ts';
import { days, endMs } from './ledger-facts.ts';
import type { MadeLedger } from './ledger-made.ts';
import { inBatches, spansOf } from './ledger-rates.ts';

export interface Upkeep {
  /** Spans in the Collector's batches, into a ledger that is full already. */
  readonly writeSeconds: number;
  readonly writtenPerSecond: number;
  /** `check` reads the whole file. */
  readonly checkSeconds: number;
  readonly checkMibPerSecond: number;
  /** `cleanup` of the oldest day. */
  readonly cleanupSeconds: number;
  readonly cleanupRuns: number;
  readonly cleanupExecutionsPerSecond: number;
}

const newRuns = 2000;

export async function measureUpkeep(
  { file, bytes, runs }: MadeLedger,
  progress: (text: string) => void,
): Promise<Upkeep> {
  const copy = `${file}.copy-${process.pid}`;
  progress(`upkeep: a copy of ${Math.round(bytes / 2 ** 20)} MiB`);
  copyFileSync(file, copy);
  try {
    const ledger = await openLedger(copy);
    progress('upkeep: spans');
    const some = Array.from({ length: Math.min(newRuns, runs) }, (_, run) => spansOf(run));
    const written = await inBatches(some.flat(), (batch) => ledger.record(batch));
    progress('upkeep: check');
    const checkedAt = performance.now();
    const damage = await ledger.damage();
    if (damage !== undefined) throw new Error(`Cannot measure the upkeep: ${copy} is damaged: ${damage}.`);
    const checkSeconds = (performance.now() - checkedAt) / 1000;
    progress('upkeep: cleanup of a day');
    const cleanedAt = performance.now();
    const gone = await ledger.cleanup(new Date(endMs - (days - 1) * 86_400_000).toISOString());
    const cleanupSeconds = (performance.now() - cleanedAt) / 1000;
    await ledger.close();
    return {
      ...{ writeSeconds: written.seconds, writtenPerSecond: written.count / written.seconds },
      ...{ checkSeconds, checkMibPerSecond: bytes / 2 ** 20 / checkSeconds, cleanupSeconds },
      ...{ cleanupRuns: gone.orchestrations, cleanupExecutionsPerSecond: gone.executions / cleanupSeconds },
    };
  } finally {
    for (const part of ['', '-wal', '-shm']) rmSync(copy + part, { force: true });
  }
}
