import { storeUrl } from '../../../service/store-url.ts';
import type { MemoryStore, OpenMemoryOptions } from './memory-store.ts';
import { openSqlite } from './sqlite/sqlite-memory.ts';

/** Opens `sqlite:<path>`, a plain path, or `mongodb://host/database` (`mongodb+srv://` too; default database `fleetscope`). */
export async function openMemory(url: string, options: OpenMemoryOptions = {}): Promise<MemoryStore> {
  const found = storeUrl(url, 'the memory');
  if (found.kind === 'sqlite') return openSqlite(found.file, options);
  // Only then: the driver takes a while to load.
  const { openMongo } = await import('./mongo/mongo-memory.ts');
  return openMongo(url, found.database);
}
