/** Which files follow from which rows, and what is in them: pure functions of rows, so that they can be made again at any time. */
import { posix } from 'node:path';
import { historyHours, historyPath, historyText } from '../collect/history-file.ts';
import { snapshotPath, snapshotText } from '../collect/snapshot.ts';
import { weekBefore } from '../consolidate/findings.ts';
import { summary } from '../consolidate/summary.ts';
import { wording } from '../consolidate/wording.ts';
import { errorPagePath } from '../knowledge/errors-page.ts';
import { beginOf, dateOf, weekOf } from '../periods.ts';
import { listed } from '../store/listed.ts';
import type { Job, MemoryStore } from '../store/memory-store.ts';
import { isWithin, periodsIn, unitOf } from '../store/span.ts';

export interface MemoryFile {
  /** Below the folder that memory is written to. */
  readonly path: string;
  /** Undefined: what it is made of is not there any more; the file stays as it is. */
  text(): Promise<string | undefined>;
}

type Read = Pick<MemoryStore, 'done' | 'hours' | 'snapshot' | 'snapshots' | 'decisions' | 'findings' | 'overrides'>;

/** Folders that hold nothing else of ours than these. */
export const folders = ['logs/metrics-history', 'logs/snapshots', 'memory'] as const;

/** Where documents are that people write in as well (write-knowledge.ts). */
export const documentFolders = ['.', 'docs', posix.dirname(errorPagePath('0'))] as const;

/** Path below the folder that memory is written to. */
function summaryPath(week: string): string {
  return `memory/${week}-summary.md`;
}

/** Those that rows of a period are in: its own, and those of other periods that tell of it as well. */
export async function filesOf(store: Read, job: Job, period: string): Promise<MemoryFile[]> {
  const files: MemoryFile[] = [];
  if (isWithin(unitOf[job], 'date')) {
    const date = dateOf(beginOf(period));
    const hours = unitOf[job] === 'hour' ? [historyHours(period)[0] as string] : periodsIn('history', date);
    const done = new Set(await store.done('history', date));
    files.push(...hours.filter((hour) => done.has(hour)).map((hour) => historyFile(store, hour)));
  }
  if (unitOf[job] === 'date') files.push(snapshotFile(store, period));
  if (unitOf[job] !== 'hour') {
    // The next week shows this one beside itself.
    const weeks = await store.done('week', weekOf(beginOf(period)));
    const own = weekOf(beginOf(period));
    files.push(
      ...weeks.filter((week) => week === own || weekBefore(week) === own).map((week) => summaryFile(store, week)),
    );
  }
  return files;
}

/** All that follow from what is done, the oldest first of each kind. */
export async function allFiles(store: Read): Promise<MemoryFile[]> {
  const days = new Set([...(await store.done('day')), ...(await store.done('day-so-far'))]);
  return [
    ...(await store.done('history')).map((hour) => historyFile(store, hour)),
    ...[...days].sort().map((date) => snapshotFile(store, date)),
    ...(await store.done('week')).map((week) => summaryFile(store, week)),
  ];
}

function historyFile(store: Read, hour: string): MemoryFile {
  const hours = historyHours(hour);
  return {
    path: historyPath(hour),
    async text() {
      const rows = await store.hours({ from: hours[0] as string, to: hours.at(-1) as string });
      return rows.length === 0 ? undefined : historyText(hour, rows);
    },
  };
}

function snapshotFile(store: Read, date: string): MemoryFile {
  return {
    path: snapshotPath(date),
    async text() {
      const snapshot = await store.snapshot(date);
      return snapshot && snapshotText(snapshot);
    },
  };
}

function summaryFile(store: Read, week: string): MemoryFile {
  return {
    path: summaryPath(week),
    async text() {
      // A summary tells of its week and of the one before.
      const snapshots = await listed(store, { from: weekBefore(week), to: week });
      if (snapshots.length === 0) return undefined;
      const decisions = await store.decisions({ from: week, to: week });
      const said = await wording(store);
      return summary({ week, snapshots, decisions, findings: await store.findings(week), said });
    },
  };
}
