/** Which backups have been kept long enough. Pure. */
import type { Snapshot } from './repository.ts';

const dayMs = 86_400_000;

/**
 * Snapshots of one part that may go. Days count back from its newest proven backup, not from today: where backups have stopped, those that
 * are there stay. One that no record proves goes once a proven one is newer, and never counts as one.
 */
export function expired(snapshots: readonly Snapshot[], keepDays: number): Snapshot[] {
  const data = snapshots.filter(({ kind }) => kind === 'data');
  const records = snapshots.filter(({ kind }) => kind === 'record');
  const proven = new Map(records.flatMap((record) => (record.of === undefined ? [] : [[record.of, record] as const])));
  const newest = Math.max(...data.filter(({ id }) => proven.has(id)).map(({ at }) => at));
  const goes = data.filter(({ id, at }) => (proven.has(id) ? at < newest - keepDays * dayMs : at < newest));
  const left = new Set(data.filter((one) => !goes.includes(one)).map(({ id }) => id));
  return [...goes, ...records.filter(({ of }) => of === undefined || !left.has(of))];
}
