/** Rows of the ledger as CSV (RFC 4180), with the columns of the tables. */
import type { AgentExecution, Orchestration, Step } from '../ledger/record.ts';

/** In the order of ledger/record.ts. An object, so that the compiler misses none. */
const columns = {
  orchestrations: keysOf<Orchestration>({
    ...{ id: 1, session_id: 1, task_description: 1, status: 1, started_at: 1, completed_at: 1, duration_ms: 1 },
    ...{ total_tasks: 1, completed_tasks: 1, failed_tasks: 1 },
    ...{ git_commit_hash: 1, plan_file_path: 1, progress_file_path: 1 },
    ...{ workflow_name: 1, service_name: 1, environment: 1, trace_id: 1, error_message: 1, error_fingerprint: 1 },
    ...{ cost_micro_usd: 1, input_tokens: 1, output_tokens: 1, unpriced_calls: 1 },
  }),
  agent_executions: keysOf<AgentExecution>({
    ...{ id: 1, orchestration_id: 1, agent_session_id: 1, agent_name: 1, task_id: 1, task_number: 1, status: 1 },
    ...{ started_at: 1, completed_at: 1, duration_ms: 1, retry_count: 1, self_healed: 1 },
    ...{ files_created: 1, files_modified: 1, error_message: 1, summary_report_path: 1, session_log_path: 1 },
    ...{ parent_id: 1, operation: 1, trace_id: 1, span_id: 1, error_type: 1, error_fingerprint: 1 },
    ...{ cost_micro_usd: 1, input_tokens: 1, output_tokens: 1, unpriced_calls: 1 },
  }),
  steps: keysOf<Step>({
    ...{ id: 1, orchestration_id: 1, execution_id: 1, parent_id: 1, kind: 1, name: 1 },
    ...{ started_at: 1, completed_at: 1, duration_ms: 1, attempt: 1, outcome: 1, error_type: 1 },
    ...{ cost_micro_usd: 1, input_tokens: 1, output_tokens: 1, unpriced_calls: 1, details: 1 },
  }),
};

type Table = keyof typeof columns;

export function csvHead(table: Table): string {
  return `${columns[table].join(',')}\r\n`;
}

export function csvRow(table: Table, row: object): string {
  return `${columns[table].map((column) => cell((row as Record<string, unknown>)[column])).join(',')}\r\n`;
}

/** Rows of anything else, with their head. */
export function csvText(names: readonly string[], rows: readonly object[]): string {
  return [names, ...rows.map((row) => names.map((name) => cell((row as Record<string, unknown>)[name])))]
    .map((cells) => `${cells.join(',')}\r\n`)
    .join('');
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'string')
    return typeof value === 'object' ? quoted(shown(JSON.stringify(value))) : String(value);
  const text = shown(value);
  // A spreadsheet would run a text as a formula that begins so (OWASP, CSV injection).
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) || safe === '' ? quoted(safe) : safe;
}

/** Somebody will look at it at a terminal. */
function shown(text: string): string {
  return text.replace(/[^\P{Cc}\t\r\n]/gu, '\uFFFD');
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

function keysOf<Row>(row: Record<keyof Row, 1>): string[] {
  return Object.keys(row);
}
