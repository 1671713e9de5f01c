/**
 * What is remembered: one row for each thing that was so in an hour, a day, a week. Names are those of the columns, in SQLite, MongoDB, JSON and CSV
 * alike. Times are ISO 8601 in UTC with milliseconds, hours `2026-02-15T09`, days `2026-02-15`, weeks `2026-W07`; money is micro-USD. Every row is
 * a function of what was known when its period was closed (periods.ts): made twice, or late, it is the same to the byte.
 */

/**
 * Why there is no value: nobody measured then, or nobody had anything to tell. Never a zero.
 * - `prometheus`: it was not there.
 * - `nothing sent`: it was, and had no sample of that metric.
 */
export type Gap = 'prometheus' | 'nothing sent';

/** One metric of one hour. Collection `metrics_hourly`. (M03) */
export interface MetricHour {
  readonly hour: string;
  /** As in collect/measures.ts, e.g. `tasks_completed`. */
  readonly metric: string;
  /** Empty: of everything together. Keys in order. */
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number | null;
  /** `1`, `s`, `USD`, `{token}`: UCUM, as the catalogue writes it. */
  readonly unit: string;
  /** How much of the hour was measured, in 1. */
  readonly coverage: number;
  readonly gap: Gap | null;
}

/** The same of a day. Collection `metrics_daily`. */
export interface MetricDay extends Omit<MetricHour, 'hour'> {
  readonly date: string;
}

/** A day as it was. (M01) */
export interface Snapshot {
  readonly date: string;
  /** `open`: made at 23:00, before the day was over. `final`: nothing of it will change. */
  readonly state: 'open' | 'final';
  /** What happened later than this is not in it. */
  readonly through: string;
  /**
   * - `gone`: it has no row of a day on which Prometheus counted tasks, or was not there either. What is zero or empty below is not known then: sums leave the day out.
   * - `part`: of some hours it has fewer tasks than Prometheus counted, or nothing at all between full ones (collect/lost-hours.ts). Numbers are those of what it has.
   */
  readonly ledger: 'known' | 'part' | 'gone';
  readonly tasks: Counts;
  readonly runs: Counts;
  /** Of what ended, in 1. Null: nothing did. */
  readonly success_rate: number | null;
  readonly error_rate: number | null;
  readonly p50_ms: number | null;
  readonly p95_ms: number | null;
  readonly cost: Spending;
  readonly agents: readonly AgentDay[];
  readonly models: readonly ModelDay[];
  /** By agent, what it did, and with which model: what weeks are compared by. Ledger rows are gone long before. */
  readonly work: readonly WorkDay[];
  readonly approvals: ApprovalDay;
  /** Ids of decisions_log. */
  readonly decisions: readonly string[];
  readonly incidents: IncidentDay;
  readonly errors: readonly ErrorDay[];
  /** Of agents, work and errors what is more than a day holds one by one. */
  readonly rest: RestDay;
  /** Hours of the day that Prometheus measured, of 24. */
  readonly hours_measured: number;
  /** Whole sentences, for people. */
  readonly gaps: readonly string[];
}

/** What is looked at of days long past: errors, decisions, and who was at work. Every snapshot is one. */
export interface PastDay extends Pick<Snapshot, 'date' | 'state' | 'ledger' | 'rest' | 'errors' | 'decisions'> {
  readonly agents: readonly Pick<AgentDay, 'agent_name' | 'completed' | 'failed'>[];
  readonly work: readonly Pick<WorkDay, 'agent_name' | 'ended'>[];
}

export interface Counts {
  readonly started: number;
  readonly completed: number;
  readonly failed: number;
  /** When the day was closed. */
  readonly in_progress: number;
}

export interface Spending {
  /** Null: nothing is known of its money. */
  readonly micro_usd: number | null;
  /** Of work that failed. */
  readonly failed_micro_usd: number | null;
  readonly input_tokens: number;
  readonly output_tokens: number;
  /** Calls with tokens and no price: the sum lacks theirs. */
  readonly unpriced_calls: number;
}

export interface AgentDay extends Counts {
  readonly agent_name: string;
  readonly p95_ms: number | null;
  readonly cost: Spending;
}

export interface ModelDay {
  readonly model: string;
  readonly calls: number;
  readonly failed: number;
  readonly cost: Spending;
  /** What of the tokens was read from a cache and written to one, and what was reasoning. Null: no call told it, which is not none. */
  readonly cache_read_tokens: number | null;
  readonly cache_write_tokens: number | null;
  readonly reasoning_tokens: number | null;
}

export interface WorkDay {
  readonly agent_name: string;
  readonly operation: string | null;
  /** The one that most of its money went to; null: none was called. */
  readonly model: string | null;
  readonly ended: number;
  readonly failed: number;
  /** Of what ended well, as text of a Histogram (store/histogram.ts): within 1 %. */
  readonly durations: string;
  /** The same of micro-USD. */
  readonly costs: string;
  /** Session ids, the first of the day: three that went well at most, three that failed at most. */
  readonly went_well: readonly string[];
  readonly went_wrong: readonly string[];
  /** The same by how many tasks an execution was given at once; of those that tell. */
  readonly batches: readonly BatchDay[];
  /** By which tools an execution used, those together that most used; without those that used none. */
  readonly toolsets: readonly ToolsetDay[];
}

