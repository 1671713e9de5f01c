/** The collections of memory in MongoDB, named as the source does; its indexes, and which of us may use them. */
import type { Collection, Db } from 'mongodb';
import type { Row } from '../batch.ts';
import type { Job, Table } from '../memory-store.ts';
import { tableNames, tables } from '../table.ts';

/** Raised when an older fleetscope would read or write the documents wrongly. */
const version = 1;

/** What a job has made of a period. Keeping is numbered: what is kept with another number than `done` is not there to readers. */
export interface JobRun {
  /** `day/2026-02-15` */
  readonly _id: string;
  readonly job: Job;
  readonly period: string;
  /** How often somebody began to keep it. */
  readonly begun: number;
  /** Which of those is whole, and is read; 0: none yet. */
  readonly done: number;
  /** How many rows that made. */
  readonly rows: number;
}

/** A row. Its fields are those of record.ts, but maps of free names, which are text (JSON): names may be what no field may be called. */
export type RowDocument = Row & {
  /** `day/2026-02-15/1/17` */
  readonly _id: string;
  /** The id of its JobRun. */
  readonly of: string;
  readonly keep: number;
};

export interface OverrideDocument {
  readonly _id: string;
  readonly document: string;
  readonly block: string;
  readonly text: string;
  readonly instead_of: string;
}

export interface LeaseDocument {
  readonly _id: string;
  readonly holder: string;
  readonly until: number;
}

export interface Collections {
  readonly runs: Collection<JobRun>;
  readonly rows: Readonly<Record<Table, Collection<RowDocument>>>;
  readonly overrides: Collection<OverrideDocument>;
  readonly leases: Collection<LeaseDocument>;
}

export function collectionsOf(database: Db): Collections {
  return {
    runs: database.collection('job_runs'),
    rows: Object.fromEntries(tableNames.map((table) => [table, database.collection(table)])) as Collections['rows'],
    overrides: database.collection('overrides'),
    // The escalation service has `leases`, and the same database unless somebody says otherwise.
    leases: database.collection('memory_leases'),
  };
}

/** @throws Error for a database that a newer fleetscope wrote, or another program. */
export async function prepare(database: Db, shown: string): Promise<void> {
  await claim(database, shown);
  const { runs, rows, overrides } = collectionsOf(database);
  const indexes: [Collection<never>, string, Record<string, 1>][] = [
    [runs, 'job_runs_period', { job: 1, period: 1 }],
    ...tableNames.map((table) => [rows[table], `${table}_of`, { of: 1, keep: 1 }]),
    // Every sort is that of an index: MongoDB gives up sorting what is longer than 100 MB.
    ...tableNames.map((table) => [rows[table], `${table}_order`, sortOf(table)]),
    [rows.metrics_hourly, 'metrics_hourly_metric', { metric: 1, ...sortOf('metrics_hourly') }],
    [rows.metrics_daily, 'metrics_daily_metric', { metric: 1, ...sortOf('metrics_daily') }],
    [rows.decisions_log, 'decisions_log_id', { id: 1 }],
    [rows.anomalies, 'anomalies_id', { id: 1 }],
    [overrides, 'overrides_document', { document: 1, block: 1 }],
  ].map((index) => index as never);
  // One by one: FerretDB breaks on two in one command that are there already.
  for (const [collection, name, keys] of indexes) await collection.createIndex(keys, { name });
}

/** The order in which rows are read. */
export function sortOf(table: Table): Record<string, 1> {
  return Object.fromEntries(tables[table].order.map((field) => [field, 1]));
}

async function claim(database: Db, shown: string): Promise<void> {
  const schema = database.collection<{ _id: string; version: number }>('memory_schema');
  const read = async () => (await schema.findOne({ _id: 'memory' }))?.version;
  const isFree = async () => {
    const { runs, rows, overrides, leases } = collectionsOf(database);
    const ours = [runs, ...Object.values(rows), overrides, leases].map(({ collectionName }) => collectionName);
    const there = await database.listCollections({}, { nameOnly: true }).toArray();
    return !there.some(({ name }) => ours.includes(name));
  };
  let found = await read();
  if (found === undefined && !(await isFree())) {
    // Another process may have made it meanwhile.
    found = await read();
    if (found === undefined)
      throw new Error(
        `Cannot open ${shown}: it is the database of another program, which has a collection of a name of ours. Name another database: mongodb://<host>/<database>.`,
      );
  }
  if (found === undefined) await schema.updateOne({ _id: 'memory' }, { $setOnInsert: { version } }, { upsert: true });
  if (found !== undefined && found > version)
    throw new Error(
      `Cannot open ${shown}: a newer fleetscope wrote it (schema ${found}, this one knows ${version}). Use the newer one, or name another database: mongodb://<host>/<database>.`,
    );
}
