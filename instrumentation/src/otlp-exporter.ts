import type { MeterProvider } from '@opentelemetry/api';
import type { ExportResult } from '@opentelemetry/core';
import type { IOtlpExportDelegate } from '@opentelemetry/otlp-exporter-base';
import type { IExporterMetricsHelper, ISerializer } from '@opentelemetry/otlp-transformer';
import type { Signal } from './config.ts';
import type { ExportThread } from './export-thread.ts';
import { core, loadOtlp } from './sdk.ts';

/** The official parts an exporter is put together from. `componentType` names it in the SDK's metrics about itself. */
interface Parts {
  serializer: ISerializer<never, unknown>;
  metricsHelper: IExporterMetricsHelper<never>;
  componentType: string;
}

/**
 * The official OTLP exporter cut in two: serialized here, sent by the thread.
 * `export` is done once the bytes are handed over, so no timer of the SDK waits for the network on the host's event loop;
 * what becomes of them is counted when the thread knows. Its parts are loaded with the first export, not at start-up.
 */
export class OtlpExporter<Items> {
  readonly #thread: ExportThread;
  readonly #signal: Signal;
  #meterProvider: MeterProvider | undefined;
  #delegate: IOtlpExportDelegate<Items> | undefined;

  /** `meterProvider` counts in `otel.sdk.exporter.*`: exported items, and lost ones by `error.type`. */
  constructor(thread: ExportThread, signal: Signal, meterProvider?: MeterProvider) {
    this.#thread = thread;
    this.#signal = signal;
    this.#meterProvider = meterProvider;
  }

  /** For the exporter of the metrics, which has to exist before the provider that counts for it. */
  countOn(meterProvider: MeterProvider): void {
    this.#meterProvider = meterProvider;
  }

  export(items: Items, done: (result: ExportResult) => void): void {
    this.#delegate ??= this.#build();
    this.#delegate.export(items, () => {});
    done({ code: core.ExportResultCode.SUCCESS });
  }

  async forceFlush(): Promise<void> {}

  async shutdown(): Promise<void> {}

  #build(): IOtlpExportDelegate<Items> {
    const { exporterBase, transformer } = loadOtlp();
    const parts: Record<Signal, Parts> = {
      traces: {
        serializer: transformer.ProtobufTraceSerializer,
        metricsHelper: transformer.TraceExporterMetricsHelper,
        componentType: 'otlp_grpc_span_exporter',
      },
      metrics: {
        serializer: transformer.ProtobufMetricsSerializer,
        metricsHelper: transformer.MetricsExporterMetricsHelper,
        componentType: 'otlp_grpc_metric_exporter',
      },
      logs: {
        serializer: transformer.ProtobufLogsSerializer,
        metricsHelper: transformer.LogsExporterMetricsHelper,
        componentType: 'otlp_grpc_log_exporter',
      },
    };
    const { serializer, metricsHelper, componentType } = parts[this.#signal];
    return exporterBase.createOtlpNetworkExportDelegate<Items, unknown>(
      // The thread has the timeout, the bound and the compression.
      {
        timeoutMillis: 1,
        concurrencyLimit: Number.POSITIVE_INFINITY,
        compression: exporterBase.CompressionAlgorithm.NONE,
      },
      serializer as ISerializer<Items, unknown>,
      new exporterBase.ExporterMetrics<Items>({
        componentType,
        metricsHelper: metricsHelper as IExporterMetricsHelper<Items>,
        url: this.#thread.endpoint(this.#signal),
        meterProvider: this.#meterProvider,
        responseAttributesFromError: (error) => ({
          'rpc.response.status_code': error instanceof Error ? error.name : error ? 'UNKNOWN' : 'OK',
        }),
      }),
      { send: (bytes) => this.#thread.send(this.#signal, bytes), shutdown() {} },
    );
  }
}
