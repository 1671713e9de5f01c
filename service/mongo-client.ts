/** A connection to MongoDB, or an error that names the server, what to do, and no secret. */
import { MongoClient, type MongoClientOptions } from 'mongodb';
import { saidOf, shownUrl } from './shown-url.ts';

export interface ConnectOptions {
  /** What is opened, e.g. `the ledger`. */
  readonly what: string;
  /** What to check where the server does not answer. */
  readonly check: string;
  /** All but how safe a write is. */
  readonly options: Omit<MongoClientOptions, 'writeConcern'>;
}

export async function connectMongo(url: string, { what, check, options }: ConnectOptions): Promise<MongoClient> {
  const shown = shownUrl(url);
  let client: MongoClient;
  try {
    // What was answered outlives the machine that answered.
    client = new MongoClient(url, { ...options, writeConcern: { w: 'majority', journal: true } });
  } catch (error) {
    // Without the cause: it shows the URL.
    throw new Error(
      `Cannot open ${what} at ${shown}: ${saidOf(error, url)}. Write mongodb://<user>:<password>@<host>/<database>, each percent-encoded.`,
    );
  }
  try {
    return await client.connect();
  } catch (error) {
    await client.close();
    throw new Error(`Cannot open ${what} at ${shown}: ${saidOf(error, url)}. ${check}`, { cause: error });
  }
}
