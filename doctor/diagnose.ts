import { portSetting } from '../place.ts';
import type { Component } from '../stack.ts';
import type { Finding } from './find.ts';
import type { Pipeline } from './pipeline.ts';

/** The Collector's exporter behind each backend, as `collector/collector.ts` names it. */
const exporters = {
  tempo: 'otlp_grpc/tempo',
  prometheus: 'otlp_http/prometheus',
  loki: 'otlp_http/loki',
  monitor: 'otlp_http/monitor',
} as const;

/** The setting to look at when a canary that the Collector acknowledged is not found. */
export function diagnose(
  finding: Finding,
  seen: { answers: boolean; before: Pipeline | undefined; after: Pipeline | undefined },
): string {
  const backend = backendOf(finding);
  if (!seen.answers) {
    return `${portSetting(backend, 'http')} (its address), or its log: .fleetscope/logs/${backend}.log`;
  }
  const exporter = exporters[backend];
  const before = seen.before?.exporters[exporter];
  const after = seen.after?.exporters[exporter];
  if (after && after.failed > (before?.failed ?? 0))
    return backend === 'monitor'
      ? ".fleetscope/secrets/monitor-ingest-token: the ledger refuses what the Collector sends for good, so they may read different ones; start both again, and see the Collector's log"
      : `exporters.${exporter} in collector/collector.ts: ${backend} refuses what it sends for good, see the Collector's log`;
  if (after && after.queued > 0)
    return `exporters.${exporter}.endpoint in collector/collector.ts: ${after.queued} bytes wait in its queue`;
  return freshnessSettings[finding];
}

export function backendOf(finding: Finding): keyof typeof exporters {
  return backends[finding];
}

const backends = {
  'Tempo, by id': 'tempo',
  'Tempo, by search': 'tempo',
  Prometheus: 'prometheus',
  Loki: 'loki',
  Ledger: 'monitor',
} as const satisfies Record<Finding, Component>;

/** Delivered, but not visible: what hides fresh data in each backend. */
const freshnessSettings: Record<Finding, string> = {
  'Tempo, by id': 'service.pipelines.traces in collector/collector.ts (is Tempo an exporter of it?)',
  'Tempo, by search': 'query_frontend.query_end_cutoff (3.0) or ingester.trace_idle_period (2.8) in tempo/tempo.ts',
  Prometheus: 'otlp.promote_resource_attributes (service.name) in prometheus/prometheus.ts',
  Loki: 'limits_config.otlp_config (service.name) in loki/loki.ts',
  Ledger: 'trace_conditions in collector/ledger.ts (is the canary of the fleet?); .fleetscope/logs/monitor.log',
};
