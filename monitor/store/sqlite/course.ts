/** A course from rollups, from rows at the ends of the window. */
import { CourseSummary } from '../course.ts';
import type { Course, Sample, Stretch, Window } from '../store.ts';
import type { RollupRow } from '../summary.ts';
import type { Connection } from './connection.ts';
import { pieces, summed } from './rollup.ts';

export function courseOf(
  connection: Connection,
  stretch: Stretch,
  { sinceIso, untilIso }: Window,
  agentName: string | undefined,
): Course[] {
  const summary = new CourseSummary(stretch);
  const whose = agentName === undefined ? [] : [agentName];
  const text = whose.length === 0 ? sql : ofAgent;
  for (const { grain, from, to } of pieces(sinceIso, untilIso)) {
    if (grain === 'row') {
      for (const row of connection.all<Sample>(text.rows, from, to, ...whose)) summary.count(row);
      continue;
    }
    // A day is made of hours; a sum over hours is not made of days.
    const isTooWide = grain === 'day' && stretch === 'hour';
    const [least, most] = isTooWide ? [`${from}T00`, `${to}T00`] : [from, to];
    const rollups = connection.all<RollupRow & { at: string }>(
      ...[text.rollups, isTooWide ? 'hour' : grain, least, most, ...whose],
    );
    for (const row of rollups) summary.add(row.at, row, row.durations);
  }
  return summary.rows();
}

const rows = `SELECT status, started_at, duration_ms, cost_micro_usd FROM agent_executions
  WHERE started_at >= ? AND started_at < ?`;
const rollups = `SELECT at, ${summed}, durations FROM rollups WHERE kind = 'execution' AND grain = ? AND at >= ? AND at < ?`;

export const sql = { rows, rollups } as const;
export const ofAgent = { rows: `${rows} AND agent_name = ?`, rollups: `${rollups} AND agent_name = ?` } as const;
