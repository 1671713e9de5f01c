/**
 * Does what is due: looks into the store, lets `decide` say what follows, sends, and reports what came of it. Nothing that
 * matters is in here: killed at any moment, the next process finds all of it in the store. (X05)
 */

import type { Instant } from '../clock.ts';
import type { Event } from '../incident/event.ts';
import type { Incident } from '../incident/incident.ts';
import type { Store } from '../store/store.ts';
import type { Decide } from './draft.ts';
import { Lines } from './lines.ts';
import { Sender, type SenderDeps } from './sender.ts';

export interface DispatcherDeps extends Omit<SenderDeps, 'now'> {
  readonly store: Pick<Store, 'byId' | 'save' | 'due' | 'unresolved'>;
  readonly decide: Decide;
  readonly now: () => Instant;
  /** Runs the remedies that are due, by `change`. (hooks/hook-runner.ts) */
  readonly runHooks?: (incident: Incident, signal: AbortSignal) => Promise<void>;
  /** After each save. (telemetry.ts) */
  readonly onChanged?: (before: Incident, after: Incident) => void;
  /** What goes wrong inside, and is tried again. */
  readonly onError: (what: string, error: unknown) => void;
  /** Returns early when the signal says so, without an error. */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** What somebody else saved in the same store is seen after so long, at most. */
const lookEveryMs = 500;
/** Incidents looked at in one go. */
const batch = 200;
/** Between two full batches: most of them may only wait for something. */
const betweenMs = 20;
/** More than this at work at once: no more are taken until some are done. */
const mostAtWork = 1000;
const longestPauseMs = 5000;

export class Dispatcher {
  readonly #deps: DispatcherDeps & { readonly sleep: NonNullable<DispatcherDeps['sleep']> };
  readonly #sender: Sender;
  readonly #lines: Lines;
  readonly #closing = new AbortController();
  readonly #stopped = new AbortController();
  #wake = new AbortController();
  /** Look at every incident that is not resolved. */
  #all = true;
  #nextLookAt: Instant = 0;
  #lookedAt: Instant = 0;
  /** What was due at the last look, and how many of them had not moved since the one before. */
  #seen: ReadonlyMap<string, number> = new Map();
  #stuck = 0;
  #running: Promise<void> | undefined;

  constructor(deps: DispatcherDeps) {
    this.#deps = { sleep: pause, ...deps };
    this.#sender = new Sender(deps);
    this.#lines = new Lines({
      ...this.#deps,
      sender: this.#sender,
      closing: this.#closing.signal,
      stopped: this.#stopped.signal,
      // What is due already and was not done waits for something else than time.
      onDueAt: (at) => at > deps.now() && this.#lookAt(at),
    });
  }

  /** Looks at every incident that is not resolved, then at what becomes due. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** Another policy is at work: what is open may be due sooner than the one before said. */
  lookAtAll(): void {
    this.#all = true;
    this.#wake.abort();
  }

  /** Something was saved: with it, it is at work before this returns; without, the store is looked at now. */
  poke(incident?: Incident): void {
    if (this.#closing.signal.aborted) return;
    if (incident && this.#lines.size < mostAtWork) this.#lines.take(incident);
    else this.#lookAt(this.#deps.now());
  }

  /**
   * An event on an incident, in its turn with what is at work on it; tried until it is saved. Undefined: no such incident.
   * @throws Refused what cannot be done to it.
   */
  change(id: string, event: Event): Promise<Incident | undefined> {
    return this.#lines.change(id, event);
  }

  /** For whoever asks how it is. */
  state(): { atWork: number; sending: number; waitingForSender: number; breakers: Record<string, string> } {
    return { atWork: this.#lines.size, ...this.#sender.state() };
  }

  /** Begins nothing more, and waits for what is being sent; what is not done by then is stopped, and left for the next process. */
  async close(graceMs = 10_000): Promise<void> {
    this.#closing.abort();
    this.#wake.abort();
    const enough = new AbortController();
    const done = Promise.all([this.#running, this.#lines.idle()]).finally(() => enough.abort());
    await Promise.race([done, this.#deps.sleep(graceMs, enough.signal)]);
    if (enough.signal.aborted) return;
    this.#sender.stop();
    await Promise.race([done, this.#deps.sleep(1000, enough.signal)]);
    this.#stopped.abort();
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      if (this.#all) {
        this.#all = false;
        await this.#persist('look at what is open', () => this.#lookAtOpen());
      }
      const waitMs = this.#nextLookAt - this.#deps.now();
      if (waitMs > 0) {
        this.#wake = new AbortController();
        await this.#deps.sleep(waitMs, this.#wake.signal);
      } else await this.#persist('look for what is due', () => this.#look());
    }
  }

  async #lookAtOpen(): Promise<void> {
    for await (const incident of this.#deps.store.unresolved()) {
      if (this.#closing.signal.aborted) return;
      this.#lines.take(incident);
      await this.#lines.below(mostAtWork);
    }
  }

  async #look(): Promise<void> {
    await this.#lines.below(mostAtWork);
    const { store, now } = this.#deps;
    const waiting = this.#sender.state().waitingForSender;
    this.#lookedAt = now();
    // A long queue is read each time: the longer it is, the more seldom.
    this.#nextLookAt = now() + Math.min(longestPauseMs, Math.max(lookEveryMs, waiting));
    // What waits for a free sender, or for the lock of a remedy, is overdue as well, and would hide what comes after it.
    const limit = batch + Math.max(waiting, this.#stuck);
    const due = await store.due(now(), limit);
    this.#stuck = due.filter(({ id, version }) => this.#seen.get(id) === version).length;
    this.#seen = new Map(due.map(({ id, version }) => [id, version]));
    for (const incident of due) this.#lines.take(incident);
    if (due.length === limit) this.#lookAt(now() + betweenMs);
  }

  /** Until it succeeds: a store that fails for a while stops nothing for good. */
  async #persist(what: string, run: () => Promise<void>): Promise<void> {
    for (let failures = 0; !this.#closing.signal.aborted; failures++) {
      try {
        await run();
        return;
      } catch (error) {
        this.#deps.onError(what, error);
        await this.#deps.sleep(Math.min(longestPauseMs, 100 * 2 ** failures), this.#closing.signal);
      }
    }
  }

  #lookAt(at: Instant): void {
    const soonest = this.#lookedAt + Math.min(1000, this.#sender.state().waitingForSender / 2);
    if (Math.max(at, soonest) >= this.#nextLookAt) return;
    this.#nextLookAt = Math.max(at, soonest);
    this.#wake.abort();
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}
