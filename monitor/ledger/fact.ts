/** What was seen of a run, once. A fact never changes: a second look at the same thing is the same fact. */

export type Fact = ApiFact | SpanFact;

/** A call of `getMonitor()`. (R03) */
export interface ApiFact {
  readonly source: 'api';
  /** `start run <session>`, `end run <session>`, `start agent <agent session>`, `end agent <agent session>`. */
  readonly id: string;
  readonly at: string;
  readonly kind: 'orchestration_started' | 'orchestration_completed' | 'execution_started' | 'execution_completed';
  readonly session_id: string | null;
  readonly agent_session_id: string | null;
  readonly data: Readonly<Record<string, string | number | boolean | null>>;
}

/** A span of the fleet vocabulary, as the Collector passed it on. */
export interface SpanFact {
  readonly source: 'span';
  /** `<trace id>/<span id>` in lower-case hexadecimal, whole. */
  readonly id: string;
  readonly trace_id: string;
  readonly span_id: string;
  readonly parent_span_id: string | null;
  readonly name: string;
  /** Nanoseconds since the epoch, as text: they do not fit a number. */
  readonly start_unix_nano: string;
  readonly end_unix_nano: string;
  readonly error: boolean;
  readonly status_message: string | null;
  readonly service_name: string | null;
  readonly environment: string | null;
  /** Those of the catalogue, and no others: never content. */
  readonly attributes: Readonly<Record<string, string | number | boolean | readonly string[]>>;
}
