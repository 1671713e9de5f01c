import { type FleetControl, queue } from '@fleetscope/instrumentation';

const mostWaiting = 5_000;

/** Requests that wait for the fleet, and are worked on: so many at once, and none while the fleet is paused. */
export class Inbox<T> {
  readonly #control: Pick<FleetControl, 'atOnce' | 'ready' | 'onChange'>;
  readonly #waiting: { item: T; since: number }[] = [];
  readonly #watch = queue('inbox', () => this.#waiting.length);
  readonly #closing = new AbortController();
  readonly #deaf: () => void;
  readonly #awaited: (() => void)[] = [];
  #wake: () => void = () => undefined;
  #active = 0;

  /** `work` must not throw. */
  constructor(control: Pick<FleetControl, 'atOnce' | 'ready' | 'onChange'>, work: (item: T) => Promise<void>) {
    this.#control = control;
    this.#deaf = control.onChange(() => this.#wake());
    void this.#run(work);
  }

  get active(): number {
    return this.#active;
  }

  /** @returns false when it is full. */
  put(item: T): boolean {
    if (this.#waiting.length >= mostWaiting) return false;
    this.#waiting.push({ item, since: Date.now() });
    this.#wake();
    return true;
  }

  /** Resolves when nothing waits and nothing is worked on. */
  async empty(): Promise<void> {
    while (this.#active > 0 || this.#waiting.length > 0)
      await new Promise<void>((resolve) => this.#awaited.push(resolve));
  }

  /** Forgets what waits. @returns how many. */
  clear(): number {
    const cleared = this.#waiting.splice(0).length;
    this.#tellWhoAwaits();
    return cleared;
  }

  close(): void {
    this.#closing.abort();
    this.#deaf();
    this.#wake();
    this.#watch.stop();
  }

  // Begun here and not in `put`: what is worked on is no part of the HTTP request that brought it.
  async #run(work: (item: T) => Promise<void>): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      if (this.#waiting.length === 0 || this.#active >= this.#control.atOnce) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        continue;
      }
      await this.#control.ready(signal).catch(() => undefined);
      // It may have been called off while it waited.
      const next = signal.aborted ? undefined : this.#waiting.shift();
      if (next) void this.#work(next, work);
    }
  }

  async #work({ item, since }: { item: T; since: number }, work: (item: T) => Promise<void>): Promise<void> {
    this.#active += 1;
    this.#watch.taken(since);
    await work(item);
    this.#active -= 1;
    this.#wake();
    if (this.#active === 0 && this.#waiting.length === 0) this.#tellWhoAwaits();
  }

  #tellWhoAwaits(): void {
    for (const told of this.#awaited.splice(0)) told();
  }
}
