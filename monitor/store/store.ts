/** Where the ledger is kept. SQLite embedded, MongoDB for several machines; one conformance suite. */

import type { Fact } from '../ledger/fact.ts';
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

  /** Sums for health, performance and failures, computed where the rows are. Ledger-side paging is by `before`. */
  health(sinceIso: string): Promise<Health>;
  performance(window: Window): Promise<Performance[]>;
  failures(limit: number, window: Window): Promise<Failure[]>;
  /** What comparisons and trends look at, in any order. Of more than `most`: so many at most, evenly thinned out over the window. */
  samples(window: Window, most: number): Promise<Sample[]>;

  /** Everything, or one run, in constant memory, in a stable order. */
  export(
    sessionId?: string,
  ): AsyncIterable<{ orchestration: Orchestration; executions: AgentExecution[]; steps: Step[] }>;
  /** Deletes runs that ended before, with all that is theirs. */
  cleanup(beforeIso: string): Promise<{ orchestrations: number; executions: number; bytesFreed: number }>;
  /** What `cleanup` would delete; deletes nothing. */
  removable(beforeIso: string): Promise<{ orchestrations: number; executions: number }>;
  /** Undefined: it is whole. */
  damage(): Promise<string | undefined>;
  close(): Promise<void>;
}

export interface OpenOptions {
  /** Where a person is told that a damaged file was set aside. Default: standard error. */
  readonly notice?: (line: string) => void;
  /** ms since 1970. Default: the machine's clock. */
  readonly now?: () => number;
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
