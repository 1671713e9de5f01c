/** The variables that the ledger's service is started with, wherever it runs. */
import { join } from 'node:path';
import { listen, type Place, url } from '../../place.ts';

export const serviceName = 'fleetscope-monitor';

/** Seconds between two pushes of its metrics. */
const pushSeconds = 15;

/** The whole of it but what only the user knows: `passedOn`. */
export function monitorEnv(place: Place): Record<string, string> {
  return {
    FLEETSCOPE_MONITOR_LISTEN: listen(place, 'monitor', 'http'),
    FLEETSCOPE_MONITOR_DATA: place.data('monitor'),
    FLEETSCOPE_MONITOR_TOKEN_FILE: place.secret('monitor-ingest-token'),
    OTEL_SERVICE_NAME: serviceName,
    OTEL_EXPORTER_OTLP_ENDPOINT: url(place, 'collector', 'grpc'),
    OTEL_METRIC_EXPORT_INTERVAL: String(1000 * pushSeconds),
  };
}

/** Variables of the user that reach the service in a container as they are, where they are set. */
export const passedOn: readonly string[] = ['OTEL_RESOURCE_ATTRIBUTES'];

/** `ledger.db` in the data folder, unless FLEETSCOPE_MONITOR_DB names another, or a MongoDB. */
export function ledgerOf(env: NodeJS.ProcessEnv, data: string): string {
  return env.FLEETSCOPE_MONITOR_DB || join(data, 'ledger.db');
}
