/** From the facts of a thread to its rows: at once while it is small, else when it has grown by a quarter, or is asked for. */

import { FileError } from '../../../service/sqlite-error.ts';
import { factOf } from '../../ledger/body.ts';
import type { Fact } from '../../ledger/fact.ts';
import { fold } from '../../ledger/fold.ts';
import { endOf, keptRuns } from '../row.ts';
import { type Connection, pause } from './connection.ts';
import { RollupChanges } from './rollup.ts';
import type { Kept } from './rows.ts';
import { unlessBroken } from './skip.ts';
import { executions, losses, orchestrations, replace, steps } from './table.ts';

/** A thread of fewer facts is folded with each record. */
const small = 200;

/**
 * To fold a thread takes as long as it has facts. One that grows for hours is folded so rarely that all its folds together
 * take a few times as long as one; until then its facts wait, durable, and whoever reads folds them first.
 * @param added how many facts are new. @returns whether it waits.
 */
export function mayWait(connection: Connection, thread: number, added: number): boolean {
  const { folded = 0, waiting = 0 } = connection.get<{ folded: number; waiting: number }>(sql.progress, thread) ?? {};
  if (folded < small || (waiting + added) * 4 >= folded) return false;
  connection.run(sql.wait, added, thread);
  return true;
}

/** @param fresh all its facts, of a thread that has no rows yet. */
export function refold(connection: Connection, thread: number, rollups: RollupChanges, fresh?: readonly Fact[]): void {
  const facts = fresh ?? connection.all<{ body: string }>(sql.facts, thread).map(({ body }) => factOf(body));
  const rows = fold(facts);
  const keptOf = ({ kept }: { kept: string }) => (fresh ? [] : connection.all<Kept>(kept, thread));
  // All of them first: with a run that is no more SQLite deletes what was its, and nobody would count it back.
  const kept = [orchestrations, executions, steps, losses].map(keptOf) as [Kept[], Kept[], Kept[], Kept[]];
  const { runs, losses: lost } = keptRuns(rows);
  replace(connection, orchestrations, thread, runs, kept[0], rollups);
  replace(connection, executions, thread, rows.executions, kept[1], rollups);
  replace(connection, steps, thread, rows.steps, kept[2], rollups);
  replace(connection, losses, thread, lost, kept[3], rollups);
  const hasSpans = facts.some(({ source }) => source === 'span') ? 1 : 0;
  connection.run(sql.folded, endOf(rows, facts), hasSpans, runs.length > 0 ? 1 : 0, facts.length, thread);
}

/** Where nobody is there who could be told that it cannot be: whoever told of it would tell the same again, for ever. */
export function tryRefold(
  connection: Connection,
  thread: number,
  rollups: RollupChanges,
  fresh?: readonly Fact[],
): void {
  unlessBroken(connection, { ...broken, thread }, rollups, (own) => refold(connection, thread, own, fresh));
}

const broken = {
  action: 'fold what belongs together as',
  // As if one had heard of it now: it waits for nobody, and goes with a cleanup in its time.
  instead: `UPDATE threads SET waiting = 0, ended_at = max(ifnull(ended_at, ''), strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) WHERE id = ?`,
};

/** Threads of which facts wait. */
export function areWaiting(connection: Connection): boolean {
  return connection.get(sql.waiting) !== undefined;
}

/** Inside a transaction: folds whatever waits. */
export function foldWaiting(connection: Connection): void {
  const rollups = new RollupChanges();
  for (const { id } of connection.all<{ id: number }>(sql.waiting)) tryRefold(connection, id, rollups);
  rollups.write(connection);
}

/** How long a reader waits for who writes, to fold what waits. */
const patienceMs = 2000;

/** Where it cannot be (a full disk, a file that somebody holds on to), readers see the ledger as it was a moment ago. */
export function foldBeforeRead(connection: Connection): void {
  try {
    for (const since = performance.now(); !connection.tryWrite(() => foldWaiting(connection), false); pause())
      if (performance.now() - since > patienceMs) return;
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
  }
}

/** Should nobody else be writing now: so that who reads next need not, and who reads the tables by SQL of his own finds all. @returns whether it did. */
export function foldQuietly(connection: Connection): boolean {
  try {
    return areWaiting(connection) && connection.tryWrite(() => foldWaiting(connection), false) !== undefined;
  } catch {
    // Who reads next folds it.
    return false;
  }
}

export const sql = {
  progress: 'SELECT folded, waiting FROM threads WHERE id = ?',
  wait: 'UPDATE threads SET waiting = waiting + ? WHERE id = ?',
  facts: 'SELECT body FROM facts WHERE thread = ?',
  folded: 'UPDATE threads SET ended_at = ?, has_spans = ?, has_run = ?, folded = ?, waiting = 0 WHERE id = ?',
  waiting: 'SELECT id FROM threads WHERE waiting > 0',
} as const;
