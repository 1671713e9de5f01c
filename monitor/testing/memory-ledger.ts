/** A ledger in memory: for tests of what stands on one, and the plainest reading of what a store must do. */
import { bodyOf } from '../ledger/body.ts';
import type { Fact } from '../ledger/fact.ts';
import { fold, type Rows } from '../ledger/fold.ts';
import { sumMicroUsd } from '../ledger/money.ts';
import type { AgentExecution, Orchestration, Step } from '../ledger/record.ts';
import { linksOf } from '../ledger/run-key.ts';
import type { Run } from '../ledger/run-tree.ts';
import { compare, timesOf } from '../ledger/span.ts';
import { CourseSummary } from '../store/course.ts';
import type {
  Cost,
  CostBy,
  Course,
  ExecutionFilter,
  Failure,
  Health,
  Ledger,
  Loss,
  Performance,
  RunFilter,
  Sample,
  Stretch,
  Window,
} from '../store/store.ts';
import { costsOf, lossesIn } from './memory-money.ts';

/** Holds these runs, and what is folded from the facts that are recorded. */
export class MemoryLedger implements Ledger {
  /** Bodies, by id: of two that claim one id the smaller is believed. */
  readonly #known = new Map<string, string>();
  readonly #threads: Set<Thread>;
  readonly #byLink = new Map<string, Thread>();
  readonly #now: () => number;

  constructor(runs: readonly Run[] = [], now: () => number = Date.now) {
    const given = runs.map(({ orchestration, ...rest }) => ({ orchestrations: [orchestration], ...rest }));
    this.#threads = new Set(given.map((rows) => ({ facts: [], rows })));
    this.#now = now;
  }

