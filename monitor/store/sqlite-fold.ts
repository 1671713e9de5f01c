/** From the facts of a thread to its rows: at once while it is small, else when it has grown by a quarter, or is asked for. */

import { FileError } from '../../service/sqlite-error.ts';
import { factOf } from '../ledger/body.ts';
import type { Fact } from '../ledger/fact.ts';
import { fold } from '../ledger/fold.ts';
import { endOf, keptRuns } from './row.ts';
import { type Connection, pause } from './sqlite-connection.ts';
import { RollupChanges } from './sqlite-rollup.ts';
import type { Kept } from './sqlite-rows.ts';
import { executions, losses, orchestrations, replace, steps } from './sqlite-table.ts';

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
  const kept = ({ kept }: { kept: string }) => (fresh ? [] : connection.all<Kept>(kept, thread));
  const { runs, losses: lost } = keptRuns(rows);
  replace(connection, orchestrations, thread, runs, kept(orchestrations), rollups);
  replace(connection, executions, thread, rows.executions, kept(executions), rollups);
  replace(connection, steps, thread, rows.steps, kept(steps), rollups);
  replace(connection, losses, thread, lost, kept(losses), rollups);
  const hasSpans = facts.some(({ source }) => source === 'span') ? 1 : 0;
  connection.run(sql.folded, endOf(rows, facts), hasSpans, runs.length > 0 ? 1 : 0, facts.length, thread);
}

/** Threads of which facts wait. */
export function areWaiting(connection: Connection): boolean {
  return connection.get(sql.waiting) !== undefined;
}

/** Inside a transaction: folds whatever waits. */
export function foldWaiting(connection: Connection): void {
  const rollups = new RollupChanges();
  for (const { id } of connection.all<{ id: number }>(sql.waiting)) refold(connection, id, rollups);
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

/** Should nobody else be writing now: so that who reads next need not, and who reads the tables by SQL of his own finds all. */
export function foldQuietly(connection: Connection): void {
  try {
    if (areWaiting(connection)) connection.tryWrite(() => foldWaiting(connection), false);
  } catch {
    // Who reads next folds it.
  }
}

export const sql = {
  progress: 'SELECT folded, waiting FROM threads WHERE id = ?',
  wait: 'UPDATE threads SET waiting = waiting + ? WHERE id = ?',
  facts: 'SELECT body FROM facts WHERE thread = ?',
  folded: 'UPDATE threads SET ended_at = ?, has_spans = ?, has_run = ?, folded = ?, waiting = 0 WHERE id = ?',
  waiting: 'SELECT id FROM threads WHERE waiting > 0',
} as const;
