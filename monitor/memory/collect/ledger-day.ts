/**
 * A day of the ledger, added up while it passes by: rows that began in the day, in any order, in constant memory but for who did what. Pure. What had not
 * ended by the cutoff is in progress, however long ago that is when somebody looks. (M01)
 */
import type { AgentExecution, Orchestration, Step } from '../../ledger/record.ts';
import { Histogram } from '../../store/histogram.ts';
import type { AgentDay, ApprovalDay, Decision, ErrorDay, ModelDay, Snapshot, WorkDay } from '../record.ts';
import { DecisionDay } from './decision-day.ts';
import { held } from './held.ts';
import { LedgerHours } from './ledger-hours.ts';
import { CountSum, least, SpendingSum, type State, ToldSum } from './sums.ts';
import { Used, Ways } from './ways.ts';

/** What of a snapshot the ledger knows. */
export type LedgerPart = Pick<
  Snapshot,
  | 'tasks'
  | 'runs'
  | 'success_rate'
  | 'error_rate'
  | 'p50_ms'
  | 'p95_ms'
  | 'cost'
  | 'agents'
  | 'models'
  | 'work'
  | 'approvals'
  | 'errors'
  | 'rest'
>;

export class LedgerDay {
  readonly #cutoffIso: string;
  readonly #runs = new CountSum();
  readonly #tasks = new CountSum();
  readonly #cost = new SpendingSum();
  readonly #durations = new Histogram();
  readonly #waits = new Histogram();
  readonly #agents = new Map<string, { counts: CountSum; cost: SpendingSum; durations: Histogram }>();
  readonly #models = new Map<string, Model>();
  readonly #work = new Map<string, Work>();
  readonly #errors = new Map<string, Errors>();
  readonly #approvals = { asked: 0, approved: 0, rejected: 0, unanswered: 0, open: 0 };
  /** By execution: what each model cost there, micro-USD. */
  readonly #spentOn = new Map<string, Map<string, number>>();
  /** By execution: its tasks and its tools. */
  readonly #used = new Map<string, Used>();
  readonly #decisions = new DecisionDay();
  /** What began in which hour. */
  readonly hours = new LedgerHours();
  #isEmpty = true;

  constructor(cutoffIso: string) {
    this.#cutoffIso = cutoffIso;
  }

  /** It was handed no row that began on the day. */
  get isEmpty(): boolean {
    return this.#isEmpty;
  }

  run(row: Orchestration): void {
    this.#isEmpty = false;
    this.hours.row(row.started_at);
    const state = this.#stateOf(row.completed_at, row.status === 'completed');
    this.#runs.count(state);
    this.#decisions.run(row);
  }

  /** Steps come before executions: which model an execution is of, and what else it did, they say. */
  step(step: Step): void {
    this.#isEmpty = false;
    this.hours.row(step.started_at);
    if (step.kind === 'task') this.hours.task(step.started_at, step.duration_ms);
    if (step.kind === 'model') this.#model(step);
    else if (step.kind === 'approval') this.#approval(step);
    else if (step.kind === 'decision') this.#decisions.step(step);
    this.#use(step);
    if (step.execution_id === null) this.#cost.add(step, 'ended well');
  }

  /** One that began after the day, until the cutoff: it belongs to the next day, and still tells what an execution of this one is of. */
  laterStep(step: Step): void {
    if (step.kind === 'model') this.#spend(step);
    this.#use(step);
  }

