/**
 * Looks every so often what is due, and makes it, one after the other. There is no list of times to wake up at: what is due follows from what
 * is done and what time it is (due.ts), so a look too many does nothing, and one too few is made up for by the next.
 */
import { beginOf, dateOf } from '../periods.ts';
import type { Job } from '../store/memory-store.ts';
import type { Times } from './clock.ts';
import { type Due, due, early, type Known, order, waitsFor } from './due.ts';
import { type Leader, LostLease } from './leader.ts';
import { type JobGiven, keepRows, writeDifferent, writeFiles, writeMissing } from './run-job.ts';
import { writeKnowledge } from './write-knowledge.ts';

export interface RoundsOptions extends JobGiven {
  readonly leader: Leader;
  readonly times: () => Promise<Times>;
  /** How far back sources keep, ms. */
  readonly keptMs: number;
  /** ms from any moment on, whatever becomes of the clock. */
  readonly elapsedMs: () => number;
  /** From the end of a look to the next, ms. Default: 30 000. */
  readonly everyMs?: number;
  /** One line for people. */
  readonly notice: (line: string) => void;
  /** Around what makes a period. */
  readonly traced?: <T>(one: Pick<Due, 'job' | 'period'>, work: () => Promise<T>) => Promise<T>;
  readonly onMade?: (job: Job, period: string, seconds: number) => void;
  readonly onFailed?: (job: Job) => void;
}

interface Trouble {
  readonly times: number;
  readonly untilMs: number;
}

const secondMs = 1000;
const hourMs = 3_600_000;
const defaultEveryMs = 30 * secondMs;
const firstPauseMs = 30 * secondMs;
const longestPauseMs = hourMs;

/** A source that is away says so often enough: of one job so many periods are tried in one round. */
const failuresInRound = 3;

/**
 * So long after it was closed a day is made without the incidents, which it says, when they were asked for so many times: a quarter of an
 * hour. Not from the first failure on: of a laptop that is started each morning no process lives for a day.
 */
const patienceMs = 24 * hourMs;
const patienceTimes = 5;
const unanswered = 'Incidents are not known: the escalation service did not answer within a day.';

const missingEveryMs = hourMs;
const differentEveryMs = 24 * hourMs;

export class Rounds {
  readonly #options: RoundsOptions;
  readonly #troubles = new Map<string, Trouble>();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #closed = false;
  #isLeading = false;
  #lookedForMissing = 0;
  #lookedForDifferent = 0;
  #isKnowledgeOld = false;
  /** Told once. */
  #problems = '';

  constructor(options: RoundsOptions) {
    this.#options = options;
  }

