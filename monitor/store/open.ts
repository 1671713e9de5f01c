import { resolve } from 'node:path';
import { openSqlite } from './sqlite-ledger.ts';
import type { Ledger, OpenOptions } from './store.ts';

/** Opens `sqlite:<path>`, a plain path, or `mongodb://host/database` (`mongodb+srv://` too; default database `fleetscope`). */
export async function openLedger(url: string, options: OpenOptions = {}): Promise<Ledger> {
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(url)?.[1]?.toLowerCase();
  if (scheme === 'mongodb' || scheme === 'mongodb+srv') {
    // Only then: the driver takes a while to load.
    const { openMongo } = await import('./mongo.ts');
    return openMongo(url, /^[^:]+:\/\/[^/]+\/([^?]+)/.exec(url)?.[1] ?? 'fleetscope', options);
  }
  const path = scheme === 'sqlite' ? url.slice('sqlite:'.length).replace(/^\/\/(?=\/)/, '') : url;
  if ((scheme && scheme !== 'sqlite') || path === '')
    throw new Error(
      `Cannot open the ledger "${url.replace(/\/\/[^@/]*@/, '//')}": it is neither a file nor MongoDB. Write sqlite:<path>, or mongodb://<host>/<database>.`,
    );
  return openSqlite(resolve(path), options);
}
