/** The ledger's other store: the MongoDB that is named, or a FerretDB, which speaks its language and is not MongoDB. */
import { MongoClient } from 'mongodb';
import { openLedger } from '../monitor/store/open.ts';
import { startFerretDb } from '../test/stack/ferretdb.ts';
import { inBatches, rowsOf, type Way } from './ledger-rates.ts';

export interface MongoServer extends AsyncDisposable {
  /** As a reader is to know it. */
  readonly name: string;
  readonly telemetry: Way;
}

/** @param url `mongodb://host`, where databases of the bench's own come and go. Undefined: a FerretDB of its own. */
export async function mongoServer(url: string | undefined): Promise<MongoServer> {
  if (url !== undefined) return { name: 'MongoDB', telemetry: telemetryTo(url), async [Symbol.asyncDispose]() {} };
  const { url: own, stop } = await startFerretDb();
  return {
    name: 'FerretDB on SQLite, which is not MongoDB and lets one command at a time through',
    telemetry: telemetryTo(own),
    [Symbol.asyncDispose]: stop,
  };
}

function telemetryTo(url: string): Way {
  let databases = 0;
  /** With a database of its own, which goes afterwards. */
  const inDatabase = async (
    work: (client: MongoClient, database: string) => Promise<{ count: number; seconds: number }>,
  ) => {
    const database = `fleetscope-bench-${process.pid}-${++databases}`;
    const client = await new MongoClient(url, { writeConcern: { w: 'majority', journal: true } }).connect();
    try {
      const empty = await bytesOf(client, database);
      const written = await work(client, database);
      return { ...written, bytes: (await bytesOf(client, database)) - empty };
    } finally {
      await client.db(database).dropDatabase();
      await client.close();
    }
  };
  return {
    ours: (runs) =>
      inDatabase(async (_, database) => {
        const ledger = await openLedger(withDatabase(url, database));
        const written = await inBatches(runs.flat(), (batch) => ledger.record(batch));
        await ledger.close();
        return written;
      }),
    floor: (runs) =>
      inDatabase(async (client, database) => {
        const plain = client.db(database).collection('plain');
        const rows = runs.flatMap(rowsOf).map(({ id, ...row }) => ({ _id: id as never, ...row }));
        return inBatches(rows, (some) => plain.insertMany([...some], { ordered: false }));
      }),
  };
}

function withDatabase(url: string, database: string): string {
  const named = new URL(url);
  named.pathname = `/${database}`;
  return named.href;
}

/** Of rows and indexes, as the server counts them. */
async function bytesOf(client: MongoClient, database: string): Promise<number> {
  const { dataSize = 0, storageSize = dataSize, indexSize = 0 } = await client.db(database).stats();
  return Number(storageSize) + Number(indexSize);
}
