/** One serialized OTLP request on its way out. */
export interface Batch {
  id: number;
  bytes: Uint8Array;
}

/** What became of an attempt. `name` is a gRPC status such as UNAVAILABLE. */
export type Attempt =
  | { kind: 'sent'; response?: Uint8Array }
  | { kind: 'retry'; name: string; reason: string }
  | { kind: 'refused'; name: string; reason: string };

/** What became of a batch in the end. */
export type Fate = { kind: 'sent'; response?: Uint8Array } | { kind: 'lost'; name: string; reason: string };

export interface SendQueueOptions {
  /** Batches that may wait; the oldest gives way and is counted. */
  limit: number;
  attempt(batch: Batch): Promise<Attempt>;
  settle(batch: Batch, fate: Fate): void;
  /** Told of each failed attempt and of the first success after one. */
  report(problem: { name: string; reason: string } | undefined): void;
  later?(run: () => void, delayMs: number): unknown;
  random?(): number;
}

const shortestBackoffMs = 1000;
const longestBackoffMs = 5000;
const growth = 1.5;
const jitter = 0.2;

/** Wait before attempt `failures + 1`: 1 s to 5 s, give or take a fifth, so that a fleet does not return in step. */
export function backoffMs(failures: number, random: number): number {
  const plain = Math.min(shortestBackoffMs * growth ** (failures - 1), longestBackoffMs);
  return Math.round(Math.min(Math.max(plain * (1 + jitter * (2 * random - 1)), shortestBackoffMs), longestBackoffMs));
}

/**
 * Sends batches one after the other and keeps those that may still succeed: OTLP over gRPC has no retry of its own.
 * Bounded by count; what gives way is settled as lost, so that it is counted where sent ones are.
 */
export class SendQueue {
  readonly #options: SendQueueOptions;
  readonly #waiting: Batch[] = [];
  #inFlight = 0;
  #failures = 0;
  #timer: unknown;
  #draining = false;

  constructor(options: SendQueueOptions) {
    this.#options = options;
  }

  add(batch: Batch): void {
    this.#waiting.push(batch);
    if (this.#draining) {
      this.drain();
    } else {
      this.#makeRoom();
      this.#next();
    }
  }

  /** The process is ending: one attempt for each batch, all at once, none kept. */
  drain(): void {
    this.#draining = true;
    clearTimeout(this.#timer as NodeJS.Timeout);
    this.#timer = undefined;
    for (const batch of this.#waiting.splice(0)) this.#start(batch);
    if (this.#inFlight === 0) this.#draining = false;
  }

  #next(): void {
    if (this.#inFlight > 0 || this.#timer !== undefined) return;
    const batch = this.#waiting.shift();
    if (batch) this.#start(batch);
  }

  #start(batch: Batch): void {
    this.#inFlight += 1;
    this.#options.attempt(batch).then(
      (attempt) => this.#finish(batch, attempt),
      (error) => this.#finish(batch, { kind: 'refused', name: 'INTERNAL', reason: String(error) }),
    );
  }

  #finish(batch: Batch, attempt: Attempt): void {
    const { settle, report } = this.#options;
    this.#inFlight -= 1;
    if (attempt.kind === 'sent') {
      if (this.#failures > 0) report(undefined);
      this.#failures = 0;
      settle(batch, attempt);
    } else {
      this.#failures += 1;
      report(attempt);
      if (attempt.kind === 'retry' && !this.#draining) this.#keep(batch);
      else settle(batch, { kind: 'lost', name: attempt.name, reason: attempt.reason });
    }
    if (this.#inFlight === 0) this.#draining = false;
    this.#next();
  }

  #keep(batch: Batch): void {
    const { later = setTimeout, random = Math.random } = this.#options;
    this.#waiting.unshift(batch);
    this.#makeRoom();
    const retry = () => {
      this.#timer = undefined;
      this.#next();
    };
    this.#timer = later(retry, backoffMs(this.#failures, random()));
  }

  #makeRoom(): void {
    while (this.#waiting.length > this.#options.limit) {
      const oldest = this.#waiting.shift() as Batch;
      this.#options.settle(oldest, { kind: 'lost', name: 'queue_full', reason: 'the Collector does not keep up' });
    }
  }
}
