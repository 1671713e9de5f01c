/** Facts in, rows out, where no more than one document changes at once: every step may be the last before a crash. */
import type { Collection, Db, MongoBulkWriteError } from 'mongodb';
import { bodyOf, factOf } from '../../ledger/body.ts';
import type { Fact } from '../../ledger/fact.ts';
import { fold, type Rows } from '../../ledger/fold.ts';
import { linksOf } from '../../ledger/run-key.ts';
import { endOf, keptRuns } from '../row.ts';
import { isThere, unlessThere } from './error.ts';
import { type Collections, collectionsOf, sorted, summed } from './schema.ts';
import { type Begun, deadMs, earliest, MongoThreads, markOf } from './thread.ts';

/** A server that is busy with one command for seconds is taken for dead. */
const writtenAtOnce = 100;

/**
 * Without transactions, so that one server without a replica set is enough, and no run has to fit into one (a minute; its rows
 * and facts are documents of their own, far below 16 MB). What holds, and who repairs:
 * - `record` answers when facts and rows are on most machines. Anything that goes wrong on the way is an error, and it may be
 *   repeated: what is there is there once, by its id.
 * - Before facts are written their thread is marked, and the mark goes when it is folded. Who dies in between leaves it, and the
 *   facts; of the rows some may be new and some those of before. They are made anew by whoever brings the same facts again, or
 *   any of the thread; else, when the mark is older than `deadMs`, by whoever opens the ledger, cleans up, or writes.
 * - Of two folds of a thread the one with the greater number stays (thread.ts), whichever writes last.
 * - A cleanup closes a thread before it takes it away. Who dies in between leaves it to the next one, or to who brings more of it.
 * - A reader may come between the documents of a fold. The run comes last: one that is new has its executions and steps.
 */
export class MongoWriter {
  readonly #now: () => number;
  readonly #of: Collections;
  readonly #threads: MongoThreads;
  #repairedAt = 0;

  constructor(database: Db, now: () => number) {
    this.#now = now;
    this.#of = collectionsOf(database);
    this.#threads = new MongoThreads(this.#of, (root) => this.#takeAway(root));
  }

