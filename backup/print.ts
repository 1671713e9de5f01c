/** What the commands say to people. */

import { targets } from '../prometheus/targets.ts';
import { backups } from '../stack.ts';
import type { BackedUpPart } from './back-up.ts';
import { isOfTheFuture, recordsOf, type Snapshot } from './repository.ts';
import { backedUp } from './sources.ts';

export const number = new Intl.NumberFormat('en-US');

export function backedUpLine({ part, files, bytes, added, seconds, removed }: BackedUpPart): string {
  const gone = removed > 0 ? `; ${removed} kept long enough, gone` : '';
  return `${part}: ${number.format(files)} files, ${size(bytes)}, ${size(added)} new, ${seconds.toFixed(1)} s${gone}`;
}

export interface Age {
  readonly part: (typeof backedUp)[number];
  /** Whole backups, and when the newest was made, in milliseconds. */
  readonly backups: number;
  readonly newest: number | undefined;
  /** None for as long as the alert BackupLate allows, or none at all. */
  readonly late: boolean;
}

/** How it stands with each part. Pure. */
export function ages(snapshots: readonly Snapshot[], now: number): Age[] {
  return backedUp.map((part) => {
    const records = recordsOf(snapshots, part).filter((one) => !isOfTheFuture(one, now));
    const newest = records.at(-1)?.at;
    const mostMs = targets.backupSeconds[backups[part].every] * 1000;
    return { part, backups: records.length, newest, late: newest === undefined || now - newest > mostMs };
  });
}

export function ageTable(all: readonly Age[], now: number): string {
  const rows = all.map(({ part, backups: many, newest, late }) => {
    const { every, keepDays } = backups[part];
    const when = newest === undefined ? 'never' : `${new Date(newest).toISOString().slice(0, 16)}Z`;
    const hours = newest === undefined ? '' : `${((now - newest) / 3_600_000).toFixed(1)} h ago`;
    return [part, `every ${every}, kept ${keepDays} d`, String(many), when, hours, late ? 'LATE' : 'ok'];
  });
  return table(['part', 'rhythm', 'backups', 'newest', '', ''], rows);
}

export function table(head: string[], rows: string[][]): string {
  const widths = head.map((_, i) => Math.max(...[head, ...rows].map((row) => (row[i] as string).length)));
  return [head, ...rows]
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] as number))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

export function size(bytes: number): string {
  return bytes < 1 << 20 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
