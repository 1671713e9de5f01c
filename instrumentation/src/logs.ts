import type { MeterProvider } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import type { BatchLogRecordProcessor, LoggerProvider, ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type { Config } from './config.ts';
import type { ExportThread } from './export-thread.ts';
import { OtlpExporter } from './otlp-exporter.ts';
import type { OwnCost } from './own-cost/watch.ts';
import { watchExporter } from './own-cost/watched-exporter.ts';
import { redacting } from './redaction/redacting-exporter.ts';
import { redactLogRecords } from './redaction/telemetry.ts';
import { sdkLogs } from './sdk.ts';

export interface Logs {
  provider: LoggerProvider;
  /** Gives every waiting record to the exporter, now and synchronously. */
  handOver(): void;
}

export function buildLogs(
  config: Pick<Config, 'logs' | 'attributeLimits' | 'redaction'>,
  resource: Resource,
  meterProvider: MeterProvider,
  thread: ExportThread,
  cost: OwnCost,
): Logs {
  const { exporters, batch } = config.logs;
  const outlets = exporters.map(() => {
    const otlp = new OtlpExporter<ReadableLogRecord[]>(thread, 'logs', meterProvider);
    const exporter = watchExporter(config.redaction ? redacting(otlp, redactLogRecords) : otlp, cost);
    const processor = new sdkLogs.BatchLogRecordProcessor({
      exporter,
      scheduledDelayMillis: batch.scheduleDelayMs,
      exportTimeoutMillis: batch.exportTimeoutMs,
      maxQueueSize: batch.maxQueueSize,
      maxExportBatchSize: batch.maxBatchSize,
      selfObsMeterProvider: meterProvider,
    });
    return { exporter, processor };
  });
  const provider = new sdkLogs.LoggerProvider({
    resource,
    meterProvider,
    logRecordLimits: {
      attributeCountLimit: config.attributeLimits.count,
      attributeValueLengthLimit: config.attributeLimits.valueLength,
    },
    processors: outlets.map(({ processor }) => processor),
  });
  return {
    provider,
    handOver() {
      for (const { exporter, processor } of outlets) {
        for (const records of takeWaiting(processor, batch.maxBatchSize)) exporter.export(records, () => {});
      }
    },
  };
}

/**
 * Unlike the one for spans, this processor's flush awaits before it exports, which at exit is never. So its queue is
 * emptied by hand: private to sdk-logs 3.0.0, pinned, and the test of a crash fails when it moves.
 */
function takeWaiting(processor: BatchLogRecordProcessor, size: number): ReadableLogRecord[][] {
  const waiting = (processor as unknown as { _finishedLogRecords: ReadableLogRecord[] })._finishedLogRecords;
  if (!Array.isArray(waiting)) return [];
  const records = waiting.splice(0);
  return Array.from({ length: Math.ceil(records.length / size) }, (_, at) => records.slice(at * size, (at + 1) * size));
}
