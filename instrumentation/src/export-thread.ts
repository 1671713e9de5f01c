import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import type { ExportResponse } from '@opentelemetry/otlp-exporter-base';
import type { Config, Environment, OtlpConfig, Signal } from './config.ts';
import { oneLine, type Reporter } from './reporter.ts';
import type { Fate } from './send-queue.ts';
import type { FromSender, SenderData, ToSender } from './sender.ts';

// The requests themselves lie outside this heap. A leak in there must not become the host's.
const heapLimitMiB = 128;
const restartAfterMs = 60_000;

/**
 * The host's side of the sending thread. Started with the first batch, holds neither the event loop nor the exit open,
 * and can be waited for without the event loop, which is what makes the last batch survive `process.exit()` and a crash.
 */
export class ExportThread {
  readonly #signals: SenderData['signals'];
  readonly #env: Environment;
  readonly #reporter: Reporter;
  readonly #open = new Int32Array(new SharedArrayBuffer(4));
  readonly #pending = new Map<number, (response: ExportResponse) => void>();
  readonly #posted: Record<Signal, number> = { traces: 0, metrics: 0, logs: 0 };
  readonly #silent = new Set<string>();
  #port: MessagePort | undefined;
  #startsAgainAtMs = 0;
  #nextId = 1;

  constructor(config: Pick<Config, 'traces' | 'metrics' | 'logs'>, env: Environment, reporter: Reporter) {
    const { traces, metrics, logs } = config;
    this.#signals = {
      traces: { ...traces.otlp, keepBatches: Math.ceil(traces.batch.maxQueueSize / traces.batch.maxBatchSize) },
      logs: { ...logs.otlp, keepBatches: Math.ceil(logs.batch.maxQueueSize / logs.batch.maxBatchSize) },
      // Cumulative: the newer request says all the older one did.
      metrics: { ...metrics.otlp, keepBatches: 1 },
    };
    this.#env = env;
    this.#reporter = reporter;
  }

  endpoint(signal: Signal): string {
    return (this.#signals[signal] as OtlpConfig).endpoint;
  }

  /** Posts one serialized request; resolves when its fate is known, which at the end of a process may be never. */
  send(signal: Signal, bytes: Uint8Array): Promise<ExportResponse> {
    const port = this.#port ?? this.#start();
    if (!port) return Promise.resolve(failure('thread_stopped', 'the sending thread is not running'));
    // The thread bounds what it keeps, but a thread that gets no turn, on a starved machine, bounds nothing. Twice what it
    // may keep leaves room for what is handed over at the end.
    if (this.#posted[signal] > 2 * (this.#signals[signal]?.keepBatches ?? 0) + 1) {
      return Promise.resolve(failure('queue_full', 'the sending thread does not keep up'));
    }
    const id = this.#nextId++;
    return new Promise((resolve) => {
      this.#posted[signal] += 1;
      this.#pending.set(id, (response) => {
        this.#posted[signal] -= 1;
        resolve(response);
      });
      Atomics.add(this.#open, 0, 1);
      // A copy of its own, so that it can change hands: the serializer may keep its buffer.
      const own = bytes.slice();
      port.postMessage({ kind: 'batch', signal, batch: { id, bytes: own } } satisfies ToSender, [own.buffer]);
    });
  }

  /** From here on each batch is tried once and at once: call before handing over what is buffered at the end. */
  drain(): void {
    this.#port?.postMessage({ kind: 'drain' } satisfies ToSender);
  }

  /** Blocks until everything posted is sent or lost, at most `budgetMs`. For the last moment of a process only. */
  waitUntilSettled(budgetMs: number): void {
    this.settle(budgetMs);
    if (this.#read() > 0 && this.#silent.size === 0) {
      this.#sayUnreachable(this.endpoint('traces'), `no answer within ${budgetMs} ms`);
    }
  }

  /** The same where more may follow: what is not settled in time is still being sent, and nothing is said. */
  settle(budgetMs: number): void {
    this.drain();
    const end = performance.now() + budgetMs;
    for (let open = this.#read(); open > 0; open = this.#read()) {
      const leftMs = end - performance.now();
      if (leftMs <= 0) break;
      Atomics.wait(this.#open, 0, open, leftMs);
    }
    this.#receiveNow();
  }

  #read(): number {
    return Atomics.load(this.#open, 0);
  }

  #start(): MessagePort | undefined {
    if (performance.now() < this.#startsAgainAtMs) return undefined;
    try {
      const { port1, port2 } = new MessageChannel();
      const worker = new Worker(new URL('./sender.js', import.meta.url), {
        name: 'fleetscope-sender',
        workerData: { port: port2, open: this.#open, signals: this.#signals } satisfies SenderData,
        transferList: [port2],
        // Not ours again, nor any other preload or loader of the host.
        execArgv: [],
        env: senderEnvironment(this.#env),
        stdout: true,
        stderr: true,
        resourceLimits: { maxOldGenerationSizeMb: heapLimitMiB },
      });
      const stopped = (reason: string) => this.#port === port1 && this.#stop(reason);
      worker.on('error', (error) => stopped(oneLine(error)));
      worker.on('exit', (code) => stopped(`it ended with code ${code}`));
      worker.unref();
      port1.on('message', (message: FromSender) => this.#receive(message));
      port1.unref();
      this.#port = port1;
    } catch (error) {
      this.#stop(oneLine(error));
    }
    return this.#port;
  }

  #stop(reason: string): void {
    this.#port = undefined;
    this.#startsAgainAtMs = performance.now() + restartAfterMs;
    Atomics.store(this.#open, 0, 0);
    for (const resolve of this.#pending.values()) resolve(failure('thread_stopped', reason));
    this.#pending.clear();
    this.#reporter.warn(`Cannot send telemetry: the sending thread stopped (${reason}). It starts again in a minute.`);
  }

  #receiveNow(): void {
    for (;;) {
      const got = this.#port && receiveMessageOnPort(this.#port);
      if (!got) return;
      this.#receive(got.message);
    }
  }

  #receive(message: FromSender): void {
    switch (message.kind) {
      case 'settled':
        this.#settle(message.id, message.fate);
        break;
      case 'problem':
        this.#sayUnreachable(this.endpoint(message.signal), `${message.reason} (${message.name})`);
        break;
      case 'recovered':
        this.#silent.delete(this.endpoint(message.signal));
        break;
      case 'warning':
        this.#reporter.warn(message.text);
        break;
      case 'stopped':
        this.#stop(message.reason);
    }
  }

  #settle(id: number, fate: Fate): void {
    const resolve = this.#pending.get(id);
    this.#pending.delete(id);
    if (fate.kind === 'lost') resolve?.(failure(fate.name, fate.reason));
    else resolve?.({ status: 'success', ...(fate.response && { data: fate.response }) });
  }

  // Once per outage, whatever its length and however many signals share the endpoint.
  #sayUnreachable(endpoint: string, reason: string): void {
    if (this.#silent.has(endpoint)) return;
    this.#silent.add(endpoint);
    const remedy =
      'The service runs on; start a Collector there, set OTEL_EXPORTER_OTLP_ENDPOINT, or OTEL_SDK_DISABLED=true.';
    this.#reporter.warn(`Cannot send telemetry to ${endpoint}: ${oneLine(reason)}. ${remedy}`, endpoint);
  }
}

/** What the thread may see: the proxy, say; but no OTEL_*, which are read here, once, and nothing that starts tools. */
function senderEnvironment(env: Environment): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^(NODE_OPTIONS|NODE_V8_COVERAGE|OTEL_.*)$/.test(name)),
  );
}

// `name` becomes the `error.type` under which the SDK counts the items.
function failure(name: string, message: string): ExportResponse {
  return { status: 'failure', error: Object.assign(new Error(message), { name }) };
}
