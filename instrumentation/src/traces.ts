import type { MeterProvider } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import type { ReadableSpan, Sampler, TracerProvider } from '@opentelemetry/sdk-trace';
import type { Config } from './config.ts';
import type { ExportThread } from './export-thread.ts';
import { OtlpExporter } from './otlp-exporter.ts';
import type { OwnCost } from './own-cost/watch.ts';
import { watchExporter } from './own-cost/watched-exporter.ts';
import { redacting } from './redaction/redacting-exporter.ts';
import { redactSpans } from './redaction/telemetry.ts';
import { sdkTrace } from './sdk.ts';

export interface Traces {
  provider: TracerProvider;
  /** Gives every finished span to the exporter, now and synchronously. */
  handOver(): void;
}

export function buildTraces(
  config: Pick<Config, 'traces' | 'attributeLimits' | 'redaction'>,
  resource: Resource,
  meterProvider: MeterProvider,
  thread: ExportThread,
  cost: OwnCost,
): Traces {
  const { exporters, batch, sampler } = config.traces;
  const processors = exporters.map(() => {
    const exporter = new OtlpExporter<ReadableSpan[]>(thread, 'traces', meterProvider);
    return new sdkTrace.BatchSpanProcessor({
      exporter: watchExporter(config.redaction ? redacting(exporter, redactSpans) : exporter, cost),
      scheduledDelayMillis: batch.scheduleDelayMs,
      exportTimeoutMillis: batch.exportTimeoutMs,
      maxQueueSize: batch.maxQueueSize,
      maxExportBatchSize: batch.maxBatchSize,
      selfObsMeterProvider: meterProvider,
    });
  });
  const provider = new sdkTrace.TracerProvider({
    resource,
    meterProvider,
    sampler: buildSampler(sampler),
    spanLimits: {
      attributeCountLimit: config.attributeLimits.count,
      attributeValueLengthLimit: config.attributeLimits.valueLength,
    },
    spanProcessors: processors,
  });
  return {
    provider,
    // The processor's flush calls the exporter before it first waits: the resource has nothing pending.
    handOver: () => processors.forEach((processor) => void processor.forceFlush().catch(() => {})),
  };
}

/** OTEL_TRACES_SAMPLER as an object; the SDK of the 3.x line no longer reads it. */
function buildSampler({ name, ratio }: Config['traces']['sampler']): Sampler {
  const roots = {
    always_on: () => new sdkTrace.AlwaysOnSampler(),
    always_off: () => new sdkTrace.AlwaysOffSampler(),
    traceidratio: () => new sdkTrace.TraceIdRatioBasedSampler(ratio),
  };
  const root = roots[name.replace('parentbased_', '') as keyof typeof roots]();
  return name.startsWith('parentbased_') ? new sdkTrace.ParentBasedSampler({ root }) : root;
}
