import type { Snapshot } from '../record.ts';
import type { Between, MemoryStore } from './memory-store.ts';

/** All days of a window at once, the oldest first: a year of a small fleet is some megabytes, of the largest that days hold (collect/held.ts) some hundred. */
export async function listed(store: Pick<MemoryStore, 'snapshots'>, window: Between): Promise<Snapshot[]> {
  const all: Snapshot[] = [];
  for await (const snapshot of store.snapshots(window)) all.push(snapshot);
  return all;
}
