import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import type { CollectionResult, MetricReader } from '@opentelemetry/sdk-metrics';
import type { Config } from './config.ts';
import { oneLine, type Reporter } from './reporter.ts';

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
  const exporter = new BoundedPrometheusExporter({ host, port, withoutScopeInfo: true, preventServerStart: true });
  // The server does not keep the host alive, but the connection that Prometheus keeps open between scrapes would.
  const { _server: server } = exporter as unknown as { _server: Server };
  server.on('connection', (socket) => socket.unref());
  exporter.startServer().catch((error) => {
    const remedy = 'Free the port, or set OTEL_EXPORTER_PROMETHEUS_PORT.';
    reporter.warn(`Cannot serve metrics on ${host}:${port}: ${oneLine(error)}. ${remedy}`);
  });
  return exporter;
}
