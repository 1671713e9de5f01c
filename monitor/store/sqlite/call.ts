/** The short way for calls of `getMonitor()`: a run of a thousand agents is not folded anew for each of them. */
import { factOf } from '../../ledger/body.ts';
import type { ApiFact } from '../../ledger/fact.ts';
import { fold } from '../../ledger/fold.ts';
import { runOf } from '../../ledger/fold-run.ts';
import type { AgentExecution } from '../../ledger/record.ts';
import { keptRuns } from '../row.ts';
import type { Connection } from './connection.ts';
import type { RollupChanges } from './rollup.ts';
import { executionColumns, type Kept } from './rows.ts';
import { executions, losses, orchestrations, replace } from './table.ts';

/**
 * Where a thread is one run that has no telemetry, a call changes one execution, and what the run adds up to. Gives the rows
 * that folding all of it would give.
 * @returns false: this is no such thread; nothing was changed.
 */
export function refoldCalls(
  connection: Connection,
  thread: number,
  calls: readonly ApiFact[],
  rollups: RollupChanges,
): boolean {
  if (connection.get<{ has_spans: number }>(sql.hasSpans, thread)?.has_spans !== 0) return false;
  const [run, ...others] = connection.all<Kept>(orchestrations.kept, thread);
  if (!run || others.length > 0) return false;
  const session = run.session_id as string;
  const agents = [...new Set(calls.map((call) => call.agent_session_id ?? ''))];
  const ofRun = factsIn(connection, thread, [`start run ${session}`, `end run ${session}`]);
  const ofAgents = factsIn(
    connection,
    thread,
    agents.flatMap((agent) => [`start agent ${agent}`, `end agent ${agent}`]),
  );
  // A call that is called otherwise is another's: it goes the long way.
  const known = new Set([...ofRun, ...ofAgents].map(({ id }) => id));
  if (!calls.every(({ id }) => known.has(id))) return false;

  const changed = fold([...ofRun, ...ofAgents]).executions;
  if (changed.some(({ orchestration_id }) => orchestration_id !== run.id)) return false;
  const before = changed.map(({ id }) => connection.get<Kept>(sql.execution, id)).filter((row) => row !== undefined);
  replace(connection, executions, thread, changed, before, rollups);

  const [start, end] = ['start', 'end'].map((half) => ofRun.find(({ id }) => id === `${half} run ${session}`));
  const all = connection.all<Summed>(sql.ofRun, run.id as string) as unknown as AgentExecution[];
  const row = runOf({ session, start, end, roots: [] }, all, []);
  const { runs, losses: lost } = keptRuns({ orchestrations: [row], executions: all, steps: [] });
  replace(connection, orchestrations, thread, runs, [run], rollups);
  replace(connection, losses, thread, lost, connection.all<Kept>(losses.kept, thread), rollups);
  // Every call is the beginning or the end of a row: of nothing else one has heard.
  connection.run(sql.ended, runs[0]?.heard_at ?? row.started_at, calls.length, thread);
  return true;
}

function factsIn(connection: Connection, thread: number, ids: readonly string[]): ApiFact[] {
  const found = ids.flatMap((id) => connection.get<{ body: string }>(sql.fact, thread, id) ?? []);
  return found.map(({ body }) => factOf(body) as ApiFact);
}

/** What a run without telemetry adds up of its executions, and what tells what it lost. */
const summed = [
  'id',
  'orchestration_id',
  'agent_name',
  'parent_id',
  'operation',
  'task_id',
  'task_number',
  'status',
  'started_at',
  'completed_at',
  'retry_count',
  'cost_micro_usd',
  'error_type',
  'error_message',
  'error_fingerprint',
] as const satisfies (keyof AgentExecution)[];

type Summed = Pick<AgentExecution, (typeof summed)[number]>;

export const sql = {
  hasSpans: 'SELECT has_spans FROM threads WHERE id = ?',
  fact: 'SELECT body FROM facts WHERE thread = ? AND id = ?',
  execution: `SELECT ${executionColumns} FROM agent_executions WHERE id = ?`,
  ofRun: `SELECT ${summed} FROM agent_executions WHERE orchestration_id = ? ORDER BY started_at, id`,
  ended: 'UPDATE threads SET ended_at = ?, folded = folded + ? WHERE id = ?',
} as const;
