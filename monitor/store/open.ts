import { storeUrl } from '../../service/store-url.ts';
import { openSqlite } from './sqlite/open-sqlite.ts';
import type { Ledger, OpenOptions } from './store.ts';

/** Opens `sqlite:<path>`, a plain path, or `mongodb://host/database` (`mongodb+srv://` too; default database `fleetscope`). */
export async function openLedger(url: string, options: OpenOptions = {}): Promise<Ledger> {
  const found = storeUrl(url, 'the ledger');
  if (found.kind === 'sqlite') return openSqlite(found.file, options);
  // Only then: the driver takes a while to load.
  const { openMongo } = await import('./mongo/mongo-ledger.ts');
  return openMongo(url, found.database, options);
}
