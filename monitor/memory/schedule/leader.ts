/**
 * Of several processes one works: who has the lease. It is asked for again before a write, so that who was held up for longer than it lasts
 * writes no more. Should two write all the same, because their clocks differ, they write the same bytes. (M01)
 */
import { randomUUID } from 'node:crypto';
import type { MemoryStore } from '../store/memory-store.ts';

export interface LeaderOptions {
  readonly store: Pick<MemoryStore, 'lease' | 'release'>;
  /** ms since 1970. */
  readonly now: () => number;
  /** Default: one made by chance. */
  readonly holder?: string;
  /** How long it lasts when its holder is gone, ms. Default: 60 000. */
  readonly leaseMs?: number;
}

const name = 'memory';

/** What was heard a moment ago holds for so long: of many files in a row not each one costs a write to the store. */
const freshMs = 1000;

export class Leader {
  readonly #store: LeaderOptions['store'];
  readonly #now: () => number;
  readonly #holder: string;
  readonly #leaseMs: number;
  #renewing: NodeJS.Timeout | undefined;
  /** ms since 1970: when it was asked that was heard to be ours. */
  #heldAt = Number.NEGATIVE_INFINITY;
  #mayHold = false;

  constructor({ store, now, holder = randomUUID(), leaseMs = 60_000 }: LeaderOptions) {
    this.#store = store;
    this.#now = now;
    this.#holder = holder;
    this.#leaseMs = leaseMs;
  }

  /** True: this process works, from now on and until it gives back or is overtaken. */
  async take(): Promise<boolean> {
    const now = this.#now();
    // Also where no answer comes: then it is given back for nothing.
    this.#mayHold = true;
    const isOurs = await this.#store.lease(name, this.#holder, now + this.#leaseMs, now);
    if (!isOurs) this.#mayHold = false;
    this.#heldAt = isOurs ? now : Number.NEGATIVE_INFINITY;
    return isOurs;
  }

  /** Before each write. @throws LostLease where another one works by now */
  async hold(): Promise<void> {
    const sinceMs = this.#now() - this.#heldAt;
    if (sinceMs >= 0 && sinceMs < Math.min(freshMs, this.#leaseMs / 3)) return;
    if (!(await this.take())) throw new LostLease();
  }

  /** While `work` reads for long, nobody takes over from who is alive. */
  async whileHeld<T>(work: () => Promise<T>): Promise<T> {
    this.#renewing = setInterval(() => void this.take().catch(() => undefined), this.#leaseMs / 3);
    this.#renewing.unref();
    try {
      return await work();
    } finally {
      clearInterval(this.#renewing);
    }
  }

  /** So that another one need not wait until it has run out. */
  async giveBack(): Promise<void> {
    clearInterval(this.#renewing);
    this.#heldAt = Number.NEGATIVE_INFINITY;
    if (!this.#mayHold) return;
    this.#mayHold = false;
    await this.#store.release(name, this.#holder);
  }
}

/** No trouble: another process does the work. */
export class LostLease extends Error {
  constructor() {
    super('Cannot go on: another process has the lease of the memory. It does the rest.');
    this.name = 'LostLease';
  }
}
