import type { Metric } from '../../queries/metric.ts';
import { promql, type Query } from '../../queries/promql.ts';
import type { Signal } from '../../queries/stack-metrics.ts';

/** The exporters of our own stores, as collector/collector.ts names them. A vendor that gets a copy may be slow. */
export const storeExporters = {
  traces: 'otlp_grpc/tempo',
  metrics: 'otlp_http/prometheus',
  logs: 'otlp_http/loki',
} as const satisfies Record<Signal, string>;

export const signalNames = Object.keys(storeExporters) as Signal[];

/** That of the run ledger. It gets a copy of spans that Tempo has, in a queue of its own: rules/ledger.ts is about it. */
export const ledgerExporter = 'otlp_http/monitor';

/** That of the sampling tier, as collector/tiers.ts names it: rules/tiers.ts is about it. */
export const samplerExporter = 'load_balancing/sampler';

/** Those of copies for stores beside ours, as collector/copies.ts names them: rules/copies.ts is about them. */
const copyExporters = 'otlp_.+/copy-.+';

/** A metric of exporters, the ledger's and the copies' left out: what waits for those keeps nobody waiting, and nobody awake. */
export function ofStores(metric: Metric): Query {
  return promql`${metric}{exporter!~"${ledgerExporter}|${copyExporters}"}`;
}

export function ofCopies(metric: Metric): Query {
  return promql`${metric}{exporter=~"${copyExporters}"}`;
}

export function ofLedger(metric: Metric): Query {
  return promql`${metric}{exporter="${ledgerExporter}"}`;
}
