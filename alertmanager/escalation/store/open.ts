import { resolve } from 'node:path';
import { openSqlite } from './sqlite.ts';
import type { Store, StoreOptions } from './store.ts';

/** Opens `sqlite:<path>`, a plain path, or `mongodb://host/database` (`mongodb+srv://` too; default database `fleetscope`). */
export async function openStore(url: string, options: StoreOptions): Promise<Store> {
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(url)?.[1]?.toLowerCase();
  if (scheme === 'mongodb' || scheme === 'mongodb+srv') {
    // Only then: the driver takes a while to load.
    const { openMongo } = await import('./mongo.ts');
    return openMongo(url, databaseOf(url), options);
  }
  const path = scheme === 'sqlite' ? url.slice('sqlite:'.length).replace(/^\/\/(?=\/)/, '') : url;
  if ((scheme && scheme !== 'sqlite') || path === '')
    throw new Error(
      `Cannot open the store "${url.replace(/\/\/[^@/]*@/, '//')}": it is neither a file nor MongoDB. Write sqlite:<path>, or mongodb://<host>/<database>.`,
    );
  return openSqlite(resolve(path), options);
}

function databaseOf(url: string): string {
  return /^[^:]+:\/\/[^/]+\/([^?]+)/.exec(url)?.[1] ?? 'fleetscope';
}
