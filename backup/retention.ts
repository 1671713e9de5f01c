/** Which backups have been kept long enough. Pure. */
import { isOfTheFuture, type Snapshot } from './repository.ts';

const dayMs = 86_400_000;

/**
 * Snapshots of one part that may go. Days count back from its newest proven backup, not from today: where backups have stopped, those that
 * are there stay. One that no record proves goes once a proven one is newer, and never counts as one. Nor does one
 * that a clock ahead of its time has made: it makes none go, and stays. Whatever the clocks say, the one just made stays.
 */
export function expired(
  snapshots: readonly Snapshot[],
  keepDays: number,
  { now = Date.now(), made }: { now?: number; made?: string } = {},
): Snapshot[] {
  const data = snapshots.filter(({ kind }) => kind === 'data');
  const records = snapshots.filter(({ kind }) => kind === 'record');
  const proven = new Map(records.flatMap((record) => (record.of === undefined ? [] : [[record.of, record] as const])));
  const counting = data.filter((one) => proven.has(one.id) && !isOfTheFuture(one, now));
  const newest = Math.max(...counting.map(({ at }) => at));
  const goes = data.filter(
    ({ id, at }) => id !== made && (proven.has(id) ? at < newest - keepDays * dayMs : at < newest),
  );
  const left = new Set(data.filter((one) => !goes.includes(one)).map(({ id }) => id));
  return [...goes, ...records.filter(({ of }) => of === undefined || !left.has(of))];
}