  async record(facts: readonly Fact[]): Promise<void> {
    if (this.#now() - this.#repairedAt > deadMs) await this.repair();
    for (;;) {
      const gone = await this.#recordMarked(facts);
      if (gone.length === 0) return;
      // It took so long that somebody took us for dead, and then away what it belonged to: again, all of it.
      for (const thread of gone) await this.#takeAway(thread);
    }
  }

  /** Folds what killed processes left unfolded. */
  async repair(): Promise<void> {
    this.#repairedAt = this.#now();
    for (const left of await this.#threads.abandoned(this.#now())) {
      await this.#fold(left.thread);
      await this.#threads.bury(left);
    }
  }

  async #recordMarked(facts: readonly Fact[]): Promise<string[]> {
    const mark = markOf(this.#now());
    const marked = new Set<string>();
    const touched = new Set<string>();
    const byThread = new Map<string, Fact[]>();
    await inTurns([...together(facts)], async ({ links, facts: some }) => {
      const { thread, merged } = await this.#threads.claim([...links], mark, marked);
      if (merged) touched.add(thread);
      byThread.set(thread, [...(byThread.get(thread) ?? []), ...some]);
    });
    await inTurns([...byThread], async ([thread, some]) => {
      const isNew = await this.#keep(thread, some);
      if (isNew || (!touched.has(thread) && (await this.#threads.isUnfolded(thread, mark)))) touched.add(thread);
    });
    await inTurns([...touched], (thread) => this.#fold(thread));
    return this.#threads.release(mark, marked);
  }

  /** @returns whether anything is new. */
  async #keep(thread: string, facts: readonly Fact[]): Promise<boolean> {
    const bodies = facts.map((fact) => ({ _id: fact.id, thread, body: bodyOf(fact) }));
    try {
      await this.#of.facts.insertMany(bodies, { ordered: false });
      return true;
    } catch (error) {
      if (!isThere(error)) throw error;
      let isNew = (error as MongoBulkWriteError).insertedCount > 0;
      // Of two that claim one id the smaller is believed, whoever was first.
      const kept = await this.#of.facts.find({ _id: { $in: bodies.map(({ _id }) => _id) } }).toArray();
      const there = new Map(kept.map(({ _id, body }) => [_id, body]));
      for (const { _id, body } of bodies) {
        for (let other = there.get(_id); other !== undefined && body < other; ) {
          isNew = true;
          const { matchedCount } = await this.#of.facts.updateOne({ _id, body: other }, { $set: { body } });
          other = matchedCount > 0 ? undefined : (await this.#of.facts.findOne({ _id }))?.body;
        }
      }
      return isNew;
    }
  }

  /** Reads all facts of a thread, and writes its rows. */
  async #fold(thread: string): Promise<void> {
    const begun = await this.#threads.begin(thread);
    if (!begun) return;
    const { facts, rows } = await this.#read(begun.members);
    const written = documentsOf(rows);
    await Promise.all(parts.map((part) => this.#write(this.#of[part], written[part], begun)));
    await this.#write(this.#of.orchestrations, written.orchestrations, begun);
    const isLast = await this.#threads.finish(begun, {
      ended_at: facts.length === 0 ? earliest : endOf(rows, facts),
      orchestrations: rows.orchestrations.length,
      executions: rows.executions.length,
      stray: rows.orchestrations.length === 0 && facts.length > 0 ? 1 : 0,
    });
    if (!isLast) await this.#tidyUp(begun);
  }

  async #read(members: readonly string[]): Promise<{ facts: Fact[]; rows: Rows }> {
    const found = await this.#of.facts.find({ thread: { $in: [...members] } }).toArray();
    const facts = found.map(({ body }) => factOf(body));
    return { facts, rows: fold(facts) };
  }

  async #write(collection: object, documents: readonly Document[], { root, members, number }: Begun): Promise<void> {
    const into = collection as Collection<Document & { thread: string; fold: number }>;
    for (let from = 0; from < documents.length; from += writtenAtOnce) {
      let left = documents.slice(from, from + writtenAtOnce);
      while (left.length > 0) {
        const replacements = left.map((document) => ({
          replaceOne: {
            filter: { _id: document._id, fold: { $lt: number } },
            replacement: { ...document, thread: root, fold: number },
            upsert: true,
          },
        }));
        if (await unlessThere(() => into.bulkWrite(replacements, { ordered: false }))) break;
        // One that is there already is a later fold's; or an earlier one's that came in between, and is replaced then.
        const ids = left.map(({ _id }) => _id);
        const found = await into
          .find({ _id: { $in: ids }, fold: { $gte: number } }, { projection: { _id: 1 } })
          .toArray();
        const later = new Set(found.map(({ _id }) => _id));
        left = left.filter(({ _id }) => !later.has(_id));
      }
    }
    if (number > 1) await into.deleteMany({ thread: { $in: [...members] }, fold: { $lt: number } });
  }

  /** A later fold may have looked for rows that are no more before this one wrote them. */
  async #tidyUp({ root, number }: Begun): Promise<void> {
    const members = await this.#threads.membersOf(await this.#threads.rootOf(root));
    const { rows } = await this.#read(members.map(({ _id }) => _id));
    const known = documentsOf(rows);
    for (const part of [...parts, 'orchestrations'] as const) {
      const mine = this.#of[part] as unknown as Collection<Document & { thread: string; fold: number }>;
      const ids = known[part].map(({ _id }) => _id);
      await mine.deleteMany({ thread: root, fold: number, _id: { $nin: ids } });
    }
  }

  /** Threads that ended before, so many at a time. */
  async removable(beforeIso: string, limit: number): Promise<string[]> {
    const found = this.#of.threads.find(ended(beforeIso), { limit, projection: { _id: 1 } });
    return (await found.toArray()).map(({ _id }) => _id);
  }

  /** How much that is. */
  async counted(beforeIso: string): Promise<Removed> {
    // One by one: FerretDB 1.24 gives the documents of a group to the first sum alone.
    const sum = async (field: 'orchestrations' | 'executions' | 'stray') => {
      const stages = [{ $match: ended(beforeIso) }, { $group: { _id: null, sum: { $sum: `$${field}` } } }];
      const [found] = await this.#of.threads.aggregate<{ sum: number }>(stages).toArray();
      return found?.sum ?? 0;
    };
    return {
      orchestrations: await sum('orchestrations'),
      executions: await sum('executions'),
      strays: await sum('stray'),
    };
  }

  /** Undefined: it is in use again. */
  async remove(root: string, beforeIso: string): Promise<Removed | undefined> {
    const condemned = await this.#threads.condemn(root, beforeIso);
    return condemned && { ...(await this.#takeAway(root)), strays: condemned.stray };
  }

  /** What is killed in between goes on with the next one to come across it. */
  async #takeAway(root: string): Promise<Omit<Removed, 'strays'>> {
    const others = (await this.#threads.membersOf(root)).map(({ _id }) => _id).filter((_id) => _id !== root);
    const of = { thread: { $in: [root, ...others] } };
    const { deletedCount: orchestrations } = await this.#of.orchestrations.deleteMany(of);
    const { deletedCount: executions } = await this.#of.executions.deleteMany(of);
    await this.#of.steps.deleteMany(of);
    await this.#of.losses.deleteMany(of);
    // Whoever finds a link finds the thread, and that it is closed.
    await this.#of.facts.deleteMany(of);
    await this.#of.links.deleteMany(of);
    await this.#of.threads.deleteMany({ _id: { $in: others } });
    await this.#of.threads.deleteOne({ _id: root });
    return { orchestrations, executions };
  }
}

export interface Removed {
  readonly orchestrations: number;
  readonly executions: number;
  readonly strays: number;
}

type Document = { readonly _id: string };

const parts = ['executions', 'steps', 'losses'] as const;

/** Rows as they are kept. */
function documentsOf(rows: Rows) {
  const { runs, losses } = keptRuns(rows);
  const sessions = new Map(runs.map(({ id, session_id }) => [id, session_id]));
  return {
    orchestrations: runs.map(({ id: _id, ...row }) => ({ _id, ...row, sums: summed(row) })),
    executions: rows.executions.map(({ id: _id, ...row }) => ({ _id, ...row, sums: sorted({ id: _id, ...row }) })),
    steps: rows.steps.map(({ id: _id, ...row }) => ({ _id, ...row, sums: summed(row) })),
    losses: losses.map(({ id: _id, ...loss }) => {
      return { _id, ...loss, session_id: sessions.get(loss.orchestration_id) };
    }),
  };
}

function ended(beforeIso: string) {
  return { into: null, pending: { $size: 0 }, ended_at: { $lt: beforeIso } };
}

interface Together {
  readonly links: Set<string>;
  readonly facts: Fact[];
}

/** Facts that share a link, directly or by way of others, so that each thread is looked for once. */
function together(facts: readonly Fact[]): Set<Together> {
  const byLink = new Map<string, Together>();
  for (const fact of facts) {
    const links = linksOf(fact);
    const found = [...new Set(links.flatMap((link) => byLink.get(link) ?? []))];
    // The smaller ones become part of the greatest.
    const [all = { links: new Set<string>(), facts: [] }, ...others] = found.sort(
      (a, b) => b.links.size - a.links.size,
    );
    all.facts.push(fact, ...others.flatMap((other) => other.facts));
    for (const link of [...links, ...others.flatMap((other) => [...other.links])]) {
      all.links.add(link);
      byLink.set(link, all);
    }
  }
  return new Set(byLink.values());
}

/** Some at a time: each waits for the network more than it works. */
async function inTurns<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  for (let i = 0; i < all.length; i += 16) await Promise.all(all.slice(i, i + 16).map(work));
}
