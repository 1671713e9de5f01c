/**
 * What the ledger knows of runs: one row per orchestration, one per agent execution, one per step inside them. Names are those
 * of the columns, in SQLite, MongoDB, JSON and CSV alike. Times are ISO 8601 in UTC with milliseconds, money is micro-USD.
 */

export type RunStatus = 'running' | 'completed' | 'failed' | 'partial';
export type ExecutionStatus = 'in_progress' | 'completed' | 'failed';

/** A run: a workflow, a session. The first thirteen columns are those of the source document. (R02) */
export interface Orchestration {
  /** Of the ledger; the same whether it came by API or by telemetry. */
  readonly id: string;
  /** As the caller named it, or `workflow.id`. Unique. */
  readonly session_id: string;
  readonly task_description: string | null;
  readonly status: RunStatus;
  readonly started_at: string;
  readonly completed_at: string | null;
  readonly duration_ms: number | null;
  readonly total_tasks: number;
  readonly completed_tasks: number;
  readonly failed_tasks: number;
  readonly git_commit_hash: string | null;
  readonly plan_file_path: string | null;
  readonly progress_file_path: string | null;

  /** `workflow.name`. */
  readonly workflow_name: string | null;
  readonly service_name: string | null;
  readonly environment: string | null;
  readonly trace_id: string | null;
  readonly error_message: string | null;
  readonly error_fingerprint: string | null;
  /** Null: nothing is known of its money; see `unpriced_calls` as well. */
  readonly cost_micro_usd: number | null;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly unpriced_calls: number;
}

/** One agent at one task. The first seventeen columns are those of the source document. (R02) */
export interface AgentExecution {
  readonly id: string;
  readonly orchestration_id: string | null;
  /** As the caller named it, or trace and span id. Unique. */
  readonly agent_session_id: string;
  readonly agent_name: string;
  readonly task_id: string | null;
  readonly task_number: number | null;
  readonly status: ExecutionStatus;
  readonly started_at: string;
  readonly completed_at: string | null;
  readonly duration_ms: number | null;
  readonly retry_count: number;
  readonly self_healed: boolean;
  readonly files_created: number;
  readonly files_modified: number;
  readonly error_message: string | null;
  readonly summary_report_path: string | null;
  readonly session_log_path: string | null;

  /** The execution that called it. */
  readonly parent_id: string | null;
  /** `agent.action`, or the type of the task. */
  readonly operation: string | null;
  readonly trace_id: string | null;
  readonly span_id: string | null;
  readonly error_type: string | null;
  readonly error_fingerprint: string | null;
  readonly cost_micro_usd: number | null;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly unpriced_calls: number;
}

export type StepKind = 'model' | 'tool' | 'decision' | 'approval' | 'queue' | 'task';

/** What happened inside a run: for the waterfall and the dossier. (B01, B07) */
export interface Step {
  /** Trace and span id. */
  readonly id: string;
  readonly orchestration_id: string | null;
  readonly execution_id: string | null;
  readonly parent_id: string | null;
  readonly kind: StepKind;
  /** The model, the tool, what was decided, what was asked. */
  readonly name: string;
  readonly started_at: string;
  readonly completed_at: string | null;
  readonly duration_ms: number | null;
  /** The try, from 1. */
  readonly attempt: number;
  readonly outcome: 'success' | 'failure' | 'cancelled' | null;
  readonly error_type: string | null;
  readonly cost_micro_usd: number | null;
  readonly input_tokens: number;
  readonly output_tokens: number;
  /** 1: a model call of which tokens are known, and no price. */
  readonly unpriced_calls: number;
  /** What else a person wants to read of it: choice, confidence, approver, wait. */
  readonly details: Readonly<Record<string, string | number | boolean>>;
}
