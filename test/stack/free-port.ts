import { randomInt } from 'node:crypto';
import getPort from 'get-port';

/**
 * A port of 127.0.0.1 that nobody listens on, and that this process gives out once. Below those that the system lends to
 * whoever calls out: a server that is restarted finds its own free again. By chance, because files run side by side: what
 * one has found and not yet bound, the other hardly finds.
 */
export function freePort(): Promise<number> {
  return getPort({ host: '127.0.0.1', port: byChance(), reserve: true });
}

function* byChance(): Generator<number> {
  for (let tries = 0; tries < 1000; tries += 1) yield randomInt(10_000, 32_000);
}