/** A way in which some of the work was done. */
export interface WayDay {
  readonly ended: number;
  readonly failed: number;
  /** As text of a Histogram: micro-USD, of a batch for each of its tasks. */
  readonly costs: string;
  /** Session ids, the first of the day, one each. */
  readonly went_well: readonly string[];
  readonly went_wrong: readonly string[];
}

export interface BatchDay extends WayDay {
  /** 1, 2, 4, 8, …: so many tasks at once, and less than twice as many. */
  readonly size: number;
}

export interface ToolsetDay extends WayDay {
  /** In order of their names. */
  readonly tools: readonly string[];
}

export interface ApprovalDay {
  readonly asked: number;
  readonly approved: number;
  readonly rejected: number;
  /** Nobody answered in time, or nobody had to any more. */
  readonly unanswered: number;
  /** When the day was closed. */
  readonly open: number;
  readonly p50_wait_ms: number | null;
  readonly p95_wait_ms: number | null;
}

/** Null: the escalation service could not be asked, and why stands in `gaps`. */
export interface IncidentDay {
  readonly raised: number | null;
  readonly resolved: number | null;
  readonly open: number | null;
  readonly alerts: readonly AlertDay[];
}

export interface AlertDay {
  readonly alertname: string;
  readonly severity: string;
  readonly raised: number;
  readonly resolved: number;
  /** Ids of the escalation service, five at most. */
  readonly incidents: readonly string[];
}

/** Failed work of one fingerprint. */
export interface ErrorDay {
  readonly fingerprint: string;
  readonly error_type: string | null;
  readonly error_message: string | null;
  readonly times: number;
  readonly first_at: string;
  readonly last_at: string;
  readonly cost_micro_usd: number | null;
  readonly duration_ms: number;
  readonly agents: readonly string[];
  /** Session ids, the first of the day, five at most. */
  readonly sessions: readonly string[];
}

/** What a day holds no rows of, added up: rows and these are the whole. Of most days all of it is 0. */
export interface RestDay {
  readonly agents: number;
  readonly agents_started: number;
  readonly agents_micro_usd: number | null;
  readonly work: number;
  readonly work_ended: number;
  readonly work_failed: number;
  /** Of what of it ended well, as text of a Histogram. */
  readonly work_durations: string;
  readonly errors: number;
  readonly errors_times: number;
  readonly errors_micro_usd: number | null;
}

/** What an agent decided, with what came of it. Collection `decisions_log`. */
export interface Decision {
  /** Of the step in the ledger. */
  readonly id: string;
  readonly date: string;
  readonly at: string;
  readonly agent_name: string | null;
  readonly session_id: string | null;
  /** What was to be decided. */
  readonly name: string;
  readonly choice: string | null;
  /** 0 to 1, by the agent itself. */
  readonly confidence: number | null;
  readonly reasoning: string | null;
  /** Of the run at the moment the day was closed: what it had cost, how many had failed. */
  readonly supporting: Readonly<Record<string, string | number>>;
  /** Of the execution that decided. `unknown`: it had not ended when the day was closed. */
  readonly outcome: 'success' | 'failure' | 'unknown';
  readonly outcome_at: string | null;
}

/** A value that is not like those before it. Collection `anomalies`. */
export interface Anomaly {
  /** 12 hexadecimal digits of metric, labels and hour. */
  readonly id: string;
  readonly hour: string;
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  readonly expected: number;
  readonly low: number;
  readonly high: number;
  /** 0 to 0.99: 1 less the chance that a quiet system says this at all, among everything that was looked at. */
  readonly confidence: number;
  /** Named in full, e.g. `robust z-score: median and MAD of the same hour of 28 days`. */
  readonly method: string;
  /** Values that it was compared with. */
  readonly compared_with: number;
}

/** What a week shows. The same `key` in another week is the same finding again. */
export interface Finding {
  readonly week: string;
  /** e.g. `agent-task/code/write`, `model-choice/write/claude-haiku-4.5`. */
  readonly key: string;
  readonly kind: FindingKind;
  /** 1: as the key says it. -1: the contrary, with as much evidence: it contradicts what was learnt. 0: looked at, and nothing there. */
  readonly direction: -1 | 0 | 1;
  /** What the sentence is made of; each number can be computed again from the snapshots of the week. */
  readonly numbers: Readonly<Record<string, number>>;
  readonly words: Readonly<Record<string, string>>;
  /** Observations on the smaller side. */
  readonly sample: number;
  readonly effect: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly confidence: number;
  readonly method: string;
  /** What `npm run monitor -- show` opens. */
  readonly evidence: readonly string[];
}

export type FindingKind =
  | 'agent-task'
  | 'model-choice'
  | 'batch-size'
  | 'tool-choice'
  | 'regression'
  | 'improvement'
  | 'recurring-error'
  | 'returned-error'
  | 'quiet-error';

/** What a person wrote into a generated place: it stands, whatever is generated later. */
export interface Override {
  /** Path of the document, e.g. `docs/ENCOUNTERED_ERRORS.md`, elsewhere than in the memory's own folder after its place and `: `; `sentences`: of consolidate/wording.ts, whose words are no person's. */
  readonly document: string;
  readonly block: string;
  readonly text: string;
  /** What stood there when they wrote. */
  readonly instead_of: string;
}
