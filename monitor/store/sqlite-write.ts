/** Facts in, rows out: one transaction. */
import { bodyOf, factOf } from '../ledger/body.ts';
import type { ApiFact, Fact } from '../ledger/fact.ts';
import { fold } from '../ledger/fold.ts';
import { linksOf } from '../ledger/run-key.ts';
import { endOf, keptRun } from './row.ts';
import { refoldCalls } from './sqlite-call.ts';
import type { Connection } from './sqlite-connection.ts';
import { RollupChanges } from './sqlite-rollup.ts';
import type { Kept } from './sqlite-rows.ts';
import { executions, orchestrations, replace, steps } from './sqlite-table.ts';

/** Inside a transaction: keeps what is new, and folds every thread that it touched again. */
export function recordFacts(connection: Connection, facts: readonly Fact[]): void {
  const touched = new Map<number, Touched>();
  for (const fact of facts) {
    const { thread, fresh, merged } = threadOf(connection, fact);
    const isNew = connection.run(sql.keep, thread, fact.id, bodyOf(fact)) > 0;
    if (!isNew && merged.length === 0) continue;
    const seen = touched.get(thread) ?? { fresh, isWhole: fresh, calls: [] };
    touched.set(thread, seen);
    for (const other of merged) touched.delete(other);
    if (merged.length > 0) Object.assign(seen, { fresh: false, isWhole: true });
    if (fact.source === 'api') seen.calls.push(fact);
    else if (isNew) seen.isWhole = true;
  }
  const rollups = new RollupChanges();
  for (const [thread, { fresh, isWhole, calls }] of touched)
    if (isWhole || !refoldCalls(connection, thread, calls, rollups)) refold(connection, thread, fresh, rollups);
  rollups.write(connection);
}

interface Touched {
  /** It has no rows yet. */
  fresh: boolean;
  /** Its rows are to be made anew, all of them. */
  isWhole: boolean;
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

/** @param fresh it has no rows yet. */
function refold(connection: Connection, thread: number, fresh: boolean, rollups: RollupChanges): void {
  const facts = connection.all<{ body: string }>(sql.facts, thread).map(({ body }) => factOf(body));
  const rows = fold(facts);
  const kept = ({ kept }: { kept: string }) => (fresh ? [] : connection.all<Kept>(kept, thread));
  const runs = rows.orchestrations.map(keptRun(rows.executions));
  replace(connection, orchestrations, thread, runs, kept(orchestrations), rollups);
  replace(connection, executions, thread, rows.executions, kept(executions), rollups);
  replace(connection, steps, thread, rows.steps, kept(steps), rollups);
  const hasSpans = facts.some(({ source }) => source === 'span') ? 1 : 0;
  connection.run(sql.ended, endOf(rows, facts), hasSpans, thread);
}

/** Inside a transaction: takes threads away with all that is theirs. @returns how much that was. */
export function removeThreads(connection: Connection, threads: readonly number[]) {
  const rollups = new RollupChanges();
  let [gone, goneExecutions] = [0, 0];
  for (const thread of threads) {
    for (const run of connection.all<Kept>(orchestrations.kept, thread)) {
      orchestrations.count?.(rollups, run, -1);
      gone++;
    }
    for (const execution of connection.all<Kept>(executions.kept, thread)) {
      executions.count?.(rollups, execution, -1);
      goneExecutions++;
    }
    for (const remove of sql.removeAll) connection.run(remove, thread);
  }
  rollups.write(connection);
  return { orchestrations: gone, executions: goneExecutions };
}

export const sql = {
  threadOf: 'SELECT thread FROM links WHERE key = ?',
  newThread: 'INSERT INTO threads DEFAULT VALUES',
  link: 'INSERT INTO links VALUES (?, ?) ON CONFLICT DO NOTHING',
  keep: `INSERT INTO facts (thread, id, body) VALUES (?, ?, ?)
    ON CONFLICT DO UPDATE SET body = excluded.body WHERE excluded.body < body`,
  facts: 'SELECT body FROM facts WHERE thread = ?',
  moves: ['links', 'facts', 'orchestrations', 'agent_executions', 'steps'].map(
    (name) => `UPDATE ${name} SET thread = ? WHERE thread = ?`,
  ),
  forgetThread: 'DELETE FROM threads WHERE id = ?',
  ended: 'UPDATE threads SET ended_at = ?, has_spans = ? WHERE id = ?',
  /** Steps and executions of runs go with them; those of none do not. */
  removeAll: ['orchestrations', 'agent_executions', 'steps', 'links', 'facts']
    .map((name) => `DELETE FROM ${name} WHERE thread = ?`)
    .concat('DELETE FROM threads WHERE id = ?'),
} as const;
