import { MongoClient } from 'mongodb';
import { afterAll, beforeAll } from 'vitest';
import { type FerretDb, startFerretDb } from './ferretdb.ts';

/** One server for the tests of a file; each asks for databases of its own. */
export function ferretDbOfFile(prefix: string) {
  let server: FerretDb | undefined;
  // The first time it is built.
  beforeAll(async () => {
    server = await startFerretDb();
  }, 900_000);
  afterAll(() => server?.stop());
  let databases = 0;
  return {
    /** Once it runs. */
    server: () => server as FerretDb,
    /** Of a database that nobody has used yet. */
    nextUrl: () => `${(server as FerretDb).url}/${prefix}${++databases}`,
    async drop(url: string): Promise<void> {
      const client = new MongoClient(url);
      await client.db().dropDatabase();
      await client.close();
    },
  };
}
