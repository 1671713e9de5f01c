import { queue } from '@fleetscope/instrumentation';

const mostWaiting = 5_000;

/** Requests that wait for the fleet, and are worked on, so many at once. */
export class Inbox<T> {
  readonly #waiting: { item: T; since: number }[] = [];
  readonly #watch = queue('inbox', () => this.#waiting.length);
  readonly #idle: (() => void)[] = [];
  readonly #awaited: (() => void)[] = [];
  #active = 0;

  /** `work` must not throw. */
  constructor(atOnce: number, work: (item: T) => Promise<void>) {
    for (let count = 0; count < atOnce; count += 1) void this.#run(work);
  }

  get active(): number {
    return this.#active;
  }

  /** @returns false when it is full. */
  put(item: T): boolean {
    if (this.#waiting.length >= mostWaiting) return false;
    this.#waiting.push({ item, since: Date.now() });
    this.#idle.shift()?.();
    return true;
  }

  /** Resolves when nothing waits and nothing is worked on. */
  async empty(): Promise<void> {
    while (this.#active > 0 || this.#waiting.length > 0)
      await new Promise<void>((resolve) => this.#awaited.push(resolve));
  }

  /** Forgets what waits. @returns how many. */
  clear(): number {
    return this.#waiting.splice(0).length;
  }

  close(): void {
    this.#watch.stop();
  }

  // Begun here and not in `put`: what is worked on is no part of the HTTP request that brought it.
  async #run(work: (item: T) => Promise<void>): Promise<never> {
    for (;;) {
      const next = this.#waiting.shift();
      if (next) {
        this.#active += 1;
        this.#watch.taken(next.since);
        await work(next.item);
        this.#active -= 1;
      } else {
        for (const told of this.#awaited.splice(0)) told();
        await new Promise<void>((resolve) => this.#idle.push(resolve));
      }
    }
  }
}
