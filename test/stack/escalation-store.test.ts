import { MongoClient } from 'mongodb';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { verify } from '../../alertmanager/escalation/audit/verify.ts';
import { conformance } from '../../alertmanager/escalation/store/conformance.ts';
import { openStore } from '../../alertmanager/escalation/store/open.ts';
import { entry, list, someIncident } from '../../alertmanager/escalation/store/some-incident.ts';
import type { Store } from '../../alertmanager/escalation/store/store.ts';
import { ferretDbOfFile } from './ferretdb-of-file.ts';

const { server, nextUrl, drop } = ferretDbOfFile('test');

conformance('MongoDB', async () => {
  const url = nextUrl();
  return {
    open: () => openStore(url, { notice: (line) => expect.unreachable(line) }),
    remove: () => drop(url),
  };
});

describe('X05 MongoDB', () => {
  let url: string;
  let client: MongoClient;
  let store: Store;
  let notices: string[];
  beforeEach(async () => {
    url = nextUrl();
    notices = [];
    client = new MongoClient(url);
    store = await openStore(url, { notice: (line) => notices.push(line) });
  });
  afterEach(async () => {
    await store.close();
    await client.close();
    await drop(url);
  });

  const pending = (id: string) =>
    client
      .db()
      .collection('incidents')
      .findOne({ _id: id as never });

  test('what a killed process left unchained is chained at the next start, once', async () => {
    expect(await store.save(someIncident('a', { journal: [entry('a', 1)] }))).toBe(true);
    await list(store.audit());
    // As it is between the saving and the chaining, and between the chaining and the tidying up.
    const journal = [entry('a', 1), entry('a', 2), entry('a', 3)].map((one) => JSON.stringify(one));
    await client
      .db()
      .collection('incidents')
      .updateOne({ _id: 'a' as never }, { $set: { journal } });
    await store.close();
    store = await openStore(url, { notice: (line) => notices.push(line) });
    expect((await list(store.audit())).map(({ id }) => id)).toEqual(['a/1/1', 'a/2/1', 'a/3/1']);
    expect(await verify(store.audit())).toMatchObject({ ok: true, entries: 3 });
    expect((await pending('a'))?.journal).toEqual([]);
  });

  test('an entry that is not chained yet outlives the next version, and its incident is not forgotten', async () => {
    const resolved = { state: 'resolved', resolved: { by: 'x', at: 1 } } as const;
    expect(await store.save(someIncident('a'))).toBe(true);
    // Another machine saved version 2 and died before it chained.
    const journal = [JSON.stringify(entry('a', 2))];
    await client
      .db()
      .collection('incidents')
      .updateOne({ _id: 'a' as never }, { $set: { version: 2, journal } });
    expect(await store.save({ ...someIncident('a'), ...resolved, version: 3 })).toBe(true);
    expect(await store.forget(1000)).toBe(0);
    expect(await store.save({ ...someIncident('a'), ...resolved, version: 4, journal: [entry('a', 4)] })).toBe(true);
    expect((await store.historyOf('a')).map(({ id }) => id)).toEqual(['a/2/1', 'a/4/1']);
    expect(await store.forget(1000)).toBe(1);
  });

  test.each(['request', 'reply'] as const)('a broken wire at the %s is an error, never a wrong answer', async (at) => {
    expect(await store.save(someIncident('a'))).toBe(true);
    server().turnstile.breakNext = { command: 'update', collection: 'incidents', at };
    await expect(store.save({ ...someIncident('a'), version: 2 })).rejects.toThrow();
    // Whoever decides again on what is there goes on, saved or not.
    const now = await store.byId('a');
    expect(now?.version).toBe(at === 'reply' ? 2 : 1);
    expect(await store.save({ ...someIncident('a'), version: (now?.version ?? 0) + 1 })).toBe(true);
  });

  test('a trail that lags is told, holds no save up, and catches up', async () => {
    expect(await store.save(someIncident('a'))).toBe(true);
    server().turnstile.breakNext = { command: 'insert', collection: 'audit', at: 'reply' };
    expect(await store.save({ ...someIncident('a'), version: 2, journal: [entry('a', 2)] })).toBe(true);
    await expect(list(store.audit())).rejects.toThrow();
    expect(await store.save({ ...someIncident('a'), version: 3, journal: [entry('a', 3)] })).toBe(true);
    expect((await list(store.audit())).map(({ id }) => id)).toEqual(['a/2/1', 'a/3/1']);
    expect(notices).toEqual([expect.stringMatching(/^The audit trail lags: /)]);
  });

  test('a server that is not there is named, its password is not', async () => {
    const opened = openStore('mongodb://ada:secret@127.0.0.1:1/x', { notice: () => undefined });
    const error = await opened.then(
      () => expect.unreachable(),
      (error: Error) => error,
    );
    expect(error.message).toMatch(
      /^Cannot open the store at mongodb:\/\/127\.0\.0\.1:1\/x: .*ECONNREFUSED.* Check that/,
    );
    expect(error.message).not.toMatch(/ada|secret/);
  });
});
