import type { MeterProvider } from '@opentelemetry/api';
import type { ExportResult } from '@opentelemetry/core';
import type { IExporterMetricsHelper, ISerializer } from '@opentelemetry/otlp-transformer';
import type { Signal } from './config.ts';
import type { ExportThread } from './export-thread.ts';
import { core, otlpExporterBase } from './sdk.ts';

/** The official parts one signal is put together from. `componentType` names it in the SDK's own metrics. */
export interface OtlpParts<Items> {
  signal: Signal;
  serializer: ISerializer<Items, unknown>;
  metricsHelper: IExporterMetricsHelper<Items>;
  componentType: string;
  /** Where `otel.sdk.exporter.*` is counted: exported items, and lost ones by `error.type`. Undefined: see `countOn`. */
  meterProvider: MeterProvider | undefined;
}

/**
 * The official OTLP exporter cut in two: serialized here, sent by the thread.
 * `export` is done once the bytes are handed over, so no timer of the SDK waits for the network on the host's event loop;
 * what becomes of them is counted when the thread knows.
 */
export class OtlpExporter<Items> {
  readonly #thread: ExportThread;
  readonly #parts: OtlpParts<Items>;
  readonly #delegate;

  constructor(thread: ExportThread, parts: OtlpParts<Items>) {
    this.#thread = thread;
    this.#parts = parts;
    this.#delegate = otlpExporterBase.createOtlpNetworkExportDelegate(
      // The thread has the timeout, the bound and the compression.
      { timeoutMillis: 1, concurrencyLimit: Number.POSITIVE_INFINITY, compression: 'none' as never },
      parts.serializer,
      this.#counters(parts.meterProvider),
      { send: (bytes) => thread.send(parts.signal, bytes), shutdown() {} },
    );
  }

  /** For the exporter of the metrics, which has to exist before the provider that counts for it. */
  countOn(meterProvider: MeterProvider): void {
    this.#delegate.setMetrics(this.#counters(meterProvider));
  }

  export(items: Items, done: (result: ExportResult) => void): void {
    this.#delegate.export(items, () => {});
    done({ code: core.ExportResultCode.SUCCESS });
  }

  async forceFlush(): Promise<void> {}

  async shutdown(): Promise<void> {}

  #counters(meterProvider: MeterProvider | undefined): InstanceType<typeof otlpExporterBase.ExporterMetrics<Items>> {
    return new otlpExporterBase.ExporterMetrics({
      componentType: this.#parts.componentType,
      metricsHelper: this.#parts.metricsHelper,
      url: this.#thread.endpoint(this.#parts.signal),
      meterProvider,
      responseAttributesFromError: (error) => ({
        'rpc.response.status_code': error instanceof Error ? error.name : error ? 'UNKNOWN' : 'OK',
      }),
    });
  }
}
