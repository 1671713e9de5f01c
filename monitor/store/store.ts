/** Where the ledger is kept. SQLite embedded, MongoDB for several machines; one conformance suite. */

import type { Fact } from '../ledger/fact.ts';
import type { LostWork } from '../ledger/losses.ts';
import type { AgentExecution, Orchestration, RunStatus, Step } from '../ledger/record.ts';

/**
 * Facts come in any order, late and more than once; rows are folded from them (ledger/fold.ts): the same facts give the same
 * rows, to the byte, whatever the order.
 */
export interface Ledger {
  /** Durable when it answers; a fact that is known changes nothing. */
  record(facts: readonly Fact[]): Promise<void>;

  orchestration(sessionIdOrId: string): Promise<Orchestration | undefined>;
  /** Newest first: by the time they began, then by id, so that paging never skips or repeats one. */
  orchestrations(filter: RunFilter): Promise<Orchestration[]>;
  /** In the order in which they began, or newest first. */
  executions(filter: ExecutionFilter): Promise<AgentExecution[]>;
  steps(orchestrationId: string): Promise<Step[]>;
  /** By agent session id or id. */
  execution(agentSessionIdOrId: string): Promise<AgentExecution | undefined>;
  /** Of all runs and of none: those that began in the window, in that order, then by id; in constant memory. */
  stepsBetween(window: Window): AsyncIterable<Step>;

  /**
   * How many runs that began since are under way, as far as is known at once: what waits to be folded is not folded for it, so
   * that whoever asks every few seconds holds nobody up.
   */
  running(sinceIso: string): Promise<number>;
  /** Sums for health, performance and failures, computed where the rows are. Ledger-side paging is by `before`. */
  health(sinceIso: string): Promise<Health>;
  /** Of all agents, or of one: its rows are the same. */
  performance(window: Window, agentName?: string): Promise<Performance[]>;
  failures(limit: number, window: Window): Promise<Failure[]>;
  /**
   * What money and tokens went to, the dearest first, then by name. No micro-USD is in two rows of one `by`, and none is left
   * out: what a `by` does not name is in the row without a name. A row is in the window it began in, so that only without a
   * window each `by` comes to the same sum. (C02)
   */
  costs(by: CostBy, window: Window): Promise<Cost[]>;
  /** Money and time that bought nothing, by reason and kind of error, the dearest first, then the longest. By when it began. (B06) */
  losses(window: Window): Promise<Loss[]>;
  /** How executions went, stretch by stretch, the oldest first; of one agent, or of all. Where nothing began there is none. (R05) */
  course(by: Stretch, window: Window, agentName?: string): Promise<Course[]>;
  /** What comparisons look at, in any order. Of more than `most`: so many at most, evenly thinned out over the window. */
  samples(window: Window, most: number): Promise<Sample[]>;

  /** Everything, or one run, in constant memory, in a stable order. */
  export(
    sessionId?: string,
  ): AsyncIterable<{ orchestration: Orchestration; executions: AgentExecution[]; steps: Step[] }>;
  /**
   * Deletes runs of which nothing was heard since, ended or not, with all that is theirs, and strays. Who asks for less than a
   * day takes away what is at work and silent.
   */
  cleanup(beforeIso: string): Promise<Removed & { bytesFreed: number }>;
  /** What `cleanup` would delete; deletes nothing. */
  removable(beforeIso: string): Promise<Removed>;
  /** Undefined: it is whole. */
  damage(): Promise<string | undefined>;
  close(): Promise<void>;
}

export interface Removed {
  readonly orchestrations: number;
  readonly executions: number;
  /** Traces, and agents by themselves, that no run has claimed. */
  readonly strays: number;
}

export interface OpenOptions {
  /** Where a person is told that a damaged file was set aside. Default: standard error. */
  readonly notice?: (line: string) => void;
  /** ms since 1970. Default: the machine's clock. */
  readonly now?: () => number;
  /** What becomes of a file that is damaged when it is opened. Default: set aside, and a new one begins. A command leaves it. */
  readonly ifDamaged?: 'set aside' | 'leave';
  /** Told once when the file is damaged while it is used. Given: it is set aside at once, and mended when it is opened anew. */
  readonly onBroken?: (error: Error) => void;
}

