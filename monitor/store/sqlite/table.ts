/** The tables of rows, and how a thread's rows become others. */
import type { LostWork } from '../../ledger/losses.ts';
import type { AgentExecution, Step } from '../../ledger/record.ts';
import type { HeardRun } from '../row.ts';
import type { Connection } from './connection.ts';
import type { RollupChanges } from './rollup.ts';
import { executionColumns, type Kept, lossColumns, orchestrationColumns, stepColumns, valuesOf } from './rows.ts';

export interface Table<Row extends { readonly id: string }> {
  readonly columns: readonly (keyof Row & string)[];
  readonly kept: string;
  readonly put: string;
  readonly remove: string;
  readonly count?: (rollups: RollupChanges, row: Row | Kept, times: 1 | -1) => void;
}

/** Writes what differs from the rows before, and nothing else. */
export function replace<Row extends { readonly id: string }>(
  connection: Connection,
  { columns, put, remove, count }: Table<Row>,
  thread: number,
  rows: readonly Row[],
  kept: readonly Kept[],
  rollups: RollupChanges,
): void {
  const before = new Map(kept.map((row) => [row.id as string, row]));
  for (const row of rows) {
    const values = valuesOf(row, columns);
    const old = before.get(row.id);
    before.delete(row.id);
    if (old && columns.every((column, at) => old[column] === values[at])) continue;
    if (old) count?.(rollups, old, -1);
    connection.run(put, ...values, thread);
    count?.(rollups, row, 1);
  }
  for (const [id, old] of before) {
    count?.(rollups, old, -1);
    connection.run(remove, thread, id);
  }
}

function table<Row extends { readonly id: string }>(
  name: string,
  columns: readonly (keyof Row & string)[],
  count?: Table<Row>['count'],
): Table<Row> {
  const all = [...columns, 'thread'];
  return {
    columns,
    kept: `SELECT ${columns} FROM ${name} WHERE thread = ?`,
    put: `INSERT INTO ${name} (${all}) VALUES (${all.map(() => '?')})
      ON CONFLICT DO UPDATE SET ${all.slice(1).map((column) => `${column} = excluded.${column}`)}`,
    remove: `DELETE FROM ${name} WHERE thread = ? AND id = ?`,
    ...(count && { count }),
  };
}

export const orchestrations = table<HeardRun>(
  'orchestrations',
  [...orchestrationColumns, 'failed_alone', 'heard_at'],
  (rollups, row, times) => {
    const run = row as HeardRun;
    rollups.count('workflow', run.workflow_name ?? '', '', run, times);
  },
);
export const executions = table<AgentExecution>('agent_executions', executionColumns, (rollups, row, times) => {
  const execution = row as AgentExecution;
  rollups.count('execution', execution.agent_name, execution.operation ?? '', execution, times);
});
export const steps = table<Step>('steps', stepColumns, countStep);
export const losses = table<LostWork>('losses', lossColumns);

function countStep(rollups: RollupChanges, row: Step | Kept, times: 1 | -1): void {
  const step = row as Step;
  const { kind, name, outcome, execution_id, orchestration_id } = step;
  if (kind !== 'model' && kind !== 'tool') return;
  const counted = { ...step, status: statusOf(outcome) };
  rollups.count(kind, name, '', counted, times);
  if (execution_id === null) rollups.count('agentless', '', '', counted, times);
  if (orchestration_id === null) rollups.count('runless', '', '', counted, times);
}

/** As sums count it. */
export function statusOf(outcome: Step['outcome']): string {
  return outcome === 'failure' ? 'failed' : outcome === 'success' ? 'completed' : 'unfinished';
}
