/** Writes facts, and keeps in memory what cannot be written now: a full disk is no reason to stop the work that is watched. */
import { FileError } from '../service/sqlite-error.ts';
import type { ApiFact } from './ledger/fact.ts';

export interface WaitingOptions {
  /** @returns false: it is known. @throws Error where it cannot be written. */
  readonly write: (fact: ApiFact) => boolean;
  /** True: what cannot be written is thrown to the caller, and is lost. */
  readonly strict: boolean;
  readonly warn: (message: string) => void;
  /** Milliseconds, of a clock that never goes back. */
  readonly elapsedMs: () => number;
  /** More are dropped, and counted. */
  readonly atMost: number;
}

/** No sooner is a ledger tried again, so that one that blocks for seconds does not slow down each call. */
const restMs = 1000;

export class WaitingFacts {
  readonly #options: WaitingOptions;
  readonly #waiting = new Map<string, ApiFact>();
  #dropped = 0;
  /** Facts that the ledger cannot keep, whatever the file does. */
  #lost = 0;
  #tryAgainAtMs = Number.NEGATIVE_INFINITY;
  #atExit: (() => void) | undefined;

  constructor(options: WaitingOptions) {
    this.#options = options;
  }

  /** @returns false: a fact of this id is known, and nothing has changed. */
  record(fact: ApiFact): boolean {
    if (this.#waiting.has(fact.id)) return false;
    try {
      // What waits goes first: an end makes no sense before its beginning.
      if (this.flush()) return this.#write(fact);
    } catch (error) {
      if (this.#options.strict) throw error;
      if (!(error instanceof FileError)) {
        this.#lose(fact, error);
        return true;
      }
      this.#trouble(error);
    }
    this.#keep(fact);
    return true;
  }

  /** One that waits. */
  get(id: string): ApiFact | undefined {
    return this.#waiting.get(id);
  }

  /** Asks the ledger. Undefined: it cannot answer now, which is no reason to refuse a call; in strict mode it is. */
  ask<Answer>(question: () => Answer): { readonly answer: Answer } | undefined {
    try {
      return { answer: question() };
    } catch (error) {
      if (this.#options.strict) throw error;
      return undefined;
    }
  }

  /** Writes what waits. @returns whether nothing waits any more. */
  flush({ now = false } = {}): boolean {
    if (this.#waiting.size === 0) return true;
    if (!now && this.#options.elapsedMs() < this.#tryAgainAtMs) return false;
    for (const fact of this.#waiting.values()) {
      try {
        // Another process may have told the same meanwhile: it was there first.
        this.#write(fact);
      } catch (error) {
        if (error instanceof FileError) {
          this.#trouble(error);
          return false;
        }
        // One that cannot be kept does not keep back those after it.
        this.#lose(fact, error);
      }
      this.#waiting.delete(fact.id);
    }
    this.#dropped = 0;
    return true;
  }

  /** A last attempt. What is lost is told. */
  close(warn = this.#options.warn): void {
    if (this.#atExit) process.removeListener('exit', this.#atExit);
    this.#atExit = undefined;
    const isWritten = this.flush({ now: true });
    if (this.#lost > 1)
      warn(`Lost ${this.#lost} facts that the run ledger could not keep. See the warning of the first.`);
    this.#lost = 0;
    if (isWritten) return;
    const { size } = this.#waiting;
    warn(
      `Lost ${size} ${size === 1 ? 'fact' : 'facts'} of the run ledger: it could not be written to the end. See the warning before.`,
    );
    this.#waiting.clear();
  }

  #write(fact: ApiFact): boolean {
    const since = this.#options.elapsedMs();
    try {
      return this.#options.write(fact);
    } catch (error) {
      const now = this.#options.elapsedMs();
      this.#tryAgainAtMs = now + Math.max(restMs, 2 * (now - since));
      throw error;
    }
  }

  #keep(fact: ApiFact): void {
    if (this.#waiting.size < this.#options.atMost) {
      this.#waiting.set(fact.id, fact);
    } else {
      this.#dropped += 1;
      if (this.#dropped === 1)
        this.#options.warn(
          `Dropped a fact of the run ledger: ${this.#options.atMost} wait in memory already. More are dropped until it can be written again.`,
        );
    }
    this.#closeAtExit();
  }

  /** Named when it is the first; the others are counted. */
  #lose(fact: ApiFact, error: unknown): void {
    this.#lost += 1;
    if (this.#lost === 1)
      this.#options.warn(`${(error as Error).message} It was told "${fact.id}": that is lost, and nothing after it.`);
    this.#closeAtExit();
  }

  #closeAtExit(): void {
    if (this.#atExit) return;
    // A warning of Node's comes with the next tick, and there is none.
    this.#atExit = () => this.close(console.error);
    process.once('exit', this.#atExit);
  }

  /** Said when it begins, not with each call. */
  #trouble(error: unknown): void {
    if (this.#waiting.size > 0) return;
    const { message } = error as Error;
    this.#options.warn(`${message} Until then what the monitor is told waits in memory, and your program goes on.`);
  }
}
