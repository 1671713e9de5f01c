/** The variables that the memory's service is started with, wherever it runs. */
import { join } from 'node:path';
import { type Env, needed, secret } from '../../../service/settings.ts';
import { ledgerOf } from '../../ingest/settings.ts';
import type { Sources } from '../collect/collect.ts';

export interface MemorySettings {
  /** A file, or mongodb://host/database. */
  readonly memory: string;
  readonly ledger: string;
  /** The folder that memory is written to. */
  readonly root: string;
  readonly prometheus: string;
  readonly escalation: Sources['escalation'];
}

/** @throws Error for what is missing or impossible */
export function memorySettings(env: Env): MemorySettings {
  const data = needed(env, 'FLEETSCOPE_MONITOR_DATA', 'the folder of the run ledger');
  return {
    memory: memoryOf(env, data),
    ledger: ledgerOf(env, data),
    root: needed(env, 'FLEETSCOPE_MEMORY_ROOT', 'the folder that logs/ and memory/ are written to'),
    prometheus: addressOf(env, 'FLEETSCOPE_MEMORY_PROMETHEUS'),
    escalation: escalationOf(env),
  };
}

/** `memory.db` beside the ledger, unless FLEETSCOPE_MEMORY_DB names another, or a MongoDB; a ledger in MongoDB has the memory beside it. */
export function memoryOf(env: Env, data: string): string {
  const ledger = env.FLEETSCOPE_MONITOR_DB ?? '';
  return env.FLEETSCOPE_MEMORY_DB || (/^mongodb(\+srv)?:/.test(ledger) ? ledger : join(data, 'memory.db'));
}

function escalationOf(env: Env): Sources['escalation'] {
  if (!env.FLEETSCOPE_MEMORY_ESCALATION)
    return 'Incidents are not known: no escalation service is named (FLEETSCOPE_MEMORY_ESCALATION).';
  const url = addressOf(env, 'FLEETSCOPE_MEMORY_ESCALATION');
  // Now, so that what is missing is said at the start; and each time, so that a new one counts.
  secret(env, 'FLEETSCOPE_MEMORY_ESCALATION_TOKEN_FILE');
  return { url, token: () => secret(env, 'FLEETSCOPE_MEMORY_ESCALATION_TOKEN_FILE') };
}

function addressOf(env: Env, name: string): string {
  const text = needed(env, name, 'an address, e.g. http://127.0.0.1:9000');
  const url = URL.parse(text);
  if (url && /^https?:$/.test(url.protocol)) return text.replace(/\/+$/, '');
  throw new Error(`Cannot start: ${name}="${text}" is no address. Write http://host:port.`);
}
