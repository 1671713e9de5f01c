import type { Snapshot } from '../record.ts';
import type { Between, MemoryStore } from './memory-store.ts';

/** All days of a window at once, the oldest first. One of the largest fleet that days hold is megabytes: of many days there is `pastDays`. */
export async function listed(store: Pick<MemoryStore, 'snapshots'>, window: Between): Promise<Snapshot[]> {
  const all: Snapshot[] = [];
  for await (const snapshot of store.snapshots(window)) all.push(snapshot);
  return all;
}
