import type { Signal } from '../../queries/stack-metrics.ts';

/** The exporters of our own stores, as collector/collector.ts names them. A vendor that gets a copy may be slow. */
export const storeExporters = {
  traces: 'otlp_grpc/tempo',
  metrics: 'otlp_http/prometheus',
  logs: 'otlp_http/loki',
} as const satisfies Record<Signal, string>;

export const signalNames = Object.keys(storeExporters) as Signal[];
