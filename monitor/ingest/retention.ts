/** Takes runs away that were last heard of longer ago than is kept, once a day, in the small transactions of the ledger. */
import type { Ledger } from '../store/store.ts';

export interface RetentionOptions {
  readonly ledger: Pick<Ledger, 'cleanup'>;
  /** From the last word of a run; 0: everything is kept. */
  readonly days: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** One line for people, when something went or could not. */
  readonly notice: (line: string) => void;
  readonly onRemoved?: (runs: number) => void;
}

const dayMs = 86_400_000;

/** After a start what waited in the Collector comes first. */
const firstAfterMs = 60_000;

export class Retention {
  readonly #options: RetentionOptions;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(options: RetentionOptions) {
    this.#options = options;
  }

  /** Soon, and from then on every day; keeps no process alive. */
  start(): void {
    if (this.#options.days > 0) this.#plan(firstAfterMs);
  }

  /** What runs ends with the transaction that it is in, once the ledger is closed: the rest is for the next start. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  /** Never rejects; two at a time are one. */
  clean(): Promise<void> {
    this.#running ??= this.#clean().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  #plan(afterMs: number): void {
    this.#timer = setTimeout(() => void this.clean().then(() => this.#closed || this.#plan(dayMs)), afterMs);
    this.#timer.unref();
  }

  async #clean(): Promise<void> {
    const { ledger, days, now, notice, onRemoved } = this.#options;
    const before = new Date(now() - days * dayMs).toISOString();
    try {
      const { orchestrations, executions, bytesFreed } = await ledger.cleanup(before);
      if (orchestrations + executions === 0) return;
      onRemoved?.(orchestrations);
      const mib = (bytesFreed / 1_048_576).toFixed(1);
      notice(
        `Removed what was last heard of before ${before}: ${orchestrations} of the runs, ${executions} of the executions; freed ${mib} MiB. They are kept for ${days} days (FLEETSCOPE_MONITOR_RETENTION_DAYS).`,
      );
    } catch (error) {
      if (!this.#closed) notice(`Cannot remove old runs: ${(error as Error).message} It is tried again in a day.`);
    }
  }
}
