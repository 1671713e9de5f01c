import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type MessagePort, workerData } from 'node:worker_threads';
import type { ExportResult } from '@opentelemetry/core';
import type { OtlpConfig, Signal } from './config.ts';
import { type Attempt, type Batch, type Fate, SendQueue } from './send-queue.ts';

/** What the thread is started with. `open[0]` counts batches whose fate is not known; both sides move it. */
export interface SenderData {
  port: MessagePort;
  open: Int32Array<SharedArrayBuffer>;
  signals: Partial<Record<Signal, OtlpConfig & { keepBatches: number }>>;
}

export type ToSender = { kind: 'batch'; signal: Signal; batch: Batch } | { kind: 'drain' };

export type FromSender =
  | { kind: 'settled'; signal: Signal; id: number; fate: Fate }
  | { kind: 'problem'; signal: Signal; name: string; reason: string }
  | { kind: 'recovered'; signal: Signal }
  | { kind: 'warning'; text: string }
  | { kind: 'stopped'; reason: string };

type GrpcBase = typeof import('@opentelemetry/otlp-grpc-exporter-base');

const require = createRequire(import.meta.url);
const { port, open, signals } = workerData as SenderData;

const services: Record<Signal, { name: string; path: string }> = {
  traces: { name: 'TraceExportService', path: '/opentelemetry.proto.collector.trace.v1.TraceService/Export' },
  metrics: { name: 'MetricsExportService', path: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export' },
  logs: { name: 'LogsExportService', path: '/opentelemetry.proto.collector.logs.v1.LogsService/Export' },
};

// The codes for which the OTLP specification asks a client to try again.
const worthRetrying = new Set([
  'CANCELLED',
  'DEADLINE_EXCEEDED',
  'RESOURCE_EXHAUSTED',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNAVAILABLE',
  'DATA_LOSS',
]);

try {
  run();
} catch (error) {
  giveUp(error);
}
process.on('uncaughtException', giveUp);

/**
 * The second half of the OTLP/gRPC exporter, in a thread of its own: requests arrive as bytes, leave over the official
 * gRPC transport, and are retried within bounds. Here and not beside the host, because (1) loading gRPC is a third of the
 * start-up, (2) an open call would hold the host's event loop, (3) this thread still runs while the host is in its last
 * synchronous moment: at `process.exit()` and after a crash.
 */
function run(): void {
  const { diag, DiagLogLevel } = require('@opentelemetry/api') as typeof import('@opentelemetry/api');
  const warn = (...parts: unknown[]) => tell({ kind: 'warning', text: parts.map(String).join(' ') });
  diag.setLogger({ error: warn, warn, info() {}, debug() {}, verbose() {} }, DiagLogLevel.WARN);

  const base = require('@opentelemetry/otlp-grpc-exporter-base') as GrpcBase;
  const queues = new Map<Signal, SendQueue>();
  for (const [signal, otlp] of Object.entries(signals) as [Signal, OtlpConfig & { keepBatches: number }][]) {
    queues.set(
      signal,
      new SendQueue({
        limit: otlp.keepBatches,
        attempt: transport(base, signal, otlp),
        report: (problem) => {
          if (!problem) return tell({ kind: 'recovered', signal });
          tell({ kind: 'problem', signal, name: problem.name, reason: problem.reason });
        },
        settle: ({ id, bytes }, fate) => {
          // Freed now: this heap hardly grows, so that its collector may let 60 MiB of such buffers pile up first.
          (bytes.buffer as ArrayBuffer).transfer(0);
          tell({ kind: 'settled', signal, id, fate });
          Atomics.sub(open, 0, 1);
          Atomics.notify(open, 0);
        },
      }),
    );
  }
  port.on('message', (message: ToSender) => {
    if (message.kind === 'batch') queues.get(message.signal)?.add(message.batch);
    else for (const queue of queues.values()) queue.drain();
  });
}

/** The official export delegate, given a serializer that has nothing left to do. */
function transport(base: GrpcBase, signal: Signal, otlp: OtlpConfig): (batch: Batch) => Promise<Attempt> {
  const metadata = base.createEmptyMetadata();
  for (const [key, value] of Object.entries(otlp.headers)) metadata.set(key, value);
  let response: Uint8Array | undefined;
  const delegate = base.createOtlpGrpcExportDelegate<Uint8Array, object>(
    base.convertLegacyOtlpGrpcOptions(
      {
        url: otlp.endpoint,
        timeoutMillis: otlp.timeoutMs,
        compression: otlp.compression as never,
        credentials: credentials(base, otlp),
        metadata,
      },
      signal.toUpperCase(),
    ),
    {
      serializeRequest: (bytes) => bytes,
      // The answer is read where the request was written; the delegate calls this right before it reports success.
      deserializeResponse: (bytes) => {
        response = bytes;
        return {};
      },
    },
    `otlp_grpc_${signal}`,
    { name: 'span', countItems: () => 1 },
    undefined,
    services[signal].name,
    services[signal].path,
  );
  return ({ bytes }) =>
    new Promise((resolve) => {
      delegate.export(bytes, (result) => {
        const answer = response;
        response = undefined;
        resolve(result.code === 0 ? { kind: 'sent', ...(answer?.length && { response: answer }) } : failed(result));
      });
    });
}

function credentials(base: GrpcBase, { endpoint, tls }: OtlpConfig) {
  if (!endpoint.startsWith('https:')) return base.createInsecureCredentials();
  return base.createSslCredentials(pem(tls.authorityFile), pem(tls.keyFile), pem(tls.certificateFile));
}

function pem(file: string): Buffer | undefined {
  try {
    return file ? readFileSync(file) : undefined;
  } catch (error) {
    tell({ kind: 'warning', text: `Ignored a certificate or key: ${(error as Error).message}. Check the path.` });
    return undefined;
  }
}

function failed({ error }: ExportResult): Attempt {
  const text = error?.message ?? 'unknown error';
  const [, name = 'INTERNAL', reason = text] = /^\d+ ([A-Z_]+): (.*)$/s.exec(text) ?? [];
  // A request over the Collector's size limit stays over it.
  const again = worthRetrying.has(name) && !/larger than max/.test(reason);
  return { kind: again ? 'retry' : 'refused', name, reason: plain(reason) };
}

// "No connection established. Last error: Error: connect ECONNREFUSED 127.0.0.1:4317. Resolution note: "
function plain(reason: string): string {
  return reason.replace(/^.*Last error: (Error: )?/, '').replace(/\.?\s*Resolution note:.*$/, '');
}

function tell(message: FromSender): void {
  port.postMessage(message);
}

function giveUp(error: unknown): void {
  tell({ kind: 'stopped', reason: error instanceof Error ? error.message : String(error) });
  Atomics.store(open, 0, 0);
  Atomics.notify(open, 0);
  process.exit(1);
}
