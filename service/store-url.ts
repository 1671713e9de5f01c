import { resolve } from 'node:path';
import { shownUrl } from './shown-url.ts';

export type StoreUrl =
  | { readonly kind: 'sqlite'; readonly file: string }
  | { readonly kind: 'mongodb'; readonly database: string };

/**
 * Reads `sqlite:<path>`, a plain path, or `mongodb://host/database` (`mongodb+srv://` too; default database `fleetscope`).
 * @param what e.g. `the ledger`. @throws Error for anything else
 */
export function storeUrl(text: string, what: string): StoreUrl {
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(text)?.[1]?.toLowerCase();
  if (scheme === 'mongodb' || scheme === 'mongodb+srv')
    return { kind: 'mongodb', database: /^[^:]+:\/\/[^/]+\/([^?]+)/.exec(text)?.[1] ?? 'fleetscope' };
  const path = scheme === 'sqlite' ? text.slice('sqlite:'.length).replace(/^\/\/(?=\/)/, '') : text;
  if ((scheme && scheme !== 'sqlite') || path === '')
    throw new Error(
      `Cannot open ${what} "${shownUrl(text)}": it is neither a file nor MongoDB. Write sqlite:<path>, or mongodb://<host>/<database>.`,
    );
  return { kind: 'sqlite', file: resolve(path) };
}