/** Of an execution, for statistics: narrow, so that a covering index has it. */
export type Sample = Pick<
  AgentExecution,
  'agent_name' | 'operation' | 'status' | 'started_at' | 'duration_ms' | 'cost_micro_usd'
>;

export interface Window {
  readonly sinceIso?: string;
  readonly untilIso?: string;
}

export interface RunFilter extends Window {
  readonly status?: RunStatus;
  /** Session id or id of a run: those that come after it in the list. Of one that is not there: none do. */
  readonly before?: string;
  readonly limit: number;
}

export interface ExecutionFilter extends Window {
  readonly orchestrationId?: string;
  readonly agentName?: string;
  /** The newest come first, which is what a limit then keeps. */
  readonly newestFirst?: boolean;
  /** Agent session id or id of an execution: those that come after it in the list. */
  readonly before?: string;
  readonly limit: number;
}

export interface Health {
  readonly orchestrations: { total: number; running: number; completed: number; failed: number; partial: number };
  readonly executions: { total: number; in_progress: number; completed: number; failed: number };
  readonly success_rate: number | null;
  readonly average_duration_ms: number | null;
  readonly cost_micro_usd: number | null;
}

export interface Performance {
  readonly agent_name: string;
  readonly operation: string | null;
  readonly executions: number;
  readonly failed: number;
  readonly error_rate: number;
  readonly per_hour: number;
  readonly min_ms: number | null;
  readonly average_ms: number | null;
  readonly p50_ms: number | null;
  readonly p95_ms: number | null;
  readonly p99_ms: number | null;
  readonly max_ms: number | null;
  readonly cost_micro_usd: number | null;
}

export type Stretch = 'hour' | 'day' | 'week';

/** Executions that began in one stretch of time. Counts and money are exact, lengths within 1 %. */
export interface Course {
  /** When it begins, in UTC; weeks begin on Monday. */
  readonly at: string;
  readonly executions: number;
  readonly in_progress: number;
  readonly failed: number;
  readonly p50_ms: number | null;
  readonly p95_ms: number | null;
  readonly cost_micro_usd: number | null;
}

/**
 * - `agent`, `task`: executions, by who they are of, and by what they did (`operation`). An execution has the money of its own
 *   calls, not that of agents inside it. Calls of no agent are in the row without a name.
 * - `model`, `tool`: calls, by what was called. What the other kind of call cost is in the row without a name.
 * - `workflow`: whole runs, by `workflow_name`. Calls of no run are in the row without a name.
 */
export type CostBy = 'agent' | 'model' | 'task' | 'tool' | 'workflow';

export interface Cost {
  /** Null: it has none, and whatever else was spent. */
  readonly name: string | null;
  /** Executions, calls or runs, as the `by` says; what else was spent counts as none. */
  readonly times: number;
  readonly failed: number;
  readonly cost_micro_usd: number | null;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly unpriced_calls: number;
}

/**
 * - `rejected`: a person said no, or nobody answered, and the run failed with it.
 * - `failed`: the run failed, or in one that went on, work that nobody made again.
 * - `retried`: an attempt that failed and was made again.
 * - `abandoned`: a run that has not ended, and of which nothing was heard for a day.
 */
export type LossReason = LostWork['reason'];

export interface Loss {
  readonly reason: LossReason;
  /** Null: it has no error, as work that a person rejected. */
  readonly error_fingerprint: string | null;
  readonly error_type: string | null;
  /** Of the newest. */
  readonly error_message: string | null;
  readonly times: number;
  readonly cost_micro_usd: number | null;
  readonly duration_ms: number;
  /** Session ids, the newest first, five at most. */
  readonly sessions: readonly string[];
}

/** Failed work of one kind. (B06) */
export interface Failure {
  readonly error_fingerprint: string;
  readonly error_type: string | null;
  /** Of the newest. */
  readonly error_message: string | null;
  readonly times: number;
  readonly first_at: string;
  readonly last_at: string;
  /** Money and time that bought nothing. */
  readonly cost_micro_usd: number | null;
  readonly duration_ms: number;
  /** Session ids, the newest first, five at most. */
  readonly sessions: readonly string[];
}
