/** Rows of the ledger as SQLite keeps them: columns by their names, booleans as 0 and 1, details as JSON. */
import type { SQLInputValue } from 'node:sqlite';
import type { LostWork } from '../../ledger/losses.ts';
import type { AgentExecution, Orchestration, Step } from '../../ledger/record.ts';

export const orchestrationColumns = [
  'id',
  'session_id',
  'task_description',
  'status',
  'started_at',
  'completed_at',
  'duration_ms',
  'total_tasks',
  'completed_tasks',
  'failed_tasks',
  'git_commit_hash',
  'plan_file_path',
  'progress_file_path',
  'workflow_name',
  'service_name',
  'environment',
  'trace_id',
  'error_message',
  'error_fingerprint',
  'cost_micro_usd',
  'input_tokens',
  'output_tokens',
  'unpriced_calls',
] as const satisfies (keyof Orchestration)[];

export const executionColumns = [
  'id',
  'orchestration_id',
  'agent_session_id',
  'agent_name',
  'task_id',
  'task_number',
  'status',
  'started_at',
  'completed_at',
  'duration_ms',
  'retry_count',
  'self_healed',
  'files_created',
  'files_modified',
  'error_message',
  'summary_report_path',
  'session_log_path',
  'parent_id',
  'operation',
  'trace_id',
  'span_id',
  'error_type',
  'error_fingerprint',
  'cost_micro_usd',
  'input_tokens',
  'output_tokens',
  'unpriced_calls',
] as const satisfies (keyof AgentExecution)[];

export const stepColumns = [
  'id',
  'orchestration_id',
  'execution_id',
  'parent_id',
  'kind',
  'name',
  'started_at',
  'completed_at',
  'duration_ms',
  'attempt',
  'outcome',
  'error_type',
  'cost_micro_usd',
  'input_tokens',
  'output_tokens',
  'unpriced_calls',
  'details',
] as const satisfies (keyof Step)[];

export const lossColumns = [
  'id',
  'orchestration_id',
  'reason',
  'at',
  'error_fingerprint',
  'error_type',
  'error_message',
  'cost_micro_usd',
  'duration_ms',
] as const satisfies (keyof LostWork)[];

export type Kept = Record<string, SQLInputValue>;

/** The values of these columns, as SQLite takes them. */
export function valuesOf<Row extends object>(row: Row, columns: readonly (keyof Row)[]): SQLInputValue[] {
  return columns.map((column) => {
    const value = row[column];
    if (typeof value === 'boolean') return value ? 1 : 0;
    if (typeof value === 'object' && value !== null) return JSON.stringify(value);
    return value as SQLInputValue;
  });
}

export function orchestrationOf(row: Kept): Orchestration {
  return { ...row } as unknown as Orchestration;
}

export function executionOf(row: Kept): AgentExecution {
  return { ...row, self_healed: row.self_healed === 1 } as unknown as AgentExecution;
}

export function stepOf(row: Kept): Step {
  return { ...row, details: JSON.parse(row.details as string) } as unknown as Step;
}
