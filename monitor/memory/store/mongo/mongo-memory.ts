/** Memory in MongoDB: several machines, one of it. It asks no more of MongoDB than that one document changes at once. */
import type { Db, MongoClient } from 'mongodb';
import { unlessThere } from '../../../store/mongo/error.ts';
import { useDatabase } from '../../../store/mongo/use-database.ts';
import { beginOf } from '../../periods.ts';
import type { Finding, Override, Snapshot } from '../../record.ts';
import { lacking } from '../lacking.ts';
import type { Batch, Between, Job, MemoryStore } from '../memory-store.ts';
import { periodOf, unitOf } from '../span.ts';
import { jobsOf, tablesOf } from '../table.ts';
import { forget, keep } from './keep.ts';
import { between, byId, marked, marksOf } from './read.ts';
import { type Collections, collectionsOf, type OverrideDocument, prepare } from './schema.ts';

/** Snapshots that are in memory at once while all are walked through. */
const page = 31;

/** Periods whose rows are counted at a time. */
const countedAtOnce = 100;

/** Connects, and makes the indexes. @throws Error that names the host, and no secret. */
export async function openMongo(url: string, database: string): Promise<MemoryStore> {
  return useDatabase({ url, database, what: 'the memory' }, async (client, shown) => {
    // What is read decides what is written.
    const used = client.db(database, { readPreference: 'primary' });
    await prepare(used, shown);
    return new MongoMemory(client, used);
  });
}

class MongoMemory implements MemoryStore {
  readonly #client: MongoClient;
  readonly #of: Collections;

  constructor(client: MongoClient, database: Db) {
    this.#client = client;
    this.#of = collectionsOf(database);
  }

  async keep(batch: Batch): Promise<void> {
    await keep(this.#of, batch);
  }

  async forget(job: Job, period: string): Promise<void> {
    await forget(this.#of, job, period);
  }

  async done(job: Job, from?: string): Promise<string[]> {
    const first = from === undefined ? '' : periodOf(job, beginOf(from));
    const filter = { job, period: { $gte: first }, done: { $gt: 0 } };
    const found = await this.#of.runs.find(filter, { sort: { period: 1 }, projection: { period: 1 } }).toArray();
    return found.map(({ period }) => period);
  }

  async hours(window: Between, metric?: string) {
    return between(this.#of, 'metrics_hourly', window, metric === undefined ? {} : { metric });
  }

  async days(window: Between, metric?: string) {
    return between(this.#of, 'metrics_daily', window, metric === undefined ? {} : { metric });
  }

  async snapshot(date: string): Promise<Snapshot | undefined> {
    return (await between(this.#of, 'snapshots', { from: date, to: date }, { date }))[0];
  }

  async *snapshots(window: Between): AsyncIterable<Snapshot> {
    // Of days alone: the name of a week comes after those of all days.
    const jobs = jobsOf('snapshots').filter((job) => unitOf[job] === 'date');
    const runs = await marked(this.#of, marksOf(jobs, window));
    const periods = [...new Set(runs.map(({ period }) => period))].sort();
    for (let at = 0; at < periods.length; at += page) {
      const [from, to] = [periods[at] as string, periods.slice(at, at + page).at(-1) as string];
      yield* await between(this.#of, 'snapshots', { from, to });
    }
  }

  async decision(id: string) {
    return (await byId(this.#of, 'decisions_log', id)).at(-1);
  }

  async decisions(window: Between) {
    return between(this.#of, 'decisions_log', window);
  }

  async anomaly(id: string) {
    return (await byId(this.#of, 'anomalies', id)).at(-1);
  }

  async anomalies(window: Between) {
    return between(this.#of, 'anomalies', window);
  }

  async findings(untilWeek: string): Promise<Finding[]> {
    return between(this.#of, 'findings', { to: untilWeek });
  }

  async override(document: string, block: string): Promise<Override | undefined> {
    const found = await this.#of.overrides.findOne({ _id: overrideId(document, block) });
    return found ? overrideOf(found) : undefined;
  }

  async overrides(document: string): Promise<Override[]> {
    const found = await this.#of.overrides.find({ document }, { sort: { document: 1, block: 1 } }).toArray();
    return found.map(overrideOf);
  }

  async putOverride({ document, block, text, instead_of }: Override): Promise<void> {
    const _id = overrideId(document, block);
    const told = { text, instead_of };
    for (;;) {
      const { matchedCount } = await this.#of.overrides.updateOne({ _id }, { $set: told });
      if (matchedCount > 0) return;
      if (await unlessThere(() => this.#of.overrides.insertOne({ _id, document, block, ...told }))) return;
    }
  }

  async dropOverride(document: string, block: string): Promise<boolean> {
    return (await this.#of.overrides.deleteOne({ _id: overrideId(document, block) })).deletedCount > 0;
  }

  async lease(name: string, holder: string, until: number, now: number): Promise<boolean> {
    const { leases } = this.#of;
    if (await unlessThere(() => leases.insertOne({ _id: name, holder, until }))) return true;
    const tooLong = { until: { $gt: now + 2 * (until - now) } };
    const free = { _id: name, $or: [{ until: { $lte: now } }, tooLong, { holder }] };
    return (await leases.updateOne(free, { $set: { holder, until } })).matchedCount > 0;
  }

  async release(name: string, holder: string): Promise<void> {
    await this.#of.leases.deleteOne({ _id: name, holder });
  }

  /** MongoDB looks after its own files; whether all is there that was kept, it does not know. */
  async damage(): Promise<string | undefined> {
    const runs = await marked(this.#of);
    const there = new Map<string, number>();
    const count = async (some: typeof runs) => {
      const done = new Map(some.map((run) => [run._id, run.done]));
      for (const table of new Set(some.flatMap(({ job }) => tablesOf(job))))
        for (const { of, keep } of await this.#of.rows[table]
          .find({ of: { $in: [...done.keys()] } }, { projection: { of: 1, keep: 1 } })
          .toArray())
          if (done.get(of) === keep) there.set(of, (there.get(of) ?? 0) + 1);
    };
    for (let at = 0; at < runs.length; at += countedAtOnce) await count(runs.slice(at, at + countedAtOnce));
    // What was kept anew meanwhile is not what was counted.
    const now = new Map((await marked(this.#of)).map(({ _id, done }) => [_id, done]));
    const same = runs.filter(({ _id, done }) => now.get(_id) === done);
    return lacking(same, there);
  }

  async close(): Promise<void> {
    await this.#client.close();
  }
}

/** One text for both, whatever is in them. */
function overrideId(document: string, block: string): string {
  return JSON.stringify([document, block]);
}

function overrideOf({ document, block, text, instead_of }: OverrideDocument): Override {
  return { document, block, text, instead_of };
}
