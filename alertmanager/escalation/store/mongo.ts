/** The store in MongoDB: several machines, one set of incidents. It asks no more of MongoDB than that one document changes at once. */
import type { Collection, Db, Filter, MongoClient } from 'mongodb';
import { connectMongo } from '../../../service/mongo-client.ts';
import { saidOf, shownUrl } from '../../../service/shown-url.ts';
import type { Severity } from '../../routes.ts';
import { entryOf } from '../audit/chain.ts';
import type { Instant } from '../clock.ts';
import type { Incident } from '../incident/incident.ts';
import { MongoChain } from './mongo-chain.ts';
import { type ChainedDocument, type IncidentDocument, isTaken, type LapsingDocument } from './mongo-documents.ts';
import { incidentOf, noneOpen, pageSize, rowOf } from './row.ts';
import type { AuditRecord, ListFilter, Store, StoreOptions } from './store.ts';

/** Connects, makes the indexes, and chains what a killed process left unchained. @throws Error that names the URL without its password. */
export async function openMongo(url: string, database: string, { notice }: StoreOptions): Promise<Store> {
  const shown = shownUrl(url);
  const client = await connectMongo(url, {
    what: 'the store',
    check: 'Check that MongoDB runs there, and the user and password.',
    options: {
      serverSelectionTimeoutMS: 5_000,
      connectTimeoutMS: 5_000,
      socketTimeoutMS: 30_000,
      appName: 'fleetscope-escalation',
    },
  });
  try {
    const store = new MongoStore(client, client.db(database), notice);
    await store.prepare();
    return store;
  } catch (error) {
    await client.close();
    throw new Error(
      `Cannot use the database "${database}" of ${shown}: ${saidOf(error, url)}. Give its user the role readWrite.`,
      { cause: error },
    );
  }
}

class MongoStore implements Store {
  readonly #client: MongoClient;
  readonly #incidents: Collection<IncidentDocument>;
  readonly #audit: Collection<ChainedDocument>;
  readonly #spent: Collection<LapsingDocument>;
  readonly #leases: Collection<LapsingDocument>;
  readonly #chain: MongoChain;

  constructor(client: MongoClient, database: Db, notice: (line: string) => void) {
    this.#client = client;
    this.#incidents = database.collection('incidents');
    this.#audit = database.collection('audit');
    this.#spent = database.collection('spent');
    this.#leases = database.collection('leases');
    this.#chain = new MongoChain(this.#incidents, this.#audit, notice);
  }

  async prepare(): Promise<void> {
    // One by one: FerretDB breaks on two in one command that are there already.
    // Sparse: those without an open key are not compared.
    await this.#incidents.createIndex({ openKey: 1 }, { unique: true, sparse: true });
    await this.#incidents.createIndex({ key: 1, _id: -1 });
    await this.#incidents.createIndex({ dueAt: 1, _id: 1 });
    await this.#incidents.createIndex({ state: 1, _id: -1 });
    await this.#incidents.createIndex({ resolvedAt: 1 });
    // Holds those alone that have something to chain.
    await this.#incidents.createIndex({ 'journal.0': 1 }, { sparse: true });
    await this.#audit.createIndex({ id: 1 }, { unique: true });
    await this.#audit.createIndex({ incident: 1, _id: 1 });
    await this.#spent.createIndex({ until: 1 });
    await this.#leases.createIndex({ until: 1 });
    await this.#chain.recover();
  }

