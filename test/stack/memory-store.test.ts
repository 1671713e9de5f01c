import { MongoClient } from 'mongodb';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { conformance } from '../../monitor/memory/store/conformance/conformance.ts';
import { seen } from '../../monitor/memory/store/conformance/database.ts';
import { someBatch, someDay } from '../../monitor/memory/store/conformance/some-rows.ts';
import type { MemoryStore } from '../../monitor/memory/store/memory-store.ts';
import { between, byId } from '../../monitor/memory/store/mongo/read.ts';
import { collectionsOf } from '../../monitor/memory/store/mongo/schema.ts';
import { openMemory } from '../../monitor/memory/store/open.ts';
import { openLedger } from '../../monitor/store/open.ts';
import { ferretDbOfFile } from './ferretdb-of-file.ts';

const { server, nextUrl, drop } = ferretDbOfFile('memory');

conformance('MongoDB', async () => {
  const url = nextUrl();
  return {
    open: () => openMemory(url),
    // Done, though nobody hears of it.
    breakAfter: (writes) => {
      server().turnstile.breakNext = { writes, at: 'reply' };
    },
    mend: () => {
      server().turnstile.breakNext = undefined;
    },
    async lose(table) {
      const client = new MongoClient(url);
      await client.db().collection(table).deleteOne({});
      await client.close();
    },
    remove: () => drop(url),
  };
});

describe('M03 memory in MongoDB', () => {
  const day = '2026-02-15';
  const window = { from: day, to: day };
  let url: string;
  let client: MongoClient;
  let store: MemoryStore;
  beforeEach(async () => {
    url = nextUrl();
    client = new MongoClient(url);
    store = await openMemory(url);
  });
  afterEach(async () => {
    server().turnstile.breakNext = undefined;
    await store.close();
    await client.close();
    await drop(url);
  });

  const of = (table: string) => client.db().collection(table);

  test('has the collections of the source, which can be asked without us', async () => {
    await store.keep(someBatch(day, 4.5));
    const [cost] = await of('metrics_daily').find({ date: day, metric: 'm0' }).toArray();
    expect(cost).toMatchObject({ value: 4.5, labels: '{"agent_name":"code"}', unit: '{task}' });
    expect(await of('snapshots').findOne({ date: day }, { projection: { 'cost.micro_usd': 1, _id: 0 } })).toEqual({
      cost: { micro_usd: 1_234_567.8 },
    });
    for (const table of ['metrics_hourly', 'metrics_daily', 'decisions_log', 'anomalies'])
      expect(await of(table).countDocuments({})).toBe(2);
  });

  test('lies beside the ledger in one database', async () => {
    const ledger = await openLedger(url);
    await store.keep(someBatch(day, 1));
    expect(await ledger.orchestrations({ limit: 9 })).toEqual([]);
    expect(await store.days(window)).toHaveLength(2);
    await ledger.close();
  });

  test('what a killed process left is not seen, and goes when the period is kept again', async () => {
    await store.keep(someBatch(day, 1));
    const before = await seen(store, window);
    // As it is between the rows and the mark.
    server().turnstile.breakNext = { writes: 6, at: 'request' };
    await expect(store.keep(someBatch(day, 2))).rejects.toThrow();
    expect(await of('metrics_daily').countDocuments({})).toBe(4);
    expect(await seen(store, window)).toBe(before);
    await store.keep(someBatch(day, 3));
    expect(await of('metrics_daily').countDocuments({})).toBe(2);
    expect(await of('snapshots').countDocuments({})).toBe(1);
    expect((await store.days(window)).map(({ value }) => value)).toEqual([3, 3]);
  });

  test('who began earlier and is slower does not undo what is done', async () => {
    // It has its number, and goes to sleep.
    await of('job_runs').insertOne({
      _id: 'day/2026-02-15' as never,
      job: 'day',
      period: day,
      begun: 1,
      done: 0,
      rows: 0,
    });
    await store.keep(someBatch(day, 2));
    const before = await seen(store, window);
    const late = { ...someDay(day, { value: 1 }), labels: '{}', of: 'day/2026-02-15', keep: 1 };
    await of('metrics_daily').insertOne({ _id: 'day/2026-02-15/1/0' as never, ...late });
    const { matchedCount } = await of('job_runs').updateOne(
      { _id: 'day/2026-02-15' as never, done: { $lt: 1 } },
      { $set: { done: 1 } },
    );
    expect(matchedCount).toBe(0);
    expect(await seen(store, window)).toBe(before);
  });

  test.each(['day', 'day-so-far'] as const)(
    'whoever has read what is done, when a %s is kept anew, reads again',
    async (job) => {
      await store.keep({ ...someBatch(day, 1), job });
      const collections = collectionsOf(client.db());
      let [reads, isKept] = [0, false];
      /** Between the marks and the rows. */
      const late = (table: 'metrics_daily' | 'decisions_log') => ({
        ...collections,
        rows: {
          ...collections.rows,
          [table]: {
            find: (filter: object, options?: { projection?: object }) => ({
              async toArray() {
                // What only looks for marks is not what is meant.
                if (!isKept && !options?.projection) {
                  isKept = true;
                  await store.keep(someBatch(day, 2));
                }
                reads += 1;
                return collections.rows[table].find(filter, options).toArray();
              },
            }),
          } as never,
        },
      });
      expect((await between(late('metrics_daily'), 'metrics_daily', window)).map(({ value }) => value)).toEqual([2, 2]);
      expect(reads).toBe(2);
      isKept = false;
      expect(
        (await byId(late('decisions_log'), 'decisions_log', `${day}/0`)).map(({ confidence }) => confidence),
      ).toEqual([2]);
    },
  );

  test('of a newer fleetscope, or of another program, is refused', async () => {
    await of('memory_schema').updateOne({ _id: 'memory' as never }, { $set: { version: 99 } });
    await expect(openMemory(url)).rejects.toThrow('a newer fleetscope wrote it (schema 99, this one knows 1)');
    const other = nextUrl();
    const theirs = new MongoClient(other);
    await theirs.db().collection('snapshots').insertOne({ theirs: true });
    await expect(openMemory(other)).rejects.toThrow('it is the database of another program');
    await theirs.close();
    await drop(other);
  });

  test('a server that is not there is named, its password is not', async () => {
    const error = await openMemory('mongodb://ada:secret@127.0.0.1:1/x?serverSelectionTimeoutMS=500').then(
      () => expect.unreachable(),
      (error: Error) => error,
    );
    expect(error.message).toMatch(
      /^Cannot open the memory at mongodb:\/\/127\.0\.0\.1:1\/x.*: .*ECONNREFUSED.* Check that/,
    );
    expect(error.message).not.toMatch(/ada|secret/);
  });
});