  execution(row: AgentExecution, sessionId: string): void {
    this.#isEmpty = false;
    this.hours.row(row.started_at);
    if (!this.#used.get(row.id)?.tasks.size) this.hours.task(row.started_at, row.duration_ms);
    const state = this.#stateOf(row.completed_at, row.status === 'completed');
    this.#tasks.count(state);
    this.#decisions.execution(row, state);
    const agent = emplace(this.#agents, row.agent_name, () => ({
      ...{ counts: new CountSum(), cost: new SpendingSum(), durations: new Histogram() },
    }));
    agent.counts.count(state);
    if (state === 'in progress') return;
    agent.cost.add(row, state);
    this.#cost.add(row, state);
    if (state === 'ended well' && row.duration_ms !== null)
      for (const durations of [this.#durations, agent.durations]) durations.add(row.duration_ms, 1);
    this.#ended(row, state === 'failed', sessionId);
    // Each comes once.
    this.#spentOn.delete(row.id);
    this.#used.delete(row.id);
  }

  /** What decided on this day and began on an earlier one: by id, to be given by `decidedBy` and `decidedIn`. */
  lacking(): { readonly executions: readonly string[]; readonly runs: readonly string[] } {
    return this.#decisions.lacking();
  }

  /** Counts nowhere: it is of an earlier day. */
  decidedBy(row: AgentExecution): void {
    this.#decisions.execution(row, this.#stateOf(row.completed_at, row.status === 'completed'));
  }

  decidedIn(row: Orchestration): void {
    this.#decisions.run(row);
  }

  part(): LedgerPart {
    const tasks = this.#tasks.counts();
    const ended = tasks.completed + tasks.failed;
    const [p50_ms = null, p95_ms = null] = this.#durations.percentiles([0.5, 0.95]);
    return {
      ...{ tasks, runs: this.#runs.counts(), p50_ms, p95_ms, cost: this.#cost.spending() },
      ...{
        success_rate: ended === 0 ? null : tasks.completed / ended,
        error_rate: ended === 0 ? null : tasks.failed / ended,
      },
      ...held({ agents: this.#agentDays(), work: this.#workDays(), errors: this.#errorDays() }),
      ...{ models: this.#modelDays(), approvals: this.#approvalDay() },
    };
  }

  decisions(date: string): Decision[] {
    return this.#decisions.rows(date);
  }

  /** Of what is known at the cutoff. */
  #stateOf(completedAt: string | null, isWell: boolean): State {
    if (completedAt === null || completedAt > this.#cutoffIso) return 'in progress';
    return isWell ? 'ended well' : 'failed';
  }

  #model(step: Step): void {
    const { name, outcome, details } = step;
    const model = emplace(this.#models, name, () => ({
      ...{ calls: 0, failed: 0, cost: new SpendingSum() },
      ...{ cacheRead: new ToldSum(), cacheWrite: new ToldSum(), reasoning: new ToldSum() },
    }));
    model.calls++;
    if (outcome === 'failure') model.failed++;
    model.cost.add(step, outcome === 'failure' ? 'failed' : 'ended well');
    model.cacheRead.add(details.cache_read_tokens);
    model.cacheWrite.add(details.cache_write_tokens);
    model.reasoning.add(details.reasoning_tokens);
    this.#spend(step);
  }

  #spend({ name, execution_id, cost_micro_usd }: Step): void {
    if (execution_id === null) return;
    const spent = emplace(this.#spentOn, execution_id, () => new Map<string, number>());
    // Without a price, a call still counts for a little: the model was used.
    spent.set(name, (spent.get(name) ?? 0) + (cost_micro_usd ?? 0) + 1e-6);
  }

  #use(step: Step): void {
    if (step.execution_id === null || (step.kind !== 'task' && step.kind !== 'tool')) return;
    emplace(this.#used, step.execution_id, () => new Used()).step(step);
  }

  #approval({ outcome, completed_at, duration_ms }: Step): void {
    this.#approvals.asked++;
    if (completed_at === null || completed_at > this.#cutoffIso) this.#approvals.open++;
    else {
      this.#approvals[outcome === 'success' ? 'approved' : outcome === 'failure' ? 'rejected' : 'unanswered']++;
      if (duration_ms !== null && outcome !== 'cancelled') this.#waits.add(duration_ms, 1);
    }
  }

  #ended(row: AgentExecution, isFailed: boolean, sessionId: string): void {
    const { agent_name, operation, started_at } = row;
    const model = mostSpentOn(this.#spentOn.get(row.id));
    const work = emplace(this.#work, JSON.stringify([agent_name, operation, model]), () => ({
      ...{ agent_name, operation, model, ended: 0, failed: 0, durations: new Histogram(), costs: new Histogram() },
      ...{ well: [], wrong: [], ways: new Ways() },
    }));
    work.ways.add(row, isFailed, sessionId, this.#used.get(row.id) ?? new Used());
    work.ended++;
    if (isFailed) work.failed++;
    else if (row.duration_ms !== null) work.durations.add(row.duration_ms, 1);
    if (row.cost_micro_usd !== null) work.costs.add(row.cost_micro_usd, 1);
    least(isFailed ? work.wrong : work.well, { at: started_at, id: sessionId }, mostNamed);
    if (!isFailed || row.error_fingerprint === null) return;
    const fingerprint = row.error_fingerprint;
    const seenAt = row.completed_at ?? started_at;
    const errors = emplace(this.#errors, fingerprint, () => ({
      ...{ times: 0, cost: new SpendingSum(), duration_ms: 0, agents: new Set<string>(), sessions: [] },
      ...{ first_at: seenAt, last_at: seenAt, error_type: row.error_type, error_message: row.error_message },
    }));
    errors.times++;
    errors.cost.add(row, 'failed');
    errors.duration_ms += row.duration_ms ?? 0;
    errors.agents.add(agent_name);
    least(errors.sessions, { at: started_at, id: sessionId }, mostSessions);
    if (seenAt < errors.first_at) errors.first_at = seenAt;
    // Of two at the same moment the same one, whichever came first.
    const isNewer =
      seenAt > errors.last_at || (seenAt === errors.last_at && `${row.error_message}` > `${errors.error_message}`);
    if (isNewer)
      Object.assign(errors, { last_at: seenAt, error_type: row.error_type, error_message: row.error_message });
  }

  #agentDays(): AgentDay[] {
    return sorted(this.#agents).map(([agent_name, { counts, cost, durations }]) => {
      const [p95_ms = null] = durations.percentiles([0.95]);
      return { agent_name, ...counts.counts(), p95_ms, cost: cost.spending() };
    });
  }

  #modelDays(): ModelDay[] {
    return sorted(this.#models).map(([model, { calls, failed, cost, cacheRead, cacheWrite, reasoning }]) => ({
      ...{ model, calls, failed, cost: cost.spending(), cache_read_tokens: cacheRead.sum },
      ...{ cache_write_tokens: cacheWrite.sum, reasoning_tokens: reasoning.sum },
    }));
  }

  #workDays(): WorkDay[] {
    return sorted(this.#work).map(([, { durations, costs, well, wrong, ways, ...rest }]) => ({
      ...{ ...rest, durations: durations.toString(), costs: costs.toString() },
      ...{ went_well: idsOf(well), went_wrong: idsOf(wrong) },
      ...{ batches: ways.batches(), toolsets: ways.toolsets() },
    }));
  }

  #approvalDay(): ApprovalDay {
    const [p50_wait_ms = null, p95_wait_ms = null] = this.#waits.percentiles([0.5, 0.95]);
    return { ...this.#approvals, p50_wait_ms, p95_wait_ms };
  }

  #errorDays(): ErrorDay[] {
    return sorted(this.#errors).map(([fingerprint, errors]) => {
      const { error_type, error_message, times, first_at, last_at, cost, duration_ms, agents, sessions } = errors;
      return {
        ...{ fingerprint, error_type, error_message, times, first_at, last_at },
        ...{ cost_micro_usd: cost.spending().micro_usd, duration_ms },
        ...{ agents: [...agents].sort(), sessions: idsOf(sessions) },
      };
    });
  }
}

