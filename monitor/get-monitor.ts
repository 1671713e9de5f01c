import { join, resolve } from 'node:path';
import { Monitor } from './monitor.ts';
import { recordOnce } from './store/sqlite/once.ts';
import { SqliteLedger } from './store/sqlite/sqlite-ledger.ts';

export interface GetMonitorOptions {
  /** The database file. Default: `FLEETSCOPE_MONITOR_DB`, else that of this checkout's stack. */
  readonly db?: string;
  /** True: calls throw where the ledger cannot be written to. Default: what is told waits in memory, with a warning. */
  readonly strict?: boolean;
}

/** How long a call may stand still for another process that writes, in ms, until what it tells waits in memory. */
const patienceMs = { strict: 30_000, lenient: 2000 };

const open = new Map<string, Monitor>();

/**
 * The monitor of this process, one for each database file, as the first call for that file asked for it. Usable in any Node
 * program, with or without the stack: calls are written to SQLite before they return, and emit spans and metrics where an
 * SDK is registered. (R03)
 *
 * @throws Error where the file cannot be opened: at the start of a program, where somebody looks.
 */
export function getMonitor({ db, strict = false }: GetMonitorOptions = {}): Monitor {
  const file = ledgerFile(process.env, db);
  const known = open.get(file);
  if (known) return known;
  const patience = strict ? patienceMs.strict : patienceMs.lenient;
  const ledger = new SqliteLedger(file);
  const monitor = new Monitor({ ledger, write: (fact) => recordOnce(ledger, fact, patience), strict });
  open.set(file, monitor);
  return monitor;
}

/** Gives the files free, so that the next `getMonitor()` opens them anew. For tests, and before a file is moved. */
export function closeMonitors(): void {
  for (const monitor of open.values()) monitor.close();
  open.clear();
}

/** The database file of the ledger, as everybody finds it who is told nothing else. */
export function ledgerFile(env: NodeJS.ProcessEnv, given?: string): string {
  const named = given ?? (env.FLEETSCOPE_MONITOR_DB || undefined);
  if (named && /^mongodb(\+srv)?:/.test(named))
    throw new Error(
      'Cannot open the monitor: its database is MongoDB, which cannot be written to without waiting. Name a file: getMonitor({ db }). What it tells reaches MongoDB as telemetry.',
    );
  const home = env.FLEETSCOPE_HOME || join(import.meta.dirname, '..', '.fleetscope');
  return resolve(named?.replace(/^sqlite:(\/\/(?=\/))?/, '') ?? join(home, 'data', 'monitor', 'ledger.db'));
}
