/** The variables that the memory's service is started with, wherever it runs. */
import { join } from 'node:path';
import { escalationUrl, listen, metricsReader, type Place, type Tls, url } from '../../../place.ts';
import { type Env, needed, secret, telemetryEnv } from '../../../service/settings.ts';
import { fetchByTls, tlsEnv, tlsOf } from '../../../service/tls.ts';
import { longRetentionDays, type Part, parts, retentionDays } from '../../../stack.ts';
import { ledgerOf } from '../../ingest/settings.ts';
import type { Sources } from '../collect/collect.ts';

/** What a container of it runs in the image of the ledger, whose own program is another. */
export const memoryCommand = [
  ...['node', '--enable-source-maps', '--import', '@fleetscope/instrumentation/register', 'memory.js'],
] as const;

/** The whole of it but what only the user knows: `passedOn`. */
export function memoryEnv(place: Place): Record<string, string> {
  return {
    FLEETSCOPE_MEMORY_LISTEN: listen(place, 'memory', 'http'),
    FLEETSCOPE_MEMORY_ROOT: place.data('memory'),
    FLEETSCOPE_MEMORY_PROMETHEUS: url(place, metricsReader(place), 'http'),
    ...(place.tls && { FLEETSCOPE_MEMORY_PROMETHEUS_PART: metricsReader(place) }),
    // Of older days only what a coarser resolution has: no hour can be told from that.
    FLEETSCOPE_MEMORY_METRICS_DAYS: `${place.objectStore ? longRetentionDays.metrics.raw : retentionDays.metrics}`,
    FLEETSCOPE_MEMORY_ESCALATION: escalationUrl(place),
    FLEETSCOPE_MEMORY_ESCALATION_TOKEN_FILE: place.secret('escalation-api-token'),
    FLEETSCOPE_MONITOR_DATA: place.data('monitor'),
    ...tlsEnv(place),
    ...telemetryEnv(place, 'memory'),
  };
}

/** Variables of the user that reach the service in a container as they are, where they are set. */
export const passedOn: readonly string[] = ['OTEL_RESOURCE_ATTRIBUTES'];

export interface MemorySettings {
  /** A file, or mongodb://host/database. */
  readonly memory: string;
  readonly ledger: string;
  /** The folder that memory is written to. */
  readonly root: string;
  readonly prometheus: Sources['prometheus'];
  /** How far back metrics are there whole, ms. */
  readonly keptMs: number;
  readonly escalation: Sources['escalation'];
}

/** @throws Error for what is missing or impossible */
export function memorySettings(env: Env): MemorySettings {
  const data = needed(env, 'FLEETSCOPE_MONITOR_DATA', 'the folder of the run ledger');
  const tls = tlsOf(env);
  return {
    memory: memoryOf(env, data),
    ledger: ledgerOf(env, data),
    root: needed(env, 'FLEETSCOPE_MEMORY_ROOT', 'the folder that logs/ and memory/ are written to'),
    prometheus: prometheusOf(env, tls),
    keptMs: keptMsOf(env),
    escalation: escalationOf(env, tls),
  };
}

/** `memory.db` beside the ledger, unless FLEETSCOPE_MEMORY_DB names another, or a MongoDB; a ledger in MongoDB has the memory beside it. */
export function memoryOf(env: Env, data: string): string {
  const ledger = env.FLEETSCOPE_MONITOR_DB ?? '';
  return env.FLEETSCOPE_MEMORY_DB || (/^mongodb(\+srv)?:/.test(ledger) ? ledger : join(data, 'memory.db'));
}

/** Several are asked through Thanos: whose certificate it is to see, its address alone does not say. */
function prometheusOf(env: Env, tls: Tls | undefined): Sources['prometheus'] {
  const url = addressOf(env, 'FLEETSCOPE_MEMORY_PROMETHEUS');
  const part = env.FLEETSCOPE_MEMORY_PROMETHEUS_PART || 'prometheus';
  if (!Object.hasOwn(parts, part))
    throw new Error(`Cannot start: FLEETSCOPE_MEMORY_PROMETHEUS_PART="${part}" is no part. Write prometheus.`);
  return { url, ...shown(tls, url, part as Part) };
}

/** By TLS a part is asked with a certificate, where there is one. */
function shown(tls: Tls | undefined, url: string, part: Part) {
  return tls && url.startsWith('https:') ? { fetch: fetchByTls(tls, part) } : {};
}

function keptMsOf(env: Env): number {
  const text = env.FLEETSCOPE_MEMORY_METRICS_DAYS;
  const days = text ? Number(text) : retentionDays.metrics;
  // Of the last one a part is gone already.
  if (Number.isInteger(days) && days > 1) return (days - 1) * dayMs;
  throw new Error(
    `Cannot start: FLEETSCOPE_MEMORY_METRICS_DAYS="${text}" is no number of days. Write for how many metrics are kept, 2 at least.`,
  );
}

const dayMs = 86_400_000;

function escalationOf(env: Env, tls: Tls | undefined): Sources['escalation'] {
  if (!env.FLEETSCOPE_MEMORY_ESCALATION)
    return 'Incidents are not known: no escalation service is named (FLEETSCOPE_MEMORY_ESCALATION).';
  const url = addressOf(env, 'FLEETSCOPE_MEMORY_ESCALATION');
  // Now, so that what is missing is said at the start; and each time, so that a new one counts.
  secret(env, 'FLEETSCOPE_MEMORY_ESCALATION_TOKEN_FILE');
  return {
    ...{ url, ...shown(tls, url, 'escalation') },
    token: () => secret(env, 'FLEETSCOPE_MEMORY_ESCALATION_TOKEN_FILE'),
  };
}

function addressOf(env: Env, name: string): string {
  const text = needed(env, name, 'an address, e.g. http://127.0.0.1:9000');
  const url = URL.parse(text);
  if (url && /^https?:$/.test(url.protocol)) return text.replace(/\/+$/, '');
  throw new Error(`Cannot start: ${name}="${text}" is no address. Write http://host:port.`);
}
