import { setImmediate as turn } from 'node:timers/promises';
import type { Fact } from '../ledger/fact.ts';

export interface IntakeOptions {
  /** Durable when it resolves. */
  readonly record: (facts: readonly Fact[]) => Promise<void>;
  /** Facts that one transaction takes. Default 1000: it holds the event loop for tens of milliseconds. */
  readonly batch?: number;
  /** Facts that may wait before senders are asked to. Default 20 000. */
  readonly waiting?: number;
}

/** Too much waits, or nothing is taken any more: the sender keeps it and comes again. */
export class Busy extends Error {
  override readonly name = 'Busy';
}

interface Delivery {
  readonly facts: readonly Fact[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Joins what comes while a transaction runs into the next one. Each delivery is told of its own end. */
export class Intake {
  readonly #options: Required<IntakeOptions>;
  #deliveries: Delivery[] = [];
  /** Facts that are not on disk yet, those under way included. */
  #waiting = 0;
  #running: Promise<void> | undefined;
  #open = true;

  constructor(options: IntakeOptions) {
    this.#options = { batch: 1000, waiting: 20_000, ...options };
  }

  get waiting(): number {
    return this.#waiting;
  }

  /**
   * Resolves when all of them are on disk.
   * @param isBegun what comes before them is there already: they are not turned away for others.
   * @throws Busy, or what the ledger said
   */
  async take(facts: readonly Fact[], isBegun = false): Promise<void> {
    if (!this.#open) throw new Busy('the ledger is being closed');
    if (facts.length === 0) return;
    // A delivery larger than all that may wait is taken when nothing does, or it would never be.
    if (!isBegun && this.#waiting > 0 && this.#waiting + facts.length > this.#options.waiting)
      throw new Busy(`${this.#waiting} facts wait for the disk`);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#deliveries.push({ facts, resolve, reject });
    this.#waiting += facts.length;
    this.#running ??= this.#run();
    return promise;
  }

  /** Takes nothing more, and resolves when what was taken has ended. */
  async close(): Promise<void> {
    this.#open = false;
    await this.#running;
  }

  async #run(): Promise<void> {
    // Whatever else has arrived in this turn rides along.
    await turn();
    while (this.#deliveries.length > 0) await this.#record(this.#next());
    this.#running = undefined;
  }

  /** Whole deliveries, at least one. */
  #next(): Delivery[] {
    let facts = 0;
    const fits = this.#deliveries.findIndex((delivery, at) => {
      facts += delivery.facts.length;
      return at > 0 && facts > this.#options.batch;
    });
    return this.#deliveries.splice(0, fits === -1 ? this.#deliveries.length : fits);
  }

  async #record(deliveries: readonly Delivery[]): Promise<void> {
    try {
      await this.#options.record(deliveries.flatMap(({ facts }) => facts));
    } catch (error) {
      // One of them was too much: the others are not to suffer for it.
      if (deliveries.length > 1) {
        for (const delivery of deliveries) await this.#record([delivery]);
        return;
      }
      for (const delivery of deliveries) this.#end(delivery, () => delivery.reject(error));
      return;
    }
    for (const delivery of deliveries) this.#end(delivery, delivery.resolve);
  }

  #end({ facts }: Delivery, tell: () => void): void {
    this.#waiting -= facts.length;
    tell();
  }
}
