/** Facts in, rows out: one transaction. */
import { bodyOf } from '../../ledger/body.ts';
import type { ApiFact, Fact } from '../../ledger/fact.ts';
import { linksOf } from '../../ledger/run-key.ts';
import { refoldCalls } from './call.ts';
import type { Connection } from './connection.ts';
import { mayWait, refold, tryRefold } from './fold.ts';
import { RollupChanges } from './rollup.ts';
import type { Kept } from './rows.ts';
import { unlessBroken } from './skip.ts';
import { executions, orchestrations, steps } from './table.ts';

/** Inside a transaction: keeps what is new, and folds every thread that it touched again. */
export function recordFacts(connection: Connection, facts: readonly Fact[]): void {
  const touched = new Map<number, Touched>();
  for (const fact of facts) {
    const { thread, fresh, merged } = threadOf(connection, fact);
    const isNew = connection.run(sql.keep, thread, fact.id, bodyOf(fact)) > 0;
    if (!isNew && merged.length === 0) continue;
    const seen: Touched = touched.get(thread) ?? { fresh, hasSpans: false, added: new Map(), calls: [] };
    touched.set(thread, seen);
    for (const other of merged) touched.delete(other);
    if (merged.length > 0) Object.assign(seen, { fresh: false, isMerged: true });
    seen.added.set(fact.id, fact);
    if (fact.source === 'api') seen.calls.push(fact);
    else seen.hasSpans = true;
  }
  const rollups = new RollupChanges();
  for (const [thread, { fresh, isMerged, hasSpans, added, calls }] of touched) {
    // A caller learns what is wrong with his call; a Collector would bring the same span for ever.
    const folded = hasSpans ? tryRefold : refold;
    if (fresh) folded(connection, thread, rollups, [...added.values()]);
    else if (isMerged) folded(connection, thread, rollups);
    else if (!hasSpans && refoldCalls(connection, thread, calls, rollups)) continue;
    else if (!mayWait(connection, thread, added.size)) folded(connection, thread, rollups);
  }
  rollups.write(connection);
}

interface Touched {
  /** It has no rows yet. */
  fresh: boolean;
  /** It was several. */
  isMerged?: boolean;
  hasSpans: boolean;
  /** Facts that are new, or others than they were: by id, of two the one that is believed. */
  readonly added: Map<string, Fact>;
  readonly calls: ApiFact[];
}

/** The thread of a fact: that of what it shares with others, made one where they were several. */
function threadOf(connection: Connection, fact: Fact) {
  const links = linksOf(fact);
  const found = links.map((link) => connection.get<{ thread: number }>(sql.threadOf, link)?.thread);
  const threads = new Set(found.filter((thread) => thread !== undefined));
  const [thread = newThread(connection), ...merged] = [...threads].sort((a, b) => a - b);
  for (const other of merged) {
    for (const move of sql.moves) connection.run(move, thread, other);
    connection.run(sql.forgetThread, other);
  }
  for (const [i, link] of links.entries()) if (found[i] === undefined) connection.run(sql.link, link, thread);
  return { thread, merged, fresh: threads.size === 0 };
}

function newThread(connection: Connection): number {
  return Number(connection.statement(sql.newThread).run().lastInsertRowid);
}

/** Inside a transaction: takes threads away with all that is theirs. @returns how much that was. */
export function removeThreads(connection: Connection, threads: readonly number[]) {
  const rollups = new RollupChanges();
  const removed = { orchestrations: 0, executions: 0, strays: 0 };
  for (const thread of threads) {
    const of = { runs: 0, executions: 0 };
    const isGone = unlessBroken(connection, { ...broken, thread }, rollups, (own) => {
      for (const run of connection.all<Kept>(orchestrations.kept, thread)) {
        orchestrations.count?.(own, run, -1);
        of.runs++;
      }
      for (const execution of connection.all<Kept>(executions.kept, thread)) {
        executions.count?.(own, execution, -1);
        of.executions++;
      }
      for (const step of connection.all<Kept>(steps.kept, thread)) steps.count?.(own, step, -1);
      for (const remove of sql.removeAll) connection.run(remove, thread);
    });
    if (!isGone) continue;
    removed.orchestrations += of.runs;
    removed.executions += of.executions;
    if (of.runs === 0) removed.strays++;
  }
  rollups.write(connection);
  return removed;
}

const broken = {
  action: 'remove what belongs together as',
  // It is not among those that have ended, until it is folded anew.
  instead: 'UPDATE threads SET ended_at = NULL WHERE id = ?',
};

export const sql = {
  threadOf: 'SELECT thread FROM links WHERE key = ?',
  newThread: 'INSERT INTO threads DEFAULT VALUES',
  link: 'INSERT INTO links VALUES (?, ?) ON CONFLICT DO NOTHING',
  keep: `INSERT INTO facts (thread, id, body) VALUES (?, ?, ?)
    ON CONFLICT DO UPDATE SET body = excluded.body WHERE excluded.body < body`,
  moves: ['links', 'facts', 'orchestrations', 'agent_executions', 'steps', 'losses'].map(
    (name) => `UPDATE ${name} SET thread = ? WHERE thread = ?`,
  ),
  forgetThread: 'DELETE FROM threads WHERE id = ?',
  /** Steps and executions of runs go with them; those of none do not. */
  removeAll: ['orchestrations', 'agent_executions', 'steps', 'links', 'facts']
    .map((name) => `DELETE FROM ${name} WHERE thread = ?`)
    .concat('DELETE FROM threads WHERE id = ?'),
} as const;