  async byId(id: string): Promise<Incident | undefined> {
    return read(await this.#incidents.findOne({ _id: id }));
  }

  async newestOf(key: string): Promise<Incident | undefined> {
    const open = await this.#incidents.findOne({ openKey: key });
    return read(open ?? (await this.#incidents.findOne({ key }, { sort: { _id: -1 } })));
  }

  async save(incident: Incident): Promise<boolean> {
    const { id, ...row } = rowOf(incident);
    const journal = incident.journal.map((entry) => JSON.stringify(entry));
    const openKey = incident.state === 'resolved' ? {} : { openKey: incident.key };
    const saved = await unlessTaken(async () => {
      if (incident.version === 1) return !!(await this.#incidents.insertOne({ _id: id, ...row, ...openKey, journal }));
      const { matchedCount } = await this.#incidents.updateOne(
        { _id: id, version: incident.version - 1 },
        {
          $set: { ...row, ...openKey },
          ...(openKey.openKey ? {} : { $unset: { openKey: '' } }),
          // Added to, not replaced: what the version before had to tell may not be chained yet.
          $push: { journal: { $each: journal } },
        },
      );
      return matchedCount > 0;
    });
    if (saved && journal.length > 0) this.#chain.poke(id);
    return saved;
  }

  async due(now: Instant, limit: number): Promise<Incident[]> {
    // `$lte` finds no null.
    return this.#find({ dueAt: { $lte: now } }, { dueAt: 1, _id: 1 }, Math.max(1, limit));
  }

  async *unresolved(): AsyncIterable<Incident> {
    const found = this.#incidents.find({ state: { $ne: 'resolved' } }, { sort: { _id: 1 } });
    for await (const document of found) yield incidentOf(document);
  }

  async list({ states, team, severity, before, limit }: ListFilter): Promise<Incident[]> {
    const filter: Filter<IncidentDocument> = {
      ...(states && { state: { $in: [...states] } }),
      ...(team !== undefined && { team }),
      ...(severity && { severity }),
      ...(before !== undefined && { _id: { $lt: before } }),
    };
    return this.#find(filter, { _id: -1 }, pageSize(limit));
  }

  async openBySeverity(): Promise<Record<Severity, number>> {
    const counts = noneOpen();
    const groups = this.#incidents.aggregate<{ _id: Severity; count: number }>([
      { $match: { state: { $ne: 'resolved' } } },
      { $group: { _id: '$severity', count: { $sum: 1 } } },
    ]);
    for await (const { _id, count } of groups) counts[_id] = count;
    return counts;
  }

  async spend(token: string, expiresAt: Instant): Promise<boolean> {
    return unlessTaken(async () => !!(await this.#spent.insertOne({ _id: token, until: expiresAt })));
  }

  async lease(name: string, holder: string, until: Instant, now: Instant): Promise<boolean> {
    if (await unlessTaken(async () => !!(await this.#leases.insertOne({ _id: name, holder, until })))) return true;
    const free = { _id: name, $or: [{ until: { $lte: now } }, { holder }] };
    return (await this.#leases.updateOne(free, { $set: { holder, until } })).matchedCount > 0;
  }

  async release(name: string, holder: string): Promise<void> {
    await this.#leases.deleteOne({ _id: name, holder });
  }

  async *audit(from = 1): AsyncIterable<AuditRecord> {
    await this.#chain.caughtUp();
    for await (const record of this.#audit.find({ _id: { $gte: from } }, { sort: { _id: 1 } })) yield recordOf(record);
  }

  async historyOf(id: string): Promise<AuditRecord[]> {
    await this.#chain.caughtUp();
    const found = await this.#audit.find({ incident: id }, { sort: { _id: 1 } }).toArray();
    return found.map(recordOf);
  }

  async forget(before: Instant): Promise<number> {
    await this.#chain.caughtUp();
    await this.#spent.deleteMany({ until: { $lt: before } });
    await this.#leases.deleteMany({ until: { $lt: before } });
    // `$lt` finds no null; what is not chained yet stays until it is.
    const { deletedCount } = await this.#incidents.deleteMany({ resolvedAt: { $lt: before }, journal: { $size: 0 } });
    return deletedCount;
  }

  async close(): Promise<void> {
    await this.#chain.caughtUp().finally(() => this.#client.close());
  }

  async #find(filter: Filter<IncidentDocument>, sort: Record<string, 1 | -1>, limit: number): Promise<Incident[]> {
    return (await this.#incidents.find(filter, { sort, limit }).toArray()).map(incidentOf);
  }
}

function read(document: IncidentDocument | null): Incident | undefined {
  return document ? incidentOf(document) : undefined;
}

function recordOf({ _id: number, previous, hash, entry }: ChainedDocument): AuditRecord {
  return { ...entryOf(JSON.parse(entry) as AuditRecord), number, previous, hash };
}

/** False when a unique index says that it is there already. */
async function unlessTaken(write: () => Promise<boolean>): Promise<boolean> {
  try {
    return await write();
  } catch (error) {
    if (isTaken(error)) return false;
    throw error;
  }
}
