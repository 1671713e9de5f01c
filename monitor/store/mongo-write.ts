/** Facts in, rows out, where no more than one document changes at once: every step may be the last before a crash. */
import { randomUUID } from 'node:crypto';
import type { Collection, Db } from 'mongodb';
import { MongoBulkWriteError, MongoServerError } from 'mongodb';
import { bodyOf, factOf } from '../ledger/body.ts';
import type { Fact } from '../ledger/fact.ts';
import { fold } from '../ledger/fold.ts';
import type { AgentExecution, Step } from '../ledger/record.ts';
import { linksOf } from '../ledger/run-key.ts';
import { endOf, type KeptRun, keptRun } from './row.ts';

/** A row, of which thread it is, and which fold wrote it: of two, the later one has seen more. */
export type Kept<Row> = Omit<Row, 'id'> & { readonly _id: string; readonly thread: string; readonly fold: number };

interface Thread {
  readonly _id: string;
  /** Which thread it has become part of; always one with a smaller id. */
  readonly into: string | null;
  /** When the last of its runs ended. */
  readonly ended_at: string | null;
  /** Who has written facts and not folded them yet: `<ms since 1970> <uuid>`. One that stays was killed. */
  readonly pending: readonly string[];
}

/** A process that has not folded what it wrote after so long is dead. */
const deadMs = 5 * 60_000;

/** A server that is busy with one command for seconds is taken for dead. */
const writtenAtOnce = 100;

export class MongoWriter {
  readonly #threads: Collection<Thread>;
  readonly #links: Collection<{ _id: string; thread: string }>;
  readonly #facts: Collection<{ _id: string; thread: string; body: string }>;
  readonly #folds: Collection<{ _id: string; number: number }>;
  readonly orchestrations: Collection<Kept<KeptRun>>;
  readonly executions: Collection<Kept<AgentExecution>>;
  readonly steps: Collection<Kept<Step>>;

  constructor(database: Db) {
    this.#threads = database.collection('threads');
    this.#links = database.collection('links');
    this.#facts = database.collection('facts');
    this.#folds = database.collection('folds');
    this.orchestrations = database.collection('orchestrations');
    this.executions = database.collection('agent_executions');
    this.steps = database.collection('steps');
  }

  /** Makes the indexes, and folds what a killed process left unfolded. */
  async prepare(): Promise<void> {
    // One by one: FerretDB breaks on two in one command that are there already.
    await this.#threads.createIndex({ into: 1 });
    await this.#threads.createIndex({ ended_at: 1 });
    await this.#threads.createIndex({ 'pending.0': 1 }, { sparse: true });
    await this.#links.createIndex({ thread: 1 });
    await this.#facts.createIndex({ thread: 1 });
    await this.orchestrations.createIndex({ thread: 1 });
    await this.executions.createIndex({ thread: 1 });
    await this.steps.createIndex({ thread: 1 });
    await this.orchestrations.createIndex({ session_id: 1 });
    await this.orchestrations.createIndex({ started_at: 1, _id: 1 });
    await this.orchestrations.createIndex({ status: 1, started_at: 1, _id: 1 });
    await this.executions.createIndex({ agent_session_id: 1 });
    await this.executions.createIndex({ started_at: 1, _id: 1 });
    await this.executions.createIndex({ orchestration_id: 1, started_at: 1, _id: 1 });
    await this.executions.createIndex({ agent_name: 1, started_at: 1, _id: 1 });
    await this.executions.createIndex({ status: 1, started_at: 1 });
    await this.steps.createIndex({ orchestration_id: 1, started_at: 1, _id: 1 });
    const left = await this.#threads.find({ 'pending.0': { $exists: true } }).toArray();
    for (const { _id, pending } of left) {
      const dead = pending.filter((one) => Date.now() - Number.parseInt(one, 10) > deadMs);
      if (dead.length === 0) continue;
      await this.#fold(_id);
      await this.#threads.updateOne({ _id }, { $pull: { pending: { $in: dead } } });
    }
  }

