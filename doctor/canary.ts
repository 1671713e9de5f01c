import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { ROOT_CONTEXT, SeverityNumber, trace } from '@opentelemetry/api';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-grpc';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-grpc';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { fleetMark } from '../instrumentation/src/catalog/fleet-spans.ts';
import { canaryOperation } from '../instrumentation/src/catalog/monitor.ts';

/** One marked span, metric and log; each hop looks for it. */
export interface Canary {
  id: string;
  traceId: string;
  /** The gauge's value; a later canary's is larger. */
  value: number;
  /** When the span ended, milliseconds since the epoch. */
  endedAtMs: number;
}

/** The names that canaries have in the three backends. */
export const canaryNames = {
  service: 'fleetscope-doctor',
  metric: 'fleetscope.doctor.canary',
  prometheusMetric: 'fleetscope_doctor_canary',
  attribute: 'fleetscope.doctor.canary',
  lokiAttribute: 'fleetscope_doctor_canary',
} as const;

/** Sends canaries through the OpenTelemetry SDK by OTLP/gRPC, as a service does, but without waiting for a batch. */
export class CanarySender {
  readonly #failures: Error[] = [];
  readonly #traces: TracerProvider;
  readonly #meters: MeterProvider;
  readonly #logs: LoggerProvider;

  constructor(endpoint: string, timeoutMs: number) {
    const options = { url: endpoint, timeoutMillis: timeoutMs };
    // One instance per host: a new one per run would be a new series each time the doctor is asked.
    const resource = resourceFromAttributes({
      'service.name': canaryNames.service,
      'service.instance.id': hostname(),
    });
    this.#traces = new TracerProvider({
      resource,
      spanProcessors: [new SimpleSpanProcessor({ exporter: this.#watch(new OTLPTraceExporter(options)) })],
    });
    this.#meters = new MeterProvider({
      resource,
      readers: [
        new PeriodicExportingMetricReader({
          exporter: this.#watch(new OTLPMetricExporter(options)),
          // Never by the clock: each canary is flushed by hand.
          exportIntervalMillis: 2 ** 31 - 1,
          exportTimeoutMillis: timeoutMs,
        }),
      ],
    });
    this.#logs = new LoggerProvider({
      resource,
      processors: [new SimpleLogRecordProcessor({ exporter: this.#watch(new OTLPLogExporter(options)) })],
    });
  }

  /** Answers when the Collector has acknowledged all three signals. @throws Error with the exporter's reason. */
  async send(): Promise<Canary> {
    const id = randomBytes(8).toString('hex');
    const attributes = { [canaryNames.attribute]: id };
    const value = Date.now();
    // The mark takes it to the ledger, too.
    const marked = { ...attributes, [fleetMark]: canaryOperation };
    const tracer = this.#traces.getTracer(canaryNames.service);
    const span = tracer.startSpan('canary', { attributes: marked, root: true });
    const context = trace.setSpan(ROOT_CONTEXT, span);
    this.#logs.getLogger(canaryNames.service).emit({
      severityNumber: SeverityNumber.INFO,
      severityText: 'INFO',
      body: `doctor's canary ${id}`,
      attributes,
      context,
    });
    this.#meters.getMeter(canaryNames.service).createGauge(canaryNames.metric).record(value);
    span.end();
    const endedAtMs = Date.now();
    const flushed = await Promise.allSettled([
      this.#traces.forceFlush(),
      this.#meters.forceFlush(),
      this.#logs.forceFlush(),
    ]);
    // What a flush rejects with is an Error or several; what an exporter said comes before it.
    const rejected = flushed.flatMap((one): Error[] => (one.status === 'rejected' ? [one.reason].flat() : []));
    const [failure] = [...this.#failures.splice(0), ...rejected];
    if (failure) throw failure;
    return { id, traceId: span.spanContext().traceId, value, endedAtMs };
  }

  async close(): Promise<void> {
    await Promise.allSettled([this.#traces.shutdown(), this.#meters.shutdown(), this.#logs.shutdown()]);
  }

  /** The processors swallow what an exporter reports; the doctor wants to know. */
  #watch<E extends { export(items: never, done: (result: { code: number; error?: Error }) => void): void }>(
    exporter: E,
  ): E {
    const send = exporter.export.bind(exporter);
    exporter.export = (items, done) =>
      send(items, (result) => {
        if (result.code !== 0) this.#failures.push(result.error ?? new Error('the exporter gave no reason'));
        done(result);
      });
    return exporter;
  }
}
