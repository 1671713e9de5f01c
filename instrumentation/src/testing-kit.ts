import type { Attributes, Link, SpanContext, SpanKind, SpanStatus } from '@opentelemetry/api';
import { api, contextAsyncHooks, core, sdkLogs, sdkMetrics, sdkTrace } from './sdk.ts';

/** A span that has ended. */
export interface RecordedSpan {
  readonly name: string;
  readonly kind: SpanKind;
  readonly attributes: Attributes;
  readonly status: SpanStatus;
  readonly links: readonly Link[];
  readonly events: readonly { readonly name: string; readonly attributes?: Attributes }[];
  readonly parentSpanContext?: SpanContext;
  readonly instrumentationScope: { readonly name: string; readonly version?: string };
  readonly ended: boolean;
  spanContext(): SpanContext;
}

export interface RecordedMetric {
  readonly descriptor: { readonly name: string; readonly unit: string; readonly description: string };
  /** Counters: whether it only goes up. */
  readonly isMonotonic?: boolean;
  readonly dataPoints: readonly { readonly attributes: Attributes; readonly value: number | RecordedHistogram }[];
}

export interface RecordedHistogram {
  readonly count: number;
  readonly sum?: number;
}

export interface RecordedLog {
  readonly eventName?: string | undefined;
  readonly body?: unknown;
  readonly severityText?: string | undefined;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly spanContext?: SpanContext | undefined;
}

export interface TestKit {
  /** Spans that have ended, in the order of their end. */
  spans(): RecordedSpan[];
  /** Everything recorded so far, by metric name; of a histogram the points hold `count` and `sum`. */
  metrics(): Promise<Map<string, RecordedMetric>>;
  /** The points of one metric, flat: its labels and its value, or for a histogram its count. */
  points(name: string): Promise<{ labels: Record<string, unknown>; value: number }[]>;
  logs(): RecordedLog[];
  /** Forgets spans and logs; metrics are cumulative. */
  reset(): void;
  /** Takes the SDK off again, so that the next test may put up its own. */
  stop(): Promise<void>;
}

/** An SDK that keeps everything in memory, registered for the whole process: for tests of code that uses the fleet API. */
export function createTestKit(): TestKit {
  const spanExporter = new sdkTrace.InMemorySpanExporter();
  const logExporter = new sdkLogs.InMemoryLogRecordExporter();
  const reader = new sdkMetrics.PeriodicExportingMetricReader({
    exporter: new sdkMetrics.InMemoryMetricExporter(sdkMetrics.AggregationTemporality.CUMULATIVE),
    exportIntervalMillis: 2 ** 30,
  });
  const traces = new sdkTrace.TracerProvider({
    spanProcessors: [new sdkTrace.SimpleSpanProcessor({ exporter: spanExporter })],
  });
  const meters = new sdkMetrics.MeterProvider({ readers: [reader] });
  const loggers = new sdkLogs.LoggerProvider({
    processors: [new sdkLogs.SimpleLogRecordProcessor({ exporter: logExporter })],
  });
  const contexts = new contextAsyncHooks.AsyncLocalStorageContextManager().enable();
  api.trace.setGlobalTracerProvider(traces);
  api.metrics.setGlobalMeterProvider(meters);
  api.logs.setGlobalLoggerProvider(loggers);
  api.context.setGlobalContextManager(contexts);
  api.propagation.setGlobalPropagator(new core.W3CTraceContextPropagator());

  const collect = async () => {
    const { resourceMetrics } = await reader.collect();
    const all = resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics);
    return new Map(all.map((metric) => [metric.descriptor.name, metric as RecordedMetric]));
  };
  return {
    spans: () => spanExporter.getFinishedSpans(),
    metrics: collect,
    async points(name) {
      const found = (await collect()).get(name);
      return (found?.dataPoints ?? []).map(({ attributes, value }) => ({
        labels: { ...attributes },
        value: typeof value === 'number' ? value : value.count,
      }));
    },
    logs: () => logExporter.getFinishedLogRecords(),
    reset() {
      spanExporter.reset();
      logExporter.reset();
    },
    async stop() {
      for (const part of [api.trace, api.metrics, api.logs, api.context, api.propagation]) part.disable();
      contexts.disable();
      await Promise.all([traces.shutdown(), meters.shutdown(), loggers.shutdown()]);
    },
  };
}
