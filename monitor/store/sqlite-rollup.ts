/** Rows counted by hour and by day of their start, kept current by who writes rows. */

import { Histogram } from './histogram.ts';
import type { Connection } from './sqlite-connection.ts';
import { type Counted, Sums, sumFields } from './summary.ts';

/** How much of a time stands for the hour and for the day it is in. */
const grains = { hour: 13, day: 10 } as const;

/** Changes to the rollups, collected over a transaction and written once. */
export class RollupChanges {
  readonly #changes = new Map<string, { key: string[]; sums: Sums; durations: Histogram }>();

  count(row: Counted, times: 1 | -1): void {
    for (const [grain, length] of Object.entries(grains)) {
      const key = [row.kind, grain, row.started_at.slice(0, length), row.agent_name, row.operation];
      const name = key.join('\0');
      const change = this.#changes.get(name) ?? { key, sums: new Sums(), durations: new Histogram() };
      this.#changes.set(name, change);
      change.sums.count(row, times);
      if (row.duration_ms !== null) change.durations.add(row.duration_ms, times);
    }
  }

  write(connection: Connection): void {
    for (const { key, sums, durations } of this.#changes.values()) {
      const kept = connection.get<Sums & { durations: string }>(sql.read, ...key);
      if (kept) {
        sums.add(kept);
        durations.merge(Histogram.parse(kept.durations));
      }
      if (sums.total === 0) connection.run(sql.remove, ...key);
      else connection.run(sql.write, ...key, ...sumFields.map((field) => sums[field]), durations.toString());
    }
    this.#changes.clear();
  }
}

const key = 'kind = ? AND grain = ? AND at = ? AND agent_name = ? AND operation = ?';

export const sql = {
  read: `SELECT ${sumFields}, durations FROM rollups WHERE ${key}`,
  write: `INSERT OR REPLACE INTO rollups VALUES (?, ?, ?, ?, ?, ${sumFields.map(() => '?')}, ?)`,
  remove: `DELETE FROM rollups WHERE ${key}`,
} as const;

/** A part of a window, and what it is read from. `from` and `to` are as long as the grain's own. */
export interface Piece {
  readonly grain: 'day' | 'hour' | 'row';
  readonly from: string;
  /** Not included. */
  readonly to: string;
}

/** A window in as few pieces as cover it: whole days, whole hours beside them, rows at its ends. */
export function pieces(sinceIso: string | undefined, untilIso: string | undefined): Piece[] {
  const [since, until] = [sinceIso ?? earliest, untilIso ?? latest];
  const [fromHour, toHour] = [up(since, 'hour'), down(until, 'hour')];
  if (fromHour >= toHour) return since < until ? [{ grain: 'row', from: since, to: until }] : [];
  const [fromDay, toDay] = [up(fromHour, 'day'), down(toHour, 'day')];
  const hours = (from: string, to: string): Piece => ({ grain: 'hour', from: from.slice(0, 13), to: to.slice(0, 13) });
  const middle: Piece[] =
    fromDay >= toDay
      ? [hours(fromHour, toHour)]
      : [
          hours(fromHour, fromDay),
          { grain: 'day', from: fromDay.slice(0, 10), to: toDay.slice(0, 10) },
          hours(toDay, toHour),
        ];
  const ends: Piece[] = [
    { grain: 'row', from: since, to: fromHour },
    { grain: 'row', from: toHour, to: until },
  ];
  return [...ends, ...middle].filter(({ from, to }) => from < to);
}

const [earliest, latest] = ['0000-01-01T00:00:00.000Z', '9999-12-31T00:00:00.000Z'];

const lengths = { hour: 3_600_000, day: 86_400_000 };

function down(iso: string, grain: 'hour' | 'day'): string {
  return new Date(Math.floor(Date.parse(iso) / lengths[grain]) * lengths[grain]).toISOString();
}

function up(iso: string, grain: 'hour' | 'day'): string {
  return new Date(Math.ceil(Date.parse(iso) / lengths[grain]) * lengths[grain]).toISOString();
}