  async record(facts: readonly Fact[]): Promise<void> {
    const mine = `${Date.now()} ${randomUUID()}`;
    const touched = new Set<string>();
    const byThread = new Map<string, Fact[]>();
    for (const { links, facts: some } of together(facts)) {
      const { thread, merged } = await this.#threadOf([...links]);
      if (merged) touched.add(thread);
      byThread.set(thread, [...(byThread.get(thread) ?? []), ...some]);
    }
    await inTurns([...byThread], async ([thread, some]) => {
      const before = await this.#threads.findOneAndUpdate(
        { _id: thread },
        { $push: { pending: mine } },
        { returnDocument: 'before' },
      );
      if ((await this.#keep(thread, some)) || (before?.pending.length ?? 0) > 0) touched.add(thread);
    });
    await inTurns([...touched], (thread) => this.#fold(thread));
    await this.#threads.updateMany({ _id: { $in: [...byThread.keys()] } }, { $pull: { pending: mine } });
  }

  /** @returns whether anything is new. */
  async #keep(thread: string, facts: readonly Fact[]): Promise<boolean> {
    const bodies = facts.map((fact) => ({ _id: fact.id, thread, body: bodyOf(fact) }));
    try {
      await this.#facts.insertMany(bodies, { ordered: false });
      return true;
    } catch (error) {
      if (!isThere(error)) throw error;
      let isNew = (error as MongoBulkWriteError).insertedCount > 0;
      // Of two that claim one id the smaller is believed, whoever was first.
      const kept = await this.#facts.find({ _id: { $in: bodies.map(({ _id }) => _id) } }).toArray();
      const greater = new Map(kept.map(({ _id, body }) => [_id, body]));
      for (const { _id, body } of bodies) {
        if ((greater.get(_id) ?? body) <= body) continue;
        await this.#facts.updateOne({ _id, body: greater.get(_id) as string }, { $set: { body } });
        isNew = true;
      }
      return isNew;
    }
  }

  /** The thread of a fact: that of what it shares with others, made one where they were several. */
  async #threadOf(links: readonly string[]): Promise<{ thread: string; merged: boolean }> {
    for (;;) {
      const found = await this.#links.find({ _id: { $in: [...links] } }).toArray();
      const roots = new Set<string>();
      for (const { thread } of found) roots.add(await this.#rootOf(thread));
      const [thread = await this.#newThread(), ...others] = [...roots].sort();
      for (const other of others) await this.#threads.updateOne({ _id: other, into: null }, { $set: { into: thread } });
      const known = new Set(found.map(({ _id }) => _id));
      const fresh = links.filter((link) => !known.has(link)).map((_id) => ({ _id, thread }));
      const raced = fresh.length > 0 && !(await unlessThere(() => this.#links.insertMany(fresh, { ordered: false })));
      // Another process has made the link meanwhile, to a thread of its own: once more, to make both one.
      if (!raced) return { thread, merged: others.length > 0 };
    }
  }

  async #newThread(): Promise<string> {
    const _id = randomUUID();
    await this.#threads.insertOne({ _id, into: null, ended_at: null, pending: [] });
    return _id;
  }

  async #rootOf(thread: string): Promise<string> {
    for (let at = thread; ; ) {
      const found = await this.#threads.findOne({ _id: at });
      if (!found?.into) return at;
      at = found.into;
    }
  }

  /** A thread and all that became part of it. */
  async #membersOf(root: string): Promise<string[]> {
    const members = [root];
    for (let some = [root]; some.length > 0; members.push(...some))
      some = (await this.#threads.find({ into: { $in: some } }).toArray()).map(({ _id }) => _id);
    return members;
  }

  /**
   * Reads all facts of a thread, and writes its rows. Numbered before it reads: whoever writes facts folds after that, so
   * the highest number has seen everything, and its rows stay, whichever is written last.
   */
  async #fold(thread: string): Promise<void> {
    const counted = await this.#folds.findOneAndUpdate(
      { _id: 'last' },
      { $inc: { number: 1 } },
      { upsert: true, returnDocument: 'after' },
    );
    const number = counted?.number ?? 1;
    const root = await this.#rootOf(thread);
    const members = await this.#membersOf(root);
    const facts = (await this.#facts.find({ thread: { $in: members } }).toArray()).map(({ body }) => factOf(body));
    const rows = fold(facts);
    const write = async <Row extends { id: string }>(into: Collection<Kept<Row>>, all: readonly Row[]) => {
      const of = into as unknown as Collection<{ _id: string; thread: string; fold: number }>;
      const replacements = all.map(({ id, ...row }) => ({
        replaceOne: {
          filter: { _id: id, fold: { $lt: number } },
          replacement: { ...row, thread: root, fold: number },
          upsert: true,
        },
      }));
      // One that is there already is a later fold's.
      for (let i = 0; i < replacements.length; i += writtenAtOnce)
        await unlessThere(() => of.bulkWrite(replacements.slice(i, i + writtenAtOnce), { ordered: false }));
      await of.deleteMany({ thread: { $in: members }, fold: { $lt: number } });
    };
    await write<KeptRun>(this.orchestrations, rows.orchestrations.map(keptRun(rows.executions)));
    await write<AgentExecution>(this.executions, rows.executions);
    await write<Step>(this.steps, rows.steps);
    await this.#threads.updateOne({ _id: root }, { $set: { ended_at: endOf(rows, facts) } });
  }

  /** Threads whose runs all ended before, so many at a time. */
  async removable(beforeIso: string, limit: number): Promise<string[]> {
    const found = this.#threads.find({ into: null, ended_at: { $lt: beforeIso } }, { limit, projection: { _id: 1 } });
    return (await found.toArray()).map(({ _id }) => _id);
  }

  async counted(roots: readonly string[]): Promise<{ orchestrations: number; executions: number }> {
    const counts = { orchestrations: 0, executions: 0 };
    for (const root of roots) {
      const of = { thread: { $in: await this.#membersOf(root) } };
      counts.orchestrations += await this.orchestrations.countDocuments(of);
      counts.executions += await this.executions.countDocuments(of);
    }
    return counts;
  }

  async remove(root: string): Promise<{ orchestrations: number; executions: number }> {
    const of = { thread: { $in: await this.#membersOf(root) } };
    // Facts last but one: what is killed in between is removed by the next cleanup.
    const { deletedCount: executions } = await this.executions.deleteMany(of);
    const { deletedCount: orchestrations } = await this.orchestrations.deleteMany(of);
    await this.steps.deleteMany(of);
    await this.#facts.deleteMany(of);
    await this.#links.deleteMany(of);
    await this.#threads.deleteMany({ _id: of.thread });
    return { orchestrations, executions };
  }
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

/** False when the id is taken. */
async function unlessThere(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (error) {
    if (isThere(error)) return false;
    throw error;
  }
}

/** All that went wrong is that ids are taken. A connection that broke in the middle names no id at all. */
function isThere(error: unknown): boolean {
  if (error instanceof MongoBulkWriteError) {
    const errors = [error.writeErrors].flat();
    return errors.length > 0 && errors.every(({ code }) => code === 11000);
  }
  return error instanceof MongoServerError && error.code === 11000;
}
