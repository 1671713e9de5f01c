import type { Attributes, HrTime } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import type { MeterProvider, MetricReader, ResourceMetrics, ScopeMetrics } from '@opentelemetry/sdk-metrics';
import type { Config } from './config.ts';
import type { ExportThread } from './export-thread.ts';
import { OtlpExporter } from './otlp-exporter.ts';
import type { OwnCost } from './own-cost/watch.ts';
import { watchExporter } from './own-cost/watched-exporter.ts';
import { buildPrometheusReader } from './prometheus-reader.ts';
import { redactAttributes } from './redaction/redact.ts';
import type { Exporter } from './redaction/redacting-exporter.ts';
import type { Reporter } from './reporter.ts';
import { core, sdkMetrics } from './sdk.ts';

export interface Metrics {
  provider: MeterProvider;
  /** Collects everything for the next `handOver`, observed values included. Runs promises, but neither timers nor I/O. */
  collect(): Promise<void>;
  /** Exports counters and histograms, which can be read synchronously, and of what was just collected the observed values. */
  handOver(): void;
}

/**
 * The meter provider, with the SDK's metrics about itself switched on: queue sizes, what was dropped, what was exported.
 * One reader per exporter: each costs about 0.7 of a record again.
 */
export function buildMetrics(
  { metrics: config, attributeLimits, redaction }: Pick<Config, 'metrics' | 'attributeLimits' | 'redaction'>,
  resource: Resource,
  thread: ExportThread,
  cost: OwnCost,
  reporter: Reporter,
): Metrics {
  const pushed: {
    reader: MetricReader;
    otlp: OtlpExporter<ResourceMetrics>;
    exporter: Exporter<ResourceMetrics>;
    collected?: ScopeMetrics[] | undefined;
  }[] = [];
  const readers = config.exporters.map((name): MetricReader => {
    if (name === 'prometheus') return buildPrometheusReader(config.prometheus, reporter);
    // The provider that counts for this exporter is the one being built: it is reached when it is there.
    const otlp = new OtlpExporter<ResourceMetrics>(thread, 'metrics');
    const exporter = watchExporter(otlp, cost);
    const reader = new sdkMetrics.PeriodicExportingMetricReader({
      exporter,
      exportIntervalMillis: config.exportIntervalMs,
      exportTimeoutMillis: config.collectTimeoutMs,
    });
    pushed.push({ reader, otlp, exporter });
    return reader;
  });
  // Before points are summed up, unlike spans and records: two that differ in a secret alone are one.
  const masked = redaction ? [{ process: redactAttributes<Attributes> }] : [];
  const cut = { process: (labels: Attributes) => cutTo(attributeLimits.valueLength, labels) };
  const views = [{ instrumentName: '*', attributesProcessors: [cut, ...masked] }];
  const provider = new sdkMetrics.MeterProvider({ resource, readers, views, sdkMetricsEnabled: true });
  for (const { otlp } of pushed) otlp.countOn(provider);
  return {
    provider,
    async collect() {
      for (const outlet of pushed) {
        outlet.collected = (await outlet.reader.collect()).resourceMetrics.scopeMetrics;
        // Should the host go on after all, this is out of date.
        setTimeout(() => {
          outlet.collected = undefined;
        }, freshMs).unref();
      }
    },
    handOver() {
      for (const { reader, exporter, collected = [] } of pushed) {
        const scopeMetrics = together(collectNow(provider, reader), collected);
        if (scopeMetrics.length > 0) exporter.export({ resource, scopeMetrics }, () => {});
      }
    },
  };
}

/** As long as the last collection before an exit may be that of the exit. A callback of the host may have waited for I/O. */
const freshMs = 1000;

/** All of the first, and what it does not have of the second. */
function together(newest: ScopeMetrics[], older: readonly ScopeMetrics[]): ScopeMetrics[] {
  const nameOf = (scope: ScopeMetrics['scope'], { descriptor }: ScopeMetrics['metrics'][number]) =>
    JSON.stringify([scope.name, scope.version, descriptor.name]);
  const known = new Set(newest.flatMap(({ scope, metrics }) => metrics.map((metric) => nameOf(scope, metric))));
  const rest = older.flatMap(({ scope, metrics }) => {
    const missing = metrics.filter((metric) => !known.has(nameOf(scope, metric)));
    return missing.length > 0 ? [{ scope, metrics: missing }] : [];
  });
  return [...newest, ...rest];
}

// The SDK cuts attributes of spans and records alone; one huge label would make every later request too large to be taken.
function cutTo(longest: number, labels: Attributes): Attributes {
  const tooLong = (value: unknown) => typeof value === 'string' && value.length > longest;
  for (const name in labels) {
    if (!tooLong(labels[name])) continue;
    const entries = Object.entries(labels);
    return Object.fromEntries(
      entries.map(([key, value]) => [key, tooLong(value) ? `${value}`.slice(0, longest) : value]),
    );
  }
  return labels;
}

interface SharedState {
  metricCollectors: { _metricReader: MetricReader }[];
  meterSharedStates: Map<
    string,
    {
      _instrumentationScope: ScopeMetrics['scope'];
      metricStorageRegistry: {
        getStorages(collector: object): {
          collect(collector: object, at: HrTime): ScopeMetrics['metrics'][number] | undefined;
        }[];
      };
    }
  >;
}

/**
 * What `reader.collect()` gives, less its awaits: at exit no promise runs any more, and a short program that calls
 * `process.exit()` would otherwise never report a single number. Private to sdk-metrics 3.0.0, pinned; the test of a
 * crash fails when it moves.
 */
function collectNow(provider: MeterProvider, reader: MetricReader): ScopeMetrics[] {
  const shared = (provider as unknown as { _sharedState: SharedState })._sharedState;
  const collector = shared.metricCollectors.find(({ _metricReader }) => _metricReader === reader);
  if (!collector) return [];
  const at = core.millisToHrTime(Date.now());
  return [...shared.meterSharedStates.values()].flatMap(({ _instrumentationScope: scope, metricStorageRegistry }) => {
    const metrics = metricStorageRegistry
      .getStorages(collector)
      .flatMap((storage) => storage.collect(collector, at) ?? []);
    return metrics.length > 0 ? [{ scope, metrics }] : [];
  });
}
