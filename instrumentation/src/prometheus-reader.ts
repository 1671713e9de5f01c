import { createRequire } from 'node:module';
import type { CollectionResult, MetricReader } from '@opentelemetry/sdk-metrics';
import type { Config } from './config.ts';
import type { Reporter } from './reporter.ts';

const collectTimeoutMs = 1000;

/** A page for Prometheus to scrape, `http://<host>:<port>/metrics`. A port that is taken costs one warning, not the host. */
export function buildPrometheusReader(config: Config['metrics']['prometheus'], reporter: Reporter): MetricReader {
  // Loaded only when asked for: it brings an HTTP server.
  const { PrometheusExporter } = createRequire(import.meta.url)(
    '@opentelemetry/exporter-prometheus',
  ) as typeof import('@opentelemetry/exporter-prometheus');

  class BoundedPrometheusExporter extends PrometheusExporter {
    // The exporter waits without limit for a callback that never answers, and so would every scrape.
    override collect(): Promise<CollectionResult> {
      return super.collect({ timeoutMillis: collectTimeoutMs });
    }
  }

  const { host, port } = config;
  return new BoundedPrometheusExporter({ host, port, withoutScopeInfo: true }, (...[error]) => {
    if (!error) return;
    const remedy = 'Free the port, or set OTEL_EXPORTER_PROMETHEUS_PORT.';
    reporter.warn(`Cannot serve metrics on ${host}:${port}: ${error.message}. ${remedy}`);
  });
}
