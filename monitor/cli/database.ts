/** Which database, and what there is to know before it is opened. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { oneLine } from '../words.ts';

/** `--db`, or FLEETSCOPE_MONITOR_DB, or the one of this home. */
export function databaseOf(named: string | undefined, env: NodeJS.ProcessEnv, home: string): string {
  return named ?? (env.FLEETSCOPE_MONITOR_DB || join(home, 'data', 'monitor', 'ledger.db'));
}

/** Whether one is named: then it is that one, wherever a stack has its own. */
export function isNamed(named: string | undefined, env: NodeJS.ProcessEnv): boolean {
  return named !== undefined || Boolean(env.FLEETSCOPE_MONITOR_DB);
}

/** A command that reads makes no database. @throws Error that says how one comes to be. */
export function mustExist(database: string): void {
  const [, scheme, rest = ''] = /^([a-z][a-z0-9+.-]+):(.*)$/is.exec(database) ?? [];
  if (scheme && scheme !== 'sqlite') return;
  const file = scheme ? rest.replace(/^\/\/(?=\/)/, '') : database;
  if (!existsSync(file))
    throw new Error(
      `Cannot open the ledger: there is none at ${oneLine(file)}. One comes to be by a program that calls getMonitor(), or by "npm run up" and the first run of a fleet; or name another: --db <file>, FLEETSCOPE_MONITOR_DB. That of a bare "docker compose up": docker compose exec monitor node monitor.js list.`,
    );
}
