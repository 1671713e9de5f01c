/** A database of ours on a MongoDB, opened as the ledger and the memory both are. */
import type { MongoClient } from 'mongodb';
import { connectMongo } from '../../../service/mongo-client.ts';
import { saidOf, shownUrl } from '../../../service/shown-url.ts';
import { optionsOf } from './options.ts';

/** @param use makes indexes, and whatever is opened. The connection is closed where that fails. @throws Error that names the host, and no secret. */
export async function useDatabase<T>(
  { url, database, what }: { readonly url: string; readonly database: string; readonly what: string },
  use: (client: MongoClient, shown: string) => Promise<T>,
): Promise<T> {
  const shown = shownUrl(url);
  const client = await connectMongo(url, {
    what,
    check: 'Check that MongoDB runs there, the user and password, and whether it wants tls=true.',
    options: optionsOf(url),
  });
  try {
    return await use(client, shown);
  } catch (error) {
    await client.close();
    if (error instanceof Error && error.message.startsWith('Cannot open')) throw error;
    throw new Error(
      `Cannot use the database "${database}" of ${shown}: ${saidOf(error, url)}. Give its user the role readWrite.`,
      { cause: error },
    );
  }
}
