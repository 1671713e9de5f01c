/** What the conformance suite is given, and how it looks at it. */
import type { Between, MemoryStore, Table } from '../memory-store.ts';

/** An empty database. */
export interface Database {
  /** Another connection to it, as another process has one. */
  open(): Promise<MemoryStore>;
  /** The write after so many fails, and the connection with it: as if the process were killed there. */
  breakAfter(writes: number): void;
  /** What failed does not fail any more. */
  mend(): void;
  /** Takes one row away by hand. */
  lose(table: Table): Promise<void>;
  remove(): Promise<void>;
}

export async function listOf<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const row of rows) list.push(row);
  return list;
}

/** Everything that a reader sees of a window, as text: equal is equal to the byte. */
export async function seen(store: MemoryStore, window: Between): Promise<string> {
  return JSON.stringify({
    hours: await store.hours(window),
    days: await store.days(window),
    snapshots: await listOf(store.snapshots(window)),
    decisions: await store.decisions(window),
    anomalies: await store.anomalies(window),
  });
}