  async record(facts: readonly Fact[]) {
    const touched = new Set<Thread>();
    for (const fact of facts) {
      const body = bodyOf(fact);
      const known = this.#known.get(fact.id);
      // What loses ties together, too.
      if (known === undefined || body < known) this.#known.set(fact.id, body);
      const joined = new Set(linksOf(fact).flatMap((link) => this.#byLink.get(link) ?? []));
      const thread = { facts: [...joined].flatMap((one) => one.facts).concat(fact), rows: nothing };
      for (const one of joined) if (this.#threads.delete(one)) touched.delete(one);
      this.#threads.add(thread);
      touched.add(thread);
      for (const link of thread.facts.flatMap(linksOf)) this.#byLink.set(link, thread);
    }
    for (const thread of touched) thread.rows = fold(thread.facts);
  }

  async orchestration(sessionIdOrId: string) {
    return this.#orchestrations.find(({ id, session_id }) => [session_id, id].includes(sessionIdOrId));
  }

  async orchestrations({ status, limit, before, ...window }: RunFilter) {
    const found = this.#orchestrations
      .filter((run) => began(run, window) && (status === undefined || run.status === status))
      .sort(newestFirst);
    const last = before === undefined ? undefined : await this.orchestration(before);
    return page(found, last, before, newestFirst, limit);
  }

  async executions({ orchestrationId, agentName, newestFirst: reversed, limit, before, ...window }: ExecutionFilter) {
    const order = reversed ? newestFirst : (one: Began, other: Began) => newestFirst(other, one);
    const found = this.#executions
      .filter((execution) => began(execution, window))
      .filter(({ orchestration_id }) => orchestrationId === undefined || orchestration_id === orchestrationId)
      .filter(({ agent_name }) => agentName === undefined || agent_name === agentName)
      .sort(order);
    const last = this.#executions.find(({ id, agent_session_id }) => [agent_session_id, id].includes(before ?? ''));
    return page(found, last, before, order, limit);
  }

  async steps(orchestrationId: string) {
    return this.#steps
      .filter(({ orchestration_id }) => orchestration_id === orchestrationId)
      .sort((one, other) => newestFirst(other, one));
  }

  async execution(agentSessionIdOrId: string) {
    return this.#executions.find(({ id, agent_session_id }) => [agent_session_id, id].includes(agentSessionIdOrId));
  }

  async *stepsBetween(window: Window) {
    yield* this.#steps.filter((step) => began(step, window)).sort((one, other) => newestFirst(other, one));
  }

  async running(sinceIso: string) {
    return (await this.health(sinceIso)).orchestrations.running;
  }

  async health(sinceIso: string): Promise<Health> {
    const runs = this.#orchestrations.filter((run) => began(run, { sinceIso }));
    const executions = this.#executions.filter((one) => began(one, { sinceIso }));
    const of = (rows: readonly { status: string }[]) => (status: string) =>
      rows.filter((row) => row.status === status).length;
    const [run, execution] = [of(runs), of(executions)];
    const [completed, failed, partial] = [run('completed'), run('failed'), run('partial')];
    const ended = completed + failed + partial;
    return {
      orchestrations: { total: runs.length, running: run('running'), completed, failed, partial },
      executions: {
        total: executions.length,
        in_progress: execution('in_progress'),
        completed: execution('completed'),
        failed: execution('failed'),
      },
      success_rate: ended === 0 ? null : completed / ended,
      average_duration_ms: average(runs.map(({ duration_ms }) => duration_ms)),
      cost_micro_usd: sum(runs.map(({ cost_micro_usd }) => cost_micro_usd)),
    };
  }

  async performance(window: Window, agentName?: string): Promise<Performance[]> {
    const all = this.#executions.filter((one) => began(one, window));
    const executions = all.filter(({ agent_name }) => agentName === undefined || agent_name === agentName);
    const begins = all.map(({ started_at }) => Date.parse(started_at));
    const from = window.sinceIso ? Date.parse(window.sinceIso) : Math.min(...begins);
    const hours = ((window.untilIso ? Date.parse(window.untilIso) : this.#now()) - from) / 3_600_000;
    const groups = Map.groupBy(executions, ({ agent_name, operation }) =>
      JSON.stringify([agent_name, operation || null]),
    );
    return [...groups.values()]
      .map((rows): Performance => {
        const { agent_name, operation } = rows[0] as AgentExecution;
        const failed = rows.filter(({ status }) => status === 'failed').length;
        const took = rows.flatMap(({ duration_ms }) => duration_ms ?? []).sort((one, other) => one - other);
        return {
          ...{ agent_name, operation, executions: rows.length, failed },
          error_rate: failed / rows.length,
          per_hour: hours > 0 ? rows.length / hours : 0,
          min_ms: took[0] ?? null,
          average_ms: average(took),
          p50_ms: percentile(took, 0.5),
          p95_ms: percentile(took, 0.95),
          p99_ms: percentile(took, 0.99),
          max_ms: took.at(-1) ?? null,
          cost_micro_usd: sum(rows.map(({ cost_micro_usd }) => cost_micro_usd)),
        };
      })
      .sort((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1));
  }

  async failures(limit: number, window: Window): Promise<Failure[]> {
    const sessions = new Map(this.#orchestrations.map(({ id, session_id }) => [id, session_id]));
    const executions = this.#executions.filter(({ status }) => status === 'failed');
    const explained = new Set(executions.map(({ orchestration_id }) => orchestration_id));
    // A run with an error of its own, in which no execution failed, counts itself.
    const alone = this.#orchestrations.filter(({ id }) => !explained.has(id));
    const failed = [
      ...executions,
      ...alone.map((run) => ({ ...run, error_type: null, orchestration_id: run.id })),
    ].filter((one) => one.error_fingerprint !== null && began(one, window));
    const groups = Map.groupBy(failed, ({ error_fingerprint }) => error_fingerprint ?? '');
    return [...groups]
      .map(([error_fingerprint, rows]): Failure => {
        const [newest, ...older] = rows.sort(newestFirst) as [(typeof rows)[number]];
        return {
          error_fingerprint,
          error_type: newest.error_type,
          error_message: newest.error_message,
          times: rows.length,
          first_at: (older.at(-1) ?? newest).started_at,
          last_at: newest.started_at,
          cost_micro_usd: sum(rows.map(({ cost_micro_usd }) => cost_micro_usd)),
          duration_ms: sum(rows.map(({ duration_ms }) => duration_ms)) ?? 0,
          sessions: [...new Set(rows.flatMap((row) => sessions.get(row.orchestration_id ?? '') ?? []))].slice(0, 5),
        };
      })
      .sort(
        (one, other) => compare(other.last_at, one.last_at) || compare(one.error_fingerprint, other.error_fingerprint),
      )
      .slice(0, limit);
  }

  async course(by: Stretch, window: Window, agentName?: string): Promise<Course[]> {
    const summary = new CourseSummary(by);
    for (const one of this.#executions)
      if (began(one, window) && (agentName === undefined || one.agent_name === agentName)) summary.count(one);
    return summary.rows();
  }

  async costs(by: CostBy, window: Window): Promise<Cost[]> {
    return costsOf(by, { runs: this.#orchestrations, executions: this.#executions, steps: this.#steps }, window);
  }

  async losses(window: Window): Promise<Loss[]> {
    const runs: Run[] = [];
    for await (const run of this.export()) runs.push(run);
    return lossesIn(runs, window, this.#now());
  }

  async samples(window: Window, most: number): Promise<Sample[]> {
    const found = this.#executions.filter((one) => began(one, window)).sort(newestFirst);
    const every = Math.max(1, found.length / most);
    return found
      .filter((_, index) => Math.floor(index / every) > Math.floor((index - 1) / every))
      .map(({ agent_name, operation, status, started_at, duration_ms, cost_micro_usd }) => {
        return { agent_name, operation, status, started_at, duration_ms, cost_micro_usd };
      });
  }

  async *export(sessionId?: string) {
    const oldestFirst = [...this.#orchestrations].sort((one, other) => newestFirst(other, one));
    for (const orchestration of oldestFirst) {
      if (sessionId !== undefined && sessionId !== orchestration.session_id) continue;
      const filter = { orchestrationId: orchestration.id, limit: Number.POSITIVE_INFINITY };
      const [executions, steps] = [await this.executions(filter), await this.steps(orchestration.id)];
      yield { orchestration, executions, steps };
    }
  }

  async removable(beforeIso: string) {
    const gone = [...this.#threads]
      .filter((thread) => endedBefore(thread, this.#known, beforeIso))
      .map(({ rows }) => rows);
    return {
      orchestrations: gone.flatMap(({ orchestrations }) => orchestrations).length,
      executions: gone.flatMap(({ executions }) => executions).length,
      strays: gone.filter(({ orchestrations }) => orchestrations.length === 0).length,
    };
  }

  async cleanup(beforeIso: string) {
    const removed = await this.removable(beforeIso);
    for (const thread of this.#threads) {
      if (!endedBefore(thread, this.#known, beforeIso)) continue;
      this.#threads.delete(thread);
      for (const { id } of thread.facts) this.#known.delete(id);
      for (const link of thread.facts.flatMap(linksOf)) this.#byLink.delete(link);
    }
    return { ...removed, bytesFreed: 0 };
  }

  async damage(): Promise<string | undefined> {
    return undefined;
  }

  async close() {}

  get #orchestrations(): Orchestration[] {
    return [...this.#threads].flatMap(({ rows }) => rows.orchestrations);
  }

  get #executions(): AgentExecution[] {
    return [...this.#threads].flatMap(({ rows }) => rows.executions);
  }

  get #steps(): Step[] {
    return [...this.#threads].flatMap(({ rows }) => rows.steps);
  }
}

/** Facts that belong together, and what they tell. */
interface Thread {
  readonly facts: readonly Fact[];
  rows: Rows;
}

const nothing: Rows = { orchestrations: [], executions: [], steps: [] };

/** By its last word, ended or not. */
function endedBefore({ facts, rows }: Thread, believed: ReadonlyMap<string, string>, beforeIso: string): boolean {
  const all = [...rows.orchestrations, ...rows.executions, ...rows.steps];
  const heard = [
    ...all.flatMap(({ started_at, completed_at }) => [started_at, completed_at ?? started_at]),
    ...facts.filter((fact) => believed.get(fact.id) === bodyOf(fact)).map(told),
  ];
  return heard.every((at) => at < beforeIso);
}

function told(fact: Fact): string {
  return fact.source === 'api' ? fact.at : (timesOf(fact).completed_at ?? '');
}

type Began = { readonly id: string; readonly started_at: string };

function newestFirst(one: Began, other: Began): number {
  if (one.started_at !== other.started_at) return one.started_at > other.started_at ? -1 : 1;
  return one.id > other.id ? -1 : one.id < other.id ? 1 : 0;
}

function began({ started_at }: Began, { sinceIso, untilIso }: Window): boolean {
  return (sinceIso === undefined || started_at >= sinceIso) && (untilIso === undefined || started_at < untilIso);
}

/** From the row on that comes after the last one; of one that is not there, nothing follows. */
function page<Row extends Began>(
  rows: readonly Row[],
  last: Began | undefined,
  before: string | undefined,
  order: (one: Began, other: Began) => number,
  limit: number,
): Row[] {
  const rest = before === undefined ? rows : rows.filter((row) => last !== undefined && order(last, row) < 0);
  return rest.slice(0, limit);
}

/** Null: none is known. */
function sum(numbers: readonly (number | null)[]): number | null {
  return sumMicroUsd(numbers);
}

function average(numbers: readonly (number | null)[]): number | null {
  const total = sum(numbers);
  return total === null ? null : total / numbers.filter((number) => number !== null).length;
}

/** The smallest that so many are not above. */
function percentile(sorted: readonly number[], of1: number): number | null {
  return sorted[Math.ceil(sorted.length * of1) - 1] ?? null;
}

function nameOf({ agent_name, operation }: Performance): string {
  return `${agent_name}\0${operation ?? ''}`;
}
