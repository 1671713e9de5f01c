/** Which facts belong together, who is at work on them, and which fold is the latest: each a change of one document. */
import { randomUUID } from 'node:crypto';
import { unlessThere } from './error.ts';
import type { Collections, Thread } from './schema.ts';

/** A process that has not folded what it wrote after so long is dead. */
export const deadMs = 5 * 60_000;

/** Before everything. */
export const earliest = '0000-01-01T00:00:00.000Z';

/** Who is at work since when, as it is in `pending`. */
export function markOf(now: number): string {
  return `${now} ${randomUUID()}`;
}

export interface Begun {
  readonly root: string;
  /** The root among them. */
  readonly members: readonly string[];
  /** Of two folds of a thread, also of one that became part of it, the later has the greater number. */
  readonly number: number;
}

export class MongoThreads {
  readonly #threads: Collections['threads'];
  readonly #links: Collections['links'];
  readonly #finish: (root: string) => Promise<unknown>;

  /** @param finish takes away a thread that somebody began to take away. */
  constructor({ threads, links }: Collections, finish: (root: string) => Promise<unknown>) {
    this.#threads = threads;
    this.#links = links;
    this.#finish = finish;
  }

  /**
   * The thread of what shares these links, made one where they were several, and marked: until the mark is gone nobody takes it
   * away, and should we die, somebody folds it.
   * @param marked gets the threads that bear the mark.
   */
  async claim(
    links: readonly string[],
    mark: string,
    marked: Set<string>,
  ): Promise<{ thread: string; merged: boolean }> {
    for (let merged = false; ; ) {
      const found = await this.#links.find({ _id: { $in: [...links] } }).toArray();
      const roots = new Set<string>();
      for (const thread of new Set(found.map(({ thread }) => thread))) roots.add(await this.rootOf(thread));
      const [first, ...others] = [...roots].sort();
      const thread = first ?? (await this.#newThread(mark));
      if (first !== undefined) {
        const open = { _id: first, into: null, removed: false };
        const marking = { $addToSet: { pending: mark }, ...(others.length > 0 && { $set: { joined: true } }) };
        const { matchedCount } = await this.#threads.updateOne(open, marking);
        if (matchedCount === 0) {
          await this.#makeWay(first);
          continue;
        }
      }
      marked.add(thread);
      if (others.length > 0) merged = true;
      let isWhole = true;
      for (const other of others) {
        const joined = { _id: other, into: null, removed: false };
        const { matchedCount } = await this.#threads.updateOne(joined, { $set: { into: thread } });
        if (matchedCount === 0) isWhole = false;
        if (matchedCount === 0) await this.#makeWay(other);
      }
      const known = new Set(found.map(({ _id }) => _id));
      const fresh = links.filter((link) => !known.has(link)).map((_id) => ({ _id, thread }));
      // Another process may have made the link meanwhile, to a thread of its own: once more, to make both one.
      if (fresh.length > 0 && !(await unlessThere(() => this.#links.insertMany(fresh, { ordered: false })))) {
        isWhole = false;
        // All of them were faster: nobody would ever find the one that was made for it.
        if (first === undefined && !(await this.#links.findOne({ thread }))) {
          await this.#threads.deleteOne({ _id: thread });
          marked.delete(thread);
        }
      }
      if (isWhole) return { thread, merged };
    }
  }

  async #newThread(mark: string): Promise<string> {
    const _id = randomUUID();
    const nothing = { ended_at: null, orchestrations: 0, executions: 0, stray: 0 };
    const alone = { into: null, joined: false, removed: false };
    await this.#threads.insertOne({ _id, ...alone, fold: 0, pending: [mark], ...nothing });
    return _id;
  }

  /** Has become part of another one meanwhile, or is being taken away: by somebody who may be dead. */
  async #makeWay(thread: string): Promise<void> {
    const found = await this.#threads.findOne({ _id: thread });
    if (found?.removed) await this.#finish(thread);
    // The last thing that goes of a thread is itself.
    if (!found) await this.#links.deleteMany({ thread });
  }

  /** Somebody else is at work on it, or died there: what is known may not be folded. */
  async isUnfolded(thread: string, mark: string): Promise<boolean> {
    const members = await this.membersOf(await this.rootOf(thread));
    return members.some(({ pending }) => pending.some((one) => one !== mark));
  }

  /** @returns threads that somebody has taken away, because he took us for dead. */
  async release(mark: string, marked: ReadonlySet<string>): Promise<string[]> {
    const of = marked.size === 1 ? { _id: [...marked][0] as string } : { _id: { $in: [...marked] } };
    const { matchedCount } = await this.#threads.updateMany({ ...of, pending: mark }, { $pull: { pending: mark } });
    if (matchedCount >= marked.size) return [];
    const there = await this.#threads.find({ _id: { $in: [...marked] }, removed: false }).toArray();
    const left = new Set(there.map(({ _id }) => _id));
    return [...marked].filter((thread) => !left.has(thread));
  }

  async rootOf(thread: string): Promise<string> {
    for (let at = thread; ; ) {
      const found = await this.#threads.findOne({ _id: at }, { projection: { into: 1 } });
      if (!found?.into) return at;
      at = found.into;
    }
  }

  /** A thread, and all that became part of it. */
  async membersOf(root: string): Promise<Thread[]> {
    const members = await this.#threads.find({ _id: root }).toArray();
    for (let some = members.filter(isJoined); some.length > 0; some = some.filter(isJoined)) {
      some = await this.#threads.find({ into: { $in: some.map(({ _id }) => _id) } }).toArray();
      members.push(...some);
    }
    return members;
  }

  /**
   * A fold is numbered before it reads: whoever writes facts folds after that, so the highest number has seen everything, and
   * its rows stay, whichever is written last. Undefined: the thread is gone.
   */
  async begin(thread: string): Promise<Begun | undefined> {
    for (let root = thread; ; ) {
      const counted = await this.#threads.findOneAndUpdate(
        { _id: root, into: null, removed: false },
        { $inc: { fold: 1 } },
        { returnDocument: 'after' },
      );
      if (!counted) {
        const found = await this.#threads.findOne({ _id: root });
        if (!found || found.removed) return undefined;
        root = await this.rootOf(root);
        continue;
      }
      const members = counted.joined ? await this.membersOf(root) : [counted];
      const most = Math.max(...members.filter(({ _id }) => _id !== root).map(({ fold }) => fold));
      const begun = { root, members: members.map(({ _id }) => _id), number: counted.fold };
      if (counted.fold > most) return begun;
      await this.#threads.updateOne({ _id: root, into: null }, { $max: { fold: most } });
    }
  }

  /** @returns false: a later fold has begun. */
  async finish({ root, number }: Begun, told: Pick<Thread, 'ended_at' | 'orchestrations' | 'executions' | 'stray'>) {
    const { matchedCount } = await this.#threads.updateOne({ _id: root, into: null, fold: number }, { $set: told });
    return matchedCount > 0;
  }

  /** Those in which somebody died. */
  async abandoned(now: number): Promise<{ thread: string; dead: string[] }[]> {
    const latest = `${now - deadMs}`;
    const found = await this.#threads.find({ pending: { $lt: latest } }).toArray();
    return found.map(({ _id, pending }) => ({ thread: _id, dead: pending.filter((one) => one < latest) }));
  }

  async bury({ thread, dead }: { thread: string; dead: string[] }): Promise<void> {
    await this.#threads.updateOne({ _id: thread }, { $pullAll: { pending: dead } });
  }

  /** From now on nobody can add to it. @returns undefined: somebody is at work on it, or on what became part of it. */
  async condemn(root: string, beforeIso: string): Promise<Thread | undefined> {
    const members = await this.membersOf(root);
    const itself = members.find(({ _id }) => _id === root);
    if (!itself || members.some(({ pending }) => pending.length > 0)) return undefined;
    // Whoever made another one part of it marked it first, and folded it before the mark was gone.
    const unchanged = { _id: root, into: null, fold: itself.fold, pending: { $size: 0 }, ended_at: { $lt: beforeIso } };
    const { matchedCount } = await this.#threads.updateOne(unchanged, { $set: { removed: true } });
    return matchedCount === 0 ? undefined : itself;
  }
}

function isJoined({ joined }: Thread): boolean {
  return joined;
}
