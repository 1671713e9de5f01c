import { statfsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

export interface Space {
  /** Of the file, its log and its index. */
  readonly bytes: number;
  /** Share of the disk that is used, by whatever, 0 to 1: of what others than root may use. */
  readonly diskUsed: number;
}

/**
 * What the ledger takes, and what it has; undefined: it is a database of another machine. At once: it is asked when metrics are
 * collected, the last time while the process ends.
 */
export function spaceOf(ledger: string): Space | undefined {
  if (/^mongodb(\+srv)?:/i.test(ledger)) return undefined;
  const file = resolve(ledger.replace(/^sqlite:(\/\/(?=\/))?/i, ''));
  // The log comes and goes.
  const sizes = ['', '-wal', '-shm'].map((part) => statSync(file + part, { throwIfNoEntry: false })?.size ?? 0);
  const disk = statfsSync(dirname(file));
  const used = disk.blocks - disk.bfree;
  return { bytes: sizes.reduce((sum, size) => sum + size, 0), diskUsed: used / Math.max(1, used + disk.bavail) };
}
