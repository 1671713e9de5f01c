import { storeUrl } from '../../../service/store-url.ts';
import { openSqlite } from './sqlite.ts';
import type { Store, StoreOptions } from './store.ts';

/** Opens `sqlite:<path>`, a plain path, or `mongodb://host/database` (`mongodb+srv://` too; default database `fleetscope`). */
export async function openStore(url: string, options: StoreOptions): Promise<Store> {
  const found = storeUrl(url, 'the store');
  if (found.kind === 'sqlite') return openSqlite(found.file, options);
  // Only then: the driver takes a while to load.
  const { openMongo } = await import('./mongo.ts');
  return openMongo(url, found.database, options);
}