  /** Now, and from then on every half minute. */
  start(): void {
    const { everyMs = defaultEveryMs } = this.#options;
    void this.round().finally(() => {
      if (!this.#closed) this.#timer = setTimeout(() => this.start(), everyMs);
    });
  }

  /** Ends with the step that is under way, and lets another one go on. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#running;
    await this.#options.leader.giveBack().catch(() => undefined);
  }

  /** Never rejects; two at a time are one. */
  round(): Promise<void> {
    this.#running ??= this.#round()
      .catch((error) => this.#lost(error))
      .finally(() => {
        this.#running = undefined;
      });
    return this.#running;
  }

  async #round(): Promise<void> {
    const { leader } = this.#options;
    if (!(await this.#tried('take the lease of the memory', () => leader.take()))) {
      this.#isLeading = false;
      return;
    }
    if (!this.#isLeading) this.#lookedForDifferent = Number.NEGATIVE_INFINITY;
    this.#isLeading = true;
    await this.#lookAtFiles();
    await this.#tried('look what is due', async () => this.#makeAll(await this.#known()));
    if (this.#isKnowledgeOld && !this.#closed) await this.#writeKnowledge();
  }

  async #known(): Promise<Known> {
    const { store, keptMs, times } = this.#options;
    const { nowMs, latestMs = nowMs, sinceMs } = await times();
    const done = {} as Record<Job, Set<string>>;
    // Weeks rest on days, however old they are; of the others nothing older is asked for.
    const from = dateOf(nowMs - keptMs - 24 * hourMs);
    for (const job of order)
      done[job] = new Set(await store.done(job, job === 'day' || job === 'week' ? undefined : from));
    await this.#forgetEarly(done, latestMs);
    // The ledger may know of a time that Prometheus has lost.
    const firstDay = done.day.values().next().value;
    return { done, nowMs, keptMs, sinceMs: Math.min(sinceMs, firstDay === undefined ? sinceMs : beginOf(firstDay)) };
  }

  /** Made by a clock that was ahead. Files stay until what they are named after is over, and are then written anew. */
  async #forgetEarly(done: Record<Job, Set<string>>, latestMs: number): Promise<void> {
    const { store, leader, keptMs, notice } = this.#options;
    const all = early({ done, keptMs }, latestMs);
    for (const { job, period } of all) {
      await leader.hold();
      await store.forget(job, period);
    }
    if (all.length === 0) return;
    for (const job of order) done[job] = new Set(await store.done(job));
    notice(
      `A clock was ahead: ${all.length} periods were made before they were over, ${nameOf(all[0] as Due)} among them. Each is made again when it is.`,
    );
  }

  /** What was waited for may be done by the next look. */
  async #makeAll(known: Known): Promise<void> {
    const failures = new Map<Job, number>();
    const all = due(known);
    for (let made = -1; made !== 0; ) {
      made = 0;
      for (const one of all) {
        if (this.#closed) return;
        const isTried = (failures.get(one.job) ?? 0) < failuresInRound && this.#isReady(one);
        if (!isTried || known.done[one.job].has(one.period) || waitsFor(one, known)) continue;
        if (await this.#make(one, known.nowMs)) {
          (known.done[one.job] as Set<string>).add(one.period);
          made += 1;
        } else failures.set(one.job, (failures.get(one.job) ?? 0) + 1);
      }
    }
  }

  async #make(one: Due, nowMs: number): Promise<boolean> {
    const { elapsedMs, onMade, traced = (_, work) => work() } = this.#options;
    const { job, period } = one;
    const beganMs = elapsedMs();
    try {
      await traced(one, () =>
        keepRows(this.#options, one).catch((error) => {
          if (error instanceof LostLease || !this.#isPatienceOver(one, nowMs)) throw error;
          return keepRows(this.#without(), one);
        }),
      );
    } catch (error) {
      if (error instanceof LostLease || this.#closed) throw error;
      this.#failed(one, error as Error);
      return false;
    }
    this.#troubles.delete(nameOf(one));
    if (job === 'day' || job === 'week') this.#isKnowledgeOld = true;
    onMade?.(job, period, (elapsedMs() - beganMs) / secondMs);
    // Its rows are kept: what is not written now, the next look at the files writes.
    const written = await this.#tried(`write the files of ${nameOf(one)}`, () => writeFiles(this.#options, one));
    if (written === undefined) this.#lookedForDifferent = Number.NEGATIVE_INFINITY;
    return true;
  }

  #without(): JobGiven {
    return { ...this.#options, sources: { ...this.#options.sources, escalation: unanswered } };
  }

  #isPatienceOver(one: Due, nowMs: number): boolean {
    const { times } = this.#troubles.get(nameOf(one)) ?? { times: 0 };
    return one.job === 'day' && times >= patienceTimes && nowMs - one.closedMs >= patienceMs;
  }

  #isReady(one: Due): boolean {
    return (this.#troubles.get(nameOf(one))?.untilMs ?? 0) <= this.#options.elapsedMs();
  }

  #failed(one: Due, error: Error): void {
    const { elapsedMs, notice, onFailed } = this.#options;
    const times = (this.#troubles.get(nameOf(one))?.times ?? 0) + 1;
    const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** (times - 1));
    this.#troubles.set(nameOf(one), { times, untilMs: elapsedMs() + pauseMs });
    onFailed?.(one.job);
    notice(`Cannot make ${nameOf(one)}: ${error.message} It is tried again in ${pauseMs / secondMs} s.`);
  }

  async #lookAtFiles(): Promise<void> {
    const now = this.#options.elapsedMs();
    if (now - this.#lookedForDifferent >= differentEveryMs)
      await this.#tried('write the files of the memory', async () => {
        await writeDifferent(this.#options);
        this.#lookedForDifferent = now;
        this.#lookedForMissing = now;
        this.#isKnowledgeOld = true;
      });
    if (now - this.#lookedForMissing >= missingEveryMs)
      await this.#tried('write the files of the memory', async () => {
        await writeMissing(this.#options);
        this.#lookedForMissing = now;
        // So that what people write is kept soon.
        this.#isKnowledgeOld = true;
      });
  }

  /** Once for all that a round has made. */
  async #writeKnowledge(): Promise<void> {
    await this.#tried('write the documents of knowledge', async () => {
      const problems = await writeKnowledge(this.#options);
      this.#isKnowledgeOld = false;
      const said = problems.join('\n');
      if (said !== '' && said !== this.#problems) this.#options.notice(said);
      this.#problems = said;
    });
  }

  async #tried<T>(what: string, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof LostLease) throw error;
      if (!this.#closed)
        this.#options.notice(
          `Cannot ${what}: ${(error as Error).message} It is tried again in ${(this.#options.everyMs ?? defaultEveryMs) / secondMs} s.`,
        );
      return undefined;
    }
  }

  #lost(error: unknown): void {
    this.#isLeading = false;
    if (!(error instanceof LostLease) && !this.#closed) this.#options.notice((error as Error).message);
  }
}

function nameOf({ job, period }: Pick<Due, 'job' | 'period'>): string {
  return `${job} ${period}`;
}