interface Named {
  readonly at: string;
  readonly id: string;
}

interface Work extends Pick<WorkDay, 'agent_name' | 'operation' | 'model'> {
  ended: number;
  failed: number;
  readonly durations: Histogram;
  readonly costs: Histogram;
  readonly well: Named[];
  readonly wrong: Named[];
  readonly ways: Ways;
}

interface Model {
  calls: number;
  failed: number;
  readonly cost: SpendingSum;
  readonly cacheRead: ToldSum;
  readonly cacheWrite: ToldSum;
  readonly reasoning: ToldSum;
}

interface Errors {
  times: number;
  duration_ms: number;
  first_at: string;
  last_at: string;
  error_type: string | null;
  error_message: string | null;
  readonly cost: SpendingSum;
  readonly agents: Set<string>;
  readonly sessions: Named[];
}

/** Runs that are named as evidence of a kind of work on a day. */
const mostNamed = 3;
const mostSessions = 5;

/** Of equal ones the first by name. */
function mostSpentOn(spent: ReadonlyMap<string, number> | undefined): string | null {
  const [most] = [...(spent ?? [])].sort(([a, one], [b, other]) => other - one || (a < b ? -1 : 1));
  return most?.[0] ?? null;
}

function emplace<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key) ?? make();
  map.set(key, found);
  return found;
}

function sorted<V>(map: ReadonlyMap<string, V>): [string, V][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}

function idsOf(named: readonly Named[]): string[] {
  return [...new Set(named.map(({ id }) => id))];
}
