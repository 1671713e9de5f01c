/** Rows counted by hour and by day of their start, kept current by who writes rows. */

import { Histogram } from '../histogram.ts';
import { type Countable, Sums, sumFields } from '../summary.ts';
import type { Connection } from './connection.ts';

/** How much of a time stands for the hour and for the day it is in. */
const grains = [
  ['hour', 13],
  ['day', 10],
] as const;

/**
 * - `execution`: by agent and operation. `workflow`: runs by `workflow_name`.
 * - `model`, `tool`: calls by what was called. `agentless`, `runless`: what calls outside of any execution, or run, spent.
 */
export type Kind = 'execution' | 'workflow' | 'model' | 'tool' | 'agentless' | 'runless';

interface Change {
  readonly key: readonly [kind: Kind, grain: string, at: string, name: string, operation: string];
  readonly sums: Sums;
  /** Of executions. */
  readonly durations: Histogram;
  /** Something was taken away. */
  less: boolean;
}

/** Changes to the rollups, collected over a transaction and written once. */
export class RollupChanges {
  readonly #changes = new Map<string, Change>();

  /** @param name of the agent, or what else it is counted under. Empty: it has none. */
  count(kind: Kind, name: string, operation: string, row: Countable & { started_at: string }, times: 1 | -1): void {
    for (const [grain, length] of grains) {
      const key = [kind, grain, row.started_at.slice(0, length), name, operation] as const;
      const id = key.join('\0');
      let change = this.#changes.get(id);
      if (!change) {
        change = { key, sums: new Sums(), durations: new Histogram(), less: false };
        this.#changes.set(id, change);
      }
      change.sums.count(row, times);
      if (kind === 'execution' && row.duration_ms !== null) change.durations.add(row.duration_ms, times);
      change.less ||= times < 0;
    }
  }

  /** Adds those of another one, which is not used any more. */
  merge(other: RollupChanges): void {
    for (const [id, change] of other.#changes) {
      const mine = this.#changes.get(id);
      if (mine) {
        mine.sums.add(change.sums);
        mine.durations.merge(change.durations);
        mine.less ||= change.less;
      } else this.#changes.set(id, change);
    }
  }

  write(connection: Connection): void {
    for (const { key, sums, durations, less } of this.#changes.values()) {
      let lengths = '';
      if (key[0] === 'execution') {
        const kept = connection.get<{ durations: string }>(sql.read, ...key);
        if (kept) durations.mergeText(kept.durations);
        lengths = durations.toString();
      }
      connection.run(sql.add, ...key, ...sumFields.map((field) => sums[field]), lengths);
      if (less) connection.run(sql.removeEmpty, ...key);
    }
    this.#changes.clear();
  }
}

/** Sums as JavaScript reads them, however great: an INTEGER above 2^53 is an error to it. */
export const summed = sumFields.map((field) => `CAST(${field} AS REAL) AS ${field}`).join(', ');

const key = 'kind = ? AND grain = ? AND at = ? AND agent_name = ? AND operation = ?';

/** A sum that is too great for SQLite stays at the greatest that it has. */
export const sql = {
  read: `SELECT durations FROM rollups WHERE ${key}`,
  add: `INSERT INTO rollups (kind, grain, at, agent_name, operation, ${sumFields}, durations)
    VALUES (?, ?, ?, ?, ?, ${sumFields.map(() => 'CAST(? AS INTEGER)')}, ?)
    ON CONFLICT DO UPDATE SET ${sumFields.map((field) => `${field} = CAST(${field} + excluded.${field} AS INTEGER)`)}, durations = excluded.durations`,
  removeEmpty: `DELETE FROM rollups WHERE ${key} AND unfinished + completed + failed + partial = 0`,
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
