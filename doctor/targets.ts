import { type Place, url } from '../place.ts';

/** Where the doctor sends to and looks. */
export interface Targets {
  /** OTLP/gRPC endpoint. The exporters add the headers of OTEL_EXPORTER_OTLP_HEADERS by themselves. */
  otlp: string;
  collectorHealth: string;
  collectorMetrics: string;
  tempo: string;
  loki: string;
  prometheus: string;
  alertmanager: string;
  escalation: string;
  monitor: string;
  /** Each by itself, where there are several: what one says is not what all of them do. */
  replicas?: { readonly alertmanager: readonly string[]; readonly collectorMetrics: readonly string[] };
}

/** The parts of a stack whose place is known. */
export function targetsOf(place: Place): Targets {
  return {
    otlp: url(place, 'collector', 'grpc'),
    collectorHealth: url(place, 'collector', 'health'),
    collectorMetrics: url(place, 'collector', 'metrics'),
    tempo: url(place, 'tempo', 'http'),
    loki: url(place, 'loki', 'http'),
    prometheus: url(place, 'prometheus', 'http'),
    alertmanager: url(place, 'alertmanager', 'http'),
    escalation: url(place, 'escalation', 'http'),
    monitor: url(place, 'monitor', 'http'),
  };
}

/** The variables that set one target each, for a remote stack whose parts do not share a host. */
export const targetSettings = {
  collectorHealth: 'FLEETSCOPE_COLLECTOR_HEALTH_URL',
  collectorMetrics: 'FLEETSCOPE_COLLECTOR_METRICS_URL',
  tempo: 'FLEETSCOPE_TEMPO_URL',
  loki: 'FLEETSCOPE_LOKI_URL',
  prometheus: 'FLEETSCOPE_PROMETHEUS_URL',
  alertmanager: 'FLEETSCOPE_ALERTMANAGER_URL',
  escalation: 'FLEETSCOPE_ESCALATION_URL',
  monitor: 'FLEETSCOPE_MONITOR_URL',
} as const satisfies Partial<Record<keyof Targets, string>>;

/**
 * A remote stack: `endpoint` is its OTLP/gRPC address; the other parts are looked for on the same host at their usual
 * ports, each overridden by its variable. @throws TypeError when the endpoint is no http(s) URL.
 */
export function remoteTargets(endpoint: string, place: Place, env: NodeJS.ProcessEnv): Targets {
  if (!/^https?:\/\//.test(endpoint) || !URL.canParse(endpoint))
    throw new TypeError(
      `Cannot use --endpoint "${endpoint}": give the OTLP/gRPC address as a URL, e.g. http://otel.example:4317.`,
    );
  const { protocol, hostname } = new URL(endpoint);
  const local = targetsOf(place);
  const remote = (target: keyof typeof targetSettings): string => {
    const override = env[targetSettings[target]];
    return (override || `${protocol}//${hostname}:${new URL(local[target]).port}`).replace(/\/$/, '');
  };
  return {
    otlp: endpoint,
    collectorHealth: remote('collectorHealth'),
    collectorMetrics: remote('collectorMetrics'),
    tempo: remote('tempo'),
    loki: remote('loki'),
    prometheus: remote('prometheus'),
    alertmanager: remote('alertmanager'),
    escalation: remote('escalation'),
    monitor: remote('monitor'),
  };
}
