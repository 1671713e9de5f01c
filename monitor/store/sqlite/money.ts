/** What money went to, and what it bought nothing with: from rollups and kept losses. */
import { type AbandonedRun, abandonedAfterMs, abandonmentOf, type LostWork } from '../../ledger/losses.ts';
import { CostSummary } from '../cost-summary.ts';
import type { Cost, CostBy, Loss, Window } from '../store.ts';
import { type Countable, Sums } from '../summary.ts';
import type { Connection } from './connection.ts';
import { newestOf } from './newest.ts';
import { type Kind, pieces, summed } from './rollup.ts';
import { statusOf } from './table.ts';

export function costs(connection: Connection, by: CostBy, { sinceIso, untilIso }: Window): Cost[] {
  const summary = new CostSummary();
  const { kind, name, rest } = sources[by];
  for (const { grain, from, to } of pieces(sinceIso, untilIso)) {
    if (grain === 'row') {
      countRows(connection, by, summary, from, to);
      continue;
    }
    for (const row of connection.all<Named>(sql.rollups, kind, grain, from, to)) summary.add(row[name], row);
    for (const row of connection.all<Named>(sql.rollups, rest, grain, from, to)) summary.addRest(row);
  }
  return summary.rows();
}

type Named = Sums & { readonly agent_name: string; readonly operation: string };

const sources: Record<CostBy, { kind: Kind; name: 'agent_name' | 'operation'; rest: Kind }> = {
  agent: { kind: 'execution', name: 'agent_name', rest: 'agentless' },
  task: { kind: 'execution', name: 'operation', rest: 'agentless' },
  workflow: { kind: 'workflow', name: 'agent_name', rest: 'runless' },
  model: { kind: 'model', name: 'agent_name', rest: 'tool' },
  tool: { kind: 'tool', name: 'agent_name', rest: 'model' },
};

/** At the ends of a window, where no whole hour is. */
function countRows(connection: Connection, by: CostBy, summary: CostSummary, from: string, to: string): void {
  if (by === 'agent' || by === 'task')
    for (const row of connection.all<ExecutionSpent>(sql.executions, from, to))
      summary.count(by === 'agent' ? row.agent_name : row.operation, row);
  if (by === 'workflow')
    for (const row of connection.all<RunSpent>(sql.runs, from, to)) summary.count(row.workflow_name, row);
  for (const { outcome, ...call } of connection.all<CallSpent>(sql.calls, from, to)) {
    const row = { ...call, status: statusOf(outcome) };
    if (by === call.kind) summary.count(call.name, row);
    else if (by === 'model' || by === 'tool') summary.countRest(row);
    else if (by === 'workflow' ? call.orchestration_id === null : call.execution_id === null) summary.countRest(row);
  }
}

type ExecutionSpent = Countable & { readonly agent_name: string; readonly operation: string | null };
type RunSpent = Countable & { readonly workflow_name: string | null };
type CallSpent = Omit<Countable, 'status'> & {
  readonly kind: 'model' | 'tool';
  readonly name: string;
  readonly outcome: 'success' | 'failure' | 'cancelled' | null;
  readonly execution_id: string | null;
  readonly orchestration_id: string | null;
};

/** @param now ms since 1970: a run that has been silent for long by then is abandoned. */
export function losses(connection: Connection, window: Window, now: number): Loss[] {
  const { sinceIso = earliest, untilIso = latest } = window;
  const silentSince = new Date(now - abandonedAfterMs).toISOString();
  const kinds = connection.all<KindSums>(sql.kinds, sinceIso, untilIso, silentSince).map((kind): Loss => {
    const { reason, error_fingerprint, times, duration_ms, priced, nano_usd } = kind;
    const newest = newestOf(connection, sql.newest, reason, error_fingerprint, sinceIso, untilIso, silentSince);
    const cost_micro_usd = priced === 0 ? null : nano_usd / 1000;
    return { reason, error_fingerprint, times, cost_micro_usd, duration_ms, ...newest };
  });
  return [...kinds, ...abandoned(connection, sinceIso, untilIso, silentSince)].sort(dearestFirst);
}

interface KindSums extends Pick<LostWork, 'reason' | 'error_fingerprint' | 'duration_ms'> {
  readonly times: number;
  readonly priced: number;
  readonly nano_usd: number;
}

/** Few: nothing has been heard of them, and they have not ended. */
function abandoned(connection: Connection, sinceIso: string, untilIso: string, silentSince: string): Loss[] {
  const runs = connection
    .all<AbandonedRun & { session_id: string }>(sql.silent, silentSince, sinceIso, untilIso)
    .sort((a, b) => (a.started_at < b.started_at || (a.started_at === b.started_at && a.id < b.id) ? 1 : -1));
  if (runs.length === 0) return [];
  const sums = new Sums();
  for (const run of runs) sums.count({ ...abandonmentOf(run), status: 'failed' }, 1);
  return [
    {
      ...{ reason: 'abandoned', error_fingerprint: null, error_type: null, error_message: null, times: runs.length },
      ...{ cost_micro_usd: sums.cost, duration_ms: sums.duration_ms },
      sessions: runs.slice(0, 5).map(({ session_id }) => session_id),
    },
  ];
}

function dearestFirst(a: Loss, b: Loss): number {
  const [one, other] = [a, b].map(({ reason, error_fingerprint }) => `${reason} ${error_fingerprint ?? ''}`) as [
    string,
    string,
  ];
  return (b.cost_micro_usd ?? -1) - (a.cost_micro_usd ?? -1) || b.duration_ms - a.duration_ms || (one < other ? -1 : 1);
}

/** Before and after everything. */
const [earliest, latest] = ['0000-01-01T00:00:00.000Z', '9999-12-31T00:00:00.000Z'];

const spent = 'duration_ms, cost_micro_usd, input_tokens, output_tokens, unpriced_calls';
const between = 'started_at >= ? AND started_at < ?';
/** What failed in a run that was given up is part of what it lost. */
const known = `at >= ? AND at < ?
  AND orchestration_id NOT IN (SELECT id FROM orchestrations INDEXED BY orchestrations_silent WHERE status = 'running' AND heard_at < ?)`;

export const sql = {
  rollups: `SELECT agent_name, operation, ${summed} FROM rollups
    WHERE kind = ? AND grain = ? AND at >= ? AND at < ?`,
  executions: `SELECT agent_name, operation, status, ${spent} FROM agent_executions WHERE ${between}`,
  runs: `SELECT workflow_name, status, ${spent} FROM orchestrations WHERE ${between}`,
  calls: `SELECT kind, name, outcome, execution_id, orchestration_id, ${spent} FROM steps INDEXED BY steps_calls
    WHERE kind IN ('model', 'tool') AND ${between}`,
  kinds: `SELECT reason, error_fingerprint, count(*) AS times, count(cost_micro_usd) AS priced,
      round(total(cost_micro_usd) * 1000) AS nano_usd, total(duration_ms) AS duration_ms
    FROM losses INDEXED BY losses_kind WHERE ${known} GROUP BY reason, error_fingerprint`,
  newest: `SELECT at, losses.id, session_id, error_type, losses.error_message
    FROM losses CROSS JOIN orchestrations ON orchestrations.id = orchestration_id
    WHERE reason = ? AND losses.error_fingerprint IS ? AND ${known} ORDER BY at DESC, losses.id DESC`,
  silent: `SELECT id, session_id, started_at, heard_at, cost_micro_usd FROM orchestrations INDEXED BY orchestrations_silent
    WHERE status = 'running' AND heard_at < ? AND ${between}`,
} as const;
