/** The variables that the ledger's service is started with, wherever it runs. */
import { join } from 'node:path';
import { listen, type Place } from '../../place.ts';
import { type Env, telemetryEnv } from '../../service/settings.ts';
import { tlsEnv } from '../../service/tls.ts';
import { probePorts, retentionDays } from '../../stack.ts';

/** The whole of it but what only the user knows: `passedOn`. */
export function monitorEnv(place: Place): Record<string, string> {
  return {
    FLEETSCOPE_MONITOR_LISTEN: listen(place, 'monitor', 'http'),
    FLEETSCOPE_MONITOR_DATA: place.data('monitor'),
    FLEETSCOPE_MONITOR_TOKEN_FILE: place.secret('monitor-ingest-token'),
    ...(place.tls && {
      ...tlsEnv(place),
      FLEETSCOPE_MONITOR_PROBES_LISTEN: `${place.bind}:${probePorts.monitor}`,
    }),
    ...telemetryEnv(place, 'monitor'),
  };
}

/** Variables of the user that reach the service in a container as they are, where they are set. */
export const passedOn: readonly string[] = ['OTEL_RESOURCE_ATTRIBUTES'];

/** `ledger.db` in the data folder, unless FLEETSCOPE_MONITOR_DB names another, or a MongoDB. */
export function ledgerOf(env: Env, data: string): string {
  return env.FLEETSCOPE_MONITOR_DB || join(data, 'ledger.db');
}

/** Days that a run is kept from its end; 0: for ever. @throws Error */
export function keepDaysOf(env: Env): number {
  const text = env.FLEETSCOPE_MONITOR_RETENTION_DAYS;
  const days = text ? Number(text) : retentionDays.runs;
  if (Number.isInteger(days) && days >= 0 && days <= mostDays) return days;
  throw new Error(
    `Cannot start: FLEETSCOPE_MONITOR_RETENTION_DAYS="${text}" is no number of days. Write a whole one up to ${mostDays}, or 0 to keep everything.`,
  );
}

/** A century; a date before 1970 is nobody's. */
const mostDays = 36_500;
