import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import type { Fact } from '../../ledger/fact.ts';
import type { Orchestration, Step } from '../../ledger/record.ts';
import type { CostBy, ExecutionFilter, Ledger, OpenOptions, RunFilter, Stretch, Window } from '../store.ts';
import { patienceMs, pauseMs } from './connection.ts';
import { foldQuietly } from './fold.ts';
import { SqliteLedger } from './sqlite-ledger.ts';
import { recordFacts } from './write.ts';

/** At most so many facts hold the event loop in one transaction. */
const most = 2000;

/**
 * So long after the last record facts that wait (fold.ts) are folded: at most a twentieth of the time is spent on it,
 * however big what is folded has become.
 * @param foldedMs how long it took the last time.
 */
export function idleAfter(foldedMs: number): number {
  return Math.max(1000, 20 * foldedMs);
}

/** Runs that are in memory at once while all are walked through. */
const page = 100;

/** Steps, likewise. */
const stepPage = 200;

interface Waiting {
  readonly facts: readonly Fact[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** The ledger in a file, as everything but `getMonitor()` has it: it waits for other processes without holding the event loop. */
export function openSqlite(file: string, options: OpenOptions = {}): Ledger {
  return new AsyncSqlite(new SqliteLedger(file, options));
}

class AsyncSqlite implements Ledger {
  readonly #ledger: SqliteLedger;
  #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;
  #idle: NodeJS.Timeout | undefined;
  #foldedMs = 0;

  constructor(ledger: SqliteLedger) {
    this.#ledger = ledger;
  }

  /** Records of one turn of the event loop share one transaction, and one wait for the disk. */
  record(facts: readonly Fact[]): Promise<void> {
    if (facts.length === 0) return Promise.resolve();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.push({ facts, resolve, reject });
    this.#running ??= this.#run();
    return promise;
  }

  async #run(): Promise<void> {
    try {
      do {
        await turn();
        const taken: Waiting[] = [];
        for (let count = 0; count < most && this.#waiting.length > 0; count += taken.at(-1)?.facts.length ?? 0)
          taken.push(this.#waiting.shift() as Waiting);
        await this.#commit(taken);
      } while (this.#waiting.length > 0);
    } finally {
      this.#running = undefined;
      clearTimeout(this.#idle);
      this.#idle = setTimeout(() => this.#foldIdle(), idleAfter(this.#foldedMs)).unref();
    }
  }

  #foldIdle(): void {
    const startedAt = performance.now();
    if (foldQuietly(this.#ledger.connection)) this.#foldedMs = performance.now() - startedAt;
  }

  async #commit(taken: readonly Waiting[]): Promise<void> {
    try {
      const facts = taken.flatMap((one) => one.facts);
      await this.#write(() => recordFacts(this.#ledger.connection, facts));
      for (const { resolve } of taken) resolve();
    } catch (error) {
      // One of them was too much (a full disk): the others are not to suffer for it.
      if (taken.length > 1) for (const one of taken) await this.#commit([one]);
      else for (const { reject } of taken) reject(error);
    }
  }

  async #write<T>(work: () => T): Promise<T> {
    for (const since = performance.now(); ; ) {
      const written = this.#ledger.connection.tryWrite(work, performance.now() - since > patienceMs);
      if (written) return written.value;
      await delay(pauseMs());
    }
  }

  async orchestration(sessionIdOrId: string) {
    return this.#ledger.orchestration(sessionIdOrId);
  }

  async orchestrations(filter: RunFilter) {
    return this.#ledger.orchestrations(filter);
  }

  async executions(filter: ExecutionFilter) {
    return this.#ledger.executions(filter);
  }

  async steps(orchestrationId: string) {
    return this.#ledger.steps(orchestrationId);
  }

  async execution(agentSessionIdOrId: string) {
    return this.#ledger.execution(agentSessionIdOrId);
  }

  /** Page after page, as `export`. */
  async *stepsBetween(window: Window) {
    for (let last: Step | undefined; ; await turn()) {
      const steps = this.#ledger.stepsAfter(last, window, stepPage);
      yield* steps;
      if (steps.length < stepPage) return;
      last = steps.at(-1);
    }
  }

  async running(sinceIso: string) {
    return this.#ledger.running(sinceIso);
  }

  async health(sinceIso: string) {
    return this.#ledger.health(sinceIso);
  }

  async performance(window: Window, agentName?: string) {
    return this.#ledger.performance(window, agentName);
  }

  async failures(limit: number, window: Window) {
    return this.#ledger.failures(limit, window);
  }

  async costs(by: CostBy, window: Window) {
    return this.#ledger.costs(by, window);
  }

  async losses(window: Window) {
    return this.#ledger.losses(window);
  }

  async course(by: Stretch, window: Window, agentName?: string) {
    return this.#ledger.course(by, window, agentName);
  }

  async samples(window: Window, count: number) {
    return this.#ledger.samples(window, count);
  }

  /** Page after page, each read anew: a walk keeps neither the memory nor the log from being cut back. */
  async *export(sessionId?: string) {
    if (sessionId !== undefined) {
      const run = this.#ledger.orchestration(sessionId);
      if (run) yield this.#ledger.whole(run);
      return;
    }
    let last: Orchestration | undefined;
    do {
      const runs = this.#ledger.page(last, page);
      last = runs.length < page ? undefined : runs.at(-1);
      for (const run of runs) yield this.#ledger.whole(run);
      await turn();
    } while (last);
  }

  async removable(beforeIso: string) {
    return this.#ledger.removable(beforeIso);
  }

  /** In small transactions: what runs now is written in between. */
  async cleanup(beforeIso: string) {
    const gone = { orchestrations: 0, executions: 0, strays: 0, bytesFreed: 0 };
    for (let threads = 1; threads > 0; await turn()) {
      const some = this.#ledger.removeSome(beforeIso);
      gone.orchestrations += some.orchestrations;
      gone.executions += some.executions;
      gone.strays += some.strays;
      threads = some.threads;
    }
    for (let bytes = 1; bytes > 0; await turn()) {
      bytes = this.#ledger.freeSome();
      gone.bytesFreed += bytes;
    }
    this.#ledger.trim();
    return gone;
  }

  async damage() {
    return this.#ledger.damage();
  }

  async close() {
    while (this.#running) await this.#running;
    clearTimeout(this.#idle);
    this.#ledger.close();
  }
}
