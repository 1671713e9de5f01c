import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { conformance } from '../../monitor/store/conformance.ts';
import { openLedger } from '../../monitor/store/open.ts';
import { at, wholeRun, wholeRunCalls } from '../../monitor/testing/some-facts.ts';
import { type FerretDb, startFerretDb } from './ferretdb.ts';

let ferretdb: FerretDb;
// The first time it is built.
beforeAll(async () => {
  ferretdb = await startFerretDb();
}, 900_000);
afterAll(() => ferretdb?.stop());

let databases = 0;
const nextUrl = () => `${ferretdb.url}/ledger${++databases}`;
const drop = async (url: string) => {
  const client = new MongoClient(url);
  await client.db().dropDatabase();
  await client.close();
};

conformance('MongoDB', async () => {
  const url = nextUrl();
  return {
    open: () => openLedger(url, { now: () => Date.parse(at(3600)) }),
    remove: () => drop(url),
  };
});

test('R02 what a killed process wrote and did not fold is folded when the ledger is opened next', async () => {
  const url = nextUrl();
  const client = new MongoClient(url);
  const ledger = await openLedger(url);
  const facts = [...wholeRun('s1', 't1'), ...wholeRunCalls('s1')];
  await ledger.record(facts);
  const [before] = await ledger.orchestrations({ limit: 1 });
  // As it is between the writing of the facts and the folding: no rows, and a note of who was at work.
  for (const rows of ['orchestrations', 'agent_executions', 'steps']) await client.db().collection(rows).deleteMany({});
  const note = (ms: number) =>
    client
      .db()
      .collection('threads')
      .updateMany({}, { $push: { pending: `${ms} somebody` } } as never);
  await note(Date.now());
  await (await openLedger(url)).close();
  expect(await ledger.orchestrations({ limit: 1 })).toEqual([]);
  await note(Date.now() - 3_600_000);
  await (await openLedger(url)).close();
  expect(await ledger.orchestrations({ limit: 1 })).toEqual([before]);
  // Who comes again with what it was not answered folds it, too.
  await client.db().collection('orchestrations').deleteMany({});
  await ledger.record(facts);
  expect(await ledger.orchestrations({ limit: 1 })).toEqual([before]);
  await Promise.all([ledger.close(), client.close()]);
  await drop(url);
});

test('R02 an address where nothing runs is named, without its password', async () => {
  await expect(openLedger('mongodb://me:secret@127.0.0.1:9/x?serverSelectionTimeoutMS=200')).rejects.toThrow(
    /^Cannot open the ledger at mongodb:\/\/127\.0\.0\.1:9\/x\S*: .*Check that MongoDB runs there/s,
  );
});
