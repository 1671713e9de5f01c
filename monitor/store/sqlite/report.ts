/** Sums, computed where the rows are: from rollups where hours and days are whole, from rows at the ends of the window. */

import type { Failure, Health, Performance, Sample, Window } from '../store.ts';
import { exactly, healthOf, hoursIn, PerformanceSummary, type RollupRow, Sums, sumFields } from '../summary.ts';
import type { Connection } from './connection.ts';
import { newestOf } from './newest.ts';
import { type Piece, pieces, summed } from './rollup.ts';

export function health(connection: Connection, sinceIso: string): Health {
  const [runs, executions] = [new Sums(), new Sums()];
  for (const piece of pieces(sinceIso, undefined)) {
    const { from, to } = piece;
    if (piece.grain === 'row') {
      for (const run of connection.all<Sample>(sql.runsBetween, from, to)) runs.count(run, 1);
      for (const execution of connection.all<Sample>(sql.executionsBetween, from, to)) executions.count(execution, 1);
    } else {
      for (const sums of connection.all<Sums>(sql.sums, 'workflow', piece.grain, from, to)) runs.add(sums);
      for (const sums of connection.all<Sums>(sql.sums, 'execution', piece.grain, from, to)) executions.add(sums);
    }
  }
  return healthOf(runs, executions);
}

/** @param now ms since 1970: where a window without an end ends. */
export function performanceOf(connection: Connection, window: Window, now: number, agentName?: string): Performance[] {
  const { sinceIso = earliest, untilIso = latest } = window;
  // Whether percentiles are exact does not depend on whose are asked for.
  const few = countOf(connection, window) <= exactly;
  const whose = agentName === undefined ? [] : [agentName];
  const text = agentName === undefined ? sql : ofAgent;
  const summary = new PerformanceSummary(few);
  const rowPiece: Piece = { grain: 'row', from: sinceIso, to: untilIso };
  for (const { grain, from, to } of few ? [rowPiece] : pieces(sinceIso, untilIso)) {
    if (grain === 'row')
      for (const row of connection.all<Sample>(text.executionsBetween, from, to, ...whose)) summary.count(row);
    else
      for (const row of connection.all<RollupRow>(text.rollups, 'execution', grain, from, to, ...whose))
        summary.add(row);
  }
  const begin = window.sinceIso ?? connection.get<{ at: string }>(sql.firstBegin)?.at;
  return summary.rows(hoursIn(begin, window.untilIso, now));
}

/** Failed executions, and failed runs in which no execution failed, by fingerprint; the newest kind first. */
export function failures(connection: Connection, limit: number, { sinceIso = earliest, untilIso = latest }: Window) {
  const kinds = new Map<string, FailedSums>();
  for (const text of [sql.failedExecutions, sql.failedRuns]) {
    for (const row of connection.all<FailedSums>(text, sinceIso, untilIso)) {
      const other = kinds.get(row.error_fingerprint);
      kinds.set(row.error_fingerprint, other ? together(other, row) : row);
    }
  }
  const newest = [...kinds.values()].sort(
    (a, b) =>
      (a.last_at < b.last_at ? 1 : a.last_at > b.last_at ? -1 : 0) ||
      (a.error_fingerprint < b.error_fingerprint ? -1 : 1),
  );
  return newest.slice(0, Math.max(0, limit)).map(({ priced, nano_usd, ...kind }): Failure => {
    const of = [kind.error_fingerprint, sinceIso, untilIso];
    const { error_type, error_message, sessions } = newestOf(connection, sql.newestOfKind, ...of, ...of);
    return {
      ...{ error_fingerprint: kind.error_fingerprint, error_type, error_message },
      ...{ times: kind.times, first_at: kind.first_at, last_at: kind.last_at },
      cost_micro_usd: priced === 0 ? null : nano_usd / 1000,
      ...{ duration_ms: kind.duration_ms, sessions },
    };
  });
}

interface FailedSums {
  readonly error_fingerprint: string;
  readonly times: number;
  readonly first_at: string;
  readonly last_at: string;
  readonly priced: number;
  readonly nano_usd: number;
  readonly duration_ms: number;
}

function together(a: FailedSums, b: FailedSums): FailedSums {
  return {
    error_fingerprint: a.error_fingerprint,
    times: a.times + b.times,
    first_at: a.first_at < b.first_at ? a.first_at : b.first_at,
    last_at: a.last_at > b.last_at ? a.last_at : b.last_at,
    priced: a.priced + b.priced,
    nano_usd: a.nano_usd + b.nano_usd,
    duration_ms: a.duration_ms + b.duration_ms,
  };
}

