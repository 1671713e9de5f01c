/** Rows of the ledger as tables. */
import type { AgentExecution, Orchestration } from '../ledger/record.ts';
import type { Failure, Performance } from '../store/store.ts';
import { duration, errorText, money, number, oneLine, share, when } from '../words.ts';
import type { Given } from './command.ts';

type Reader = Pick<Given, 'screen' | 'now' | 'options'>;

const colours: Record<string, 'green' | 'red' | 'yellow' | 'cyan'> = {
  completed: 'green',
  failed: 'red',
  partial: 'yellow',
  running: 'cyan',
  in_progress: 'cyan',
};

export function runTable(runs: readonly Orchestration[], reader: Reader): string {
  const rows = [
    ['RUN', 'STATUS', 'BEGAN', 'TOOK', 'TASKS', 'COST', 'WHAT'],
    ...runs.map((run) => [
      oneLine(run.session_id),
      coloured(run.status, reader.screen),
      at(run.started_at, reader),
      duration(run.duration_ms),
      tasks(run),
      money(run.cost_micro_usd, run.unpriced_calls),
      oneLine(run.task_description ?? run.workflow_name),
    ]),
  ];
  return reader.screen.table(rows, ['TASKS']);
}

export function executionTable(executions: readonly AgentExecution[], reader: Reader): string {
  const rows = [
    ['EXECUTION', 'AGENT', 'TASK', 'STATUS', 'BEGAN', 'TOOK', 'TRIES', 'FILES', 'COST', 'ERROR'],
    ...executions.map((one) => [
      oneLine(one.agent_session_id),
      oneLine(one.agent_name),
      oneLine(one.task_id ?? one.operation ?? (one.task_number === null ? null : `${one.task_number}`)),
      coloured(`${one.status}${one.self_healed ? ', healed' : ''}`, reader.screen),
      at(one.started_at, reader),
      duration(one.duration_ms),
      `${one.retry_count + 1}`,
      one.files_created + one.files_modified === 0 ? '-' : `+${one.files_created} ~${one.files_modified}`,
      money(one.cost_micro_usd, one.unpriced_calls),
      errorText(one),
    ]),
  ];
  return reader.screen.table(rows, ['EXECUTION', 'FILES', 'TRIES']);
}

export function performanceTable(all: readonly Performance[], { screen }: Reader): string {
  const rows = [
    ['AGENT', 'OPERATION', 'TIMES', 'FAILED', 'PER HOUR', 'MIN', 'MEAN', 'P50', 'P95', 'P99', 'MAX', 'COST'],
    ...all.map((row) => [
      oneLine(row.agent_name),
      oneLine(row.operation),
      number(row.executions),
      row.failed === 0 ? '-' : screen.paint('red', `${number(row.failed)} (${share(row.error_rate)})`),
      row.per_hour.toFixed(row.per_hour < 10 ? 2 : 0),
      ...[row.min_ms, row.average_ms, row.p50_ms, row.p95_ms, row.p99_ms, row.max_ms].map(duration),
      money(row.cost_micro_usd),
    ]),
  ];
  return screen.table(rows, ['MIN', 'MEAN', 'MAX', 'PER HOUR', 'P99']);
}

export function failureTable(failures: readonly Failure[], reader: Reader): string {
  const rows = [
    ['FINGERPRINT', 'TIMES', 'FIRST', 'LAST', 'LOST', 'COST', 'LATEST RUN', 'ERROR'],
    ...failures.map((failure) => [
      failure.error_fingerprint || '-',
      number(failure.times),
      at(failure.first_at, reader),
      at(failure.last_at, reader),
      duration(failure.duration_ms),
      money(failure.cost_micro_usd),
      oneLine(failure.sessions[0] ?? null),
      errorText(failure),
    ]),
  ];
  return reader.screen.table(rows, ['FIRST', 'LOST', 'FINGERPRINT']);
}

/** A status in its colour; anything else as it is. */
export function coloured(word: string, screen: Given['screen']): string {
  const colour = colours[word.split(',')[0] as string];
  return colour ? screen.paint(colour, word) : word;
}

export function at(iso: string | null, { now, options }: Pick<Reader, 'now' | 'options'>): string {
  return when(iso, { now, absolute: options.absolute === true });
}

function tasks({ completed_tasks, failed_tasks, total_tasks }: Orchestration): string {
  if (total_tasks === 0) return '-';
  return `${completed_tasks}/${total_tasks}${failed_tasks > 0 ? `, ${failed_tasks} failed` : ''}`;
}
