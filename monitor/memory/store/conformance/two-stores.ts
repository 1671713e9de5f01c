import { afterEach, beforeEach } from 'vitest';
import type { MemoryStore } from '../memory-store.ts';
import type { Database } from './database.ts';

/** For each test an empty database, open twice, as two processes have it. */
export function twoStores(empty: () => Promise<Database>) {
  let database: Database;
  let [store, other]: MemoryStore[] = [];
  beforeEach(async () => {
    database = await empty();
    [store, other] = [await database.open(), await database.open()];
  });
  afterEach(async () => {
    database.mend();
    await Promise.all([store?.close(), other?.close()]);
    await database.remove();
  });
  return {
    database: () => database,
    store: () => store as MemoryStore,
    other: () => other as MemoryStore,
    /** As after a restart. */
    async reopen(): Promise<void> {
      await store?.close();
      store = await database.open();
    },
  };
}