/**
 * All of the window, or about `most` of them, drawn evenly. Ids are hashes (ledger/run-key.ts): so many of them as begin low are
 * a share of all, the same share of whatever was written when.
 */
export function samples(
  connection: Connection,
  { sinceIso = earliest, untilIso = latest }: Window,
  most: number,
): Sample[] {
  if (most <= 0) return [];
  const total = countOf(connection, { sinceIso, untilIso });
  if (total <= most) return connection.all<Sample>(sql.samples, sinceIso, untilIso);
  // Four deviations fewer than may be, so that the limit cuts nothing off the end.
  const share = Math.max(1, most - 4 * Math.sqrt(most)) / total;
  const bound = `exec-${Math.floor(share * 2 ** 32)
    .toString(16)
    .padStart(8, '0')}`;
  return connection.all<Sample>(
    share <= 1 / 8 ? sql.thinnedOut : sql.thinned,
    sinceIso,
    untilIso,
    bound,
    Math.floor(most),
  );
}

/** How many executions began in it. */
function countOf(connection: Connection, { sinceIso, untilIso }: Window): number {
  const sums = new Sums();
  let rows = 0;
  for (const { grain, from, to } of pieces(sinceIso, untilIso)) {
    if (grain === 'row') rows += connection.get<{ count: number }>(sql.countBetween, from, to)?.count ?? 0;
    else for (const some of connection.all<Sums>(sql.sums, 'execution', grain, from, to)) sums.add(some);
  }
  return rows + sums.total;
}

/** Before and after everything. */
const [earliest, latest] = ['0000-01-01T00:00:00.000Z', '9999-12-31T00:00:00.000Z'];

const between = 'started_at >= ? AND started_at < ?';
const sampled = 'agent_name, operation, status, started_at, duration_ms, cost_micro_usd';
const failedSums = `error_fingerprint, count(*) AS times, min(started_at) AS first_at, max(started_at) AS last_at,
  count(cost_micro_usd) AS priced, round(total(cost_micro_usd) * 1000) AS nano_usd,
  total(duration_ms) AS duration_ms`;

/** Every statement, each on the index that plan.test.ts says. */
export const sql = {
  runsBetween: `SELECT status, duration_ms, cost_micro_usd FROM orchestrations WHERE ${between}`,
  executionsBetween: `SELECT ${sampled} FROM agent_executions WHERE ${between}`,
  countBetween: `SELECT count(*) AS count FROM agent_executions WHERE ${between}`,
  firstBegin: 'SELECT started_at AS at FROM agent_executions ORDER BY started_at LIMIT 1',
  sums: `SELECT ${sumFields.map((field) => `total(${field}) AS ${field}`)} FROM rollups
    WHERE kind = ? AND grain = ? AND at >= ? AND at < ? HAVING count(*) > 0`,
  rollups: `SELECT agent_name, operation, ${summed}, durations FROM rollups
    WHERE kind = ? AND grain = ? AND at >= ? AND at < ?`,
  failedExecutions: `SELECT ${failedSums} FROM agent_executions INDEXED BY agent_executions_failed
    WHERE error_fingerprint IS NOT NULL AND ${between} GROUP BY error_fingerprint`,
  failedRuns: `SELECT ${failedSums} FROM orchestrations INDEXED BY orchestrations_failed_alone
    WHERE failed_alone = 1 AND ${between} GROUP BY error_fingerprint`,
  newestOfKind: `SELECT e.started_at AS at, e.id AS id, r.session_id, e.error_type, e.error_message
      FROM agent_executions e LEFT JOIN orchestrations r ON r.id = e.orchestration_id
      WHERE e.error_fingerprint = ? AND e.started_at >= ? AND e.started_at < ?
    UNION ALL
    SELECT started_at, id, session_id, NULL, error_message FROM orchestrations
      WHERE failed_alone = 1 AND error_fingerprint = ? AND ${between}
    ORDER BY at DESC, id DESC`,
  samples: `SELECT ${sampled} FROM agent_executions WHERE ${between} ORDER BY started_at`,
  thinned: `SELECT ${sampled} FROM agent_executions INDEXED BY agent_executions_started
    WHERE ${between} AND id < ? LIMIT ?`,
  thinnedOut: `SELECT ${sampled} FROM agent_executions INDEXED BY agent_executions_eighth
    WHERE ${between} AND id < 'exec-2' AND id < ? LIMIT ?`,
} as const;

/** The same of one agent. */
export const ofAgent = {
  executionsBetween: `${sql.executionsBetween} AND agent_name = ?`,
  rollups: `${sql.rollups} AND agent_name = ?`,
} as const;
