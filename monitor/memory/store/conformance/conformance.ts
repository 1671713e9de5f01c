/** What every store of memory must do. Run by sqlite/sqlite-memory.test.ts, and against a real server by test/stack/memory-store.test.ts. */

import type { Database } from './database.ts';
import { keepConformance } from './keep.ts';
import { readConformance } from './read.ts';
import { shareConformance } from './share.ts';

export function conformance(name: string, empty: () => Promise<Database>): void {
  keepConformance(name, empty);
  readConformance(name, empty);
  shareConformance(name, empty);
}
