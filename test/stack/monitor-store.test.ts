import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { inspect } from 'node:util';
import { MongoClient } from 'mongodb';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { factOf } from '../../monitor/ledger/body.ts';
import type { Fact } from '../../monitor/ledger/fact.ts';
import { fold } from '../../monitor/ledger/fold.ts';
import { conformance } from '../../monitor/store/conformance/conformance.ts';
import { listOf } from '../../monitor/store/conformance/database.ts';
import { performanceOf } from '../../monitor/store/mongo/report.ts';
import { collectionsOf } from '../../monitor/store/mongo/schema.ts';
import { MongoWriter } from '../../monitor/store/mongo/write.ts';
import { openLedger } from '../../monitor/store/open.ts';
import type { Ledger } from '../../monitor/store/store.ts';
import {
  agent,
  agentEnded,
  agentStarted,
  at,
  chat,
  runEnded,
  runStarted,
  wholeRun,
  wholeRunCalls,
  workflow,
} from '../../monitor/testing/some-facts.ts';
import { ferretDbOfFile } from './ferretdb-of-file.ts';
import { Writer } from './monitor-writers.ts';

const { server, nextUrl, drop } = ferretDbOfFile('ledger');

conformance('MongoDB', async () => {
  const url = nextUrl();
  return {
    open: () => openLedger(url, { now: () => Date.parse(at(3600)) }),
    remove: () => drop(url),
  };
});

describe('R02 MongoDB', () => {
  let url: string;
  let client: MongoClient;
  let ledger: Ledger;
  const opened: Ledger[] = [];
  const open = async (now = Date.now) => {
    const one = await openLedger(`${url}?serverSelectionTimeoutMS=500`, { now });
    opened.push(one);
    return one;
  };
  /** As a process has it that looks when a killed one is taken for dead. */
  const openLater = () => open(() => Date.now() + 3_600_000);
  beforeEach(async () => {
    url = nextUrl();
    client = new MongoClient(url);
    ledger = await open();
  });
  afterEach(async () => {
    server().turnstile.isDown = false;
    server().turnstile.breakNext = undefined;
    await Promise.all(opened.splice(0).map((one) => one.close()));
    await client.close();
    await drop(url);
  });

  const exported = async (session?: string) => listOf(ledger.export(session));
  const runOf = (facts: readonly Fact[]) => {
    const { orchestrations, executions, steps } = fold(facts);
    return orchestrations.map((orchestration) => {
      const isOf = (row: { orchestration_id: string | null }) => row.orchestration_id === orchestration.id;
      return { orchestration, executions: executions.filter(isOf), steps: steps.filter(isOf) };
    });
  };
  const kept = async (session: string) => {
    const bodies = await client.db().collection('facts').find({}).toArray();
    return bodies.map(({ body }) => factOf(body)).filter((fact) => JSON.stringify(fact).includes(session));
  };

  /** What begins as two, a run that is told and a trace, and becomes one with the last fact. */
  const parts = (session: string) => {
    const inside = { trace: `t-${session}`, parent: '01', from: 1, to: 2 };
    return {
      apart: [
        [runStarted(session, 0), agentStarted(session, `${session}-a`, 0, { agent_name: 'code' })],
        [agent(`qa-${session}`, { ...inside, id: '02', error: true }), chat({ ...inside, id: '03', usd: 0.1 })],
      ],
      last: [workflow(session, { trace: `t-${session}`, id: '01', to: 9 }), agentEnded(`${session}-a`, 8)],
    };
  };

  test.each(['request', 'reply'] as const)(
    'a crash at any write, at its %s, is an error; what is there is folded later, and repeated it is whole',
    async (at) => {
      const late = await openLater();
      let crashes = 0;
      for (let isOver = false; !isOver; crashes++) {
        const [apart, session] = [crashes, `s${crashes}x`];
        const { apart: before, last } = parts(session);
        for (const facts of before) await ledger.record(facts);
        server().turnstile.breakNext = { writes: apart, at };
        const answer = await ledger.record(last).then(
          () => 'durable',
          () => 'error',
        );
        isOver = server().turnstile.breakNext !== undefined;
        server().turnstile.breakNext = undefined;
        expect([session, answer]).toEqual([session, isOver ? 'durable' : 'error']);
        const all = [...before.flat(), ...last];
        if (crashes % 2 === 0) {
          // Nobody comes again with it. To remove nothing, too, it is looked through what was left.
          await late.cleanup('0000-01-02T00:00:00.000Z');
          expect(await exported(session)).toEqual(runOf(await kept(session)));
        }
        await (crashes % 4 < 2 ? late : ledger).record(all);
        expect(await exported(session)).toEqual(runOf(all));
      }
      // Marks, merging, facts, number, rows of four kinds, their predecessors, the end.
      expect(crashes).toBeGreaterThan(12);
      expect(await late.failures(5, {})).toMatchObject([{ times: crashes }]);
      expect(await ledger.losses({})).toMatchObject([{ times: crashes }]);
    },
    240_000,
  );

  test('programs are killed at work, again and again: no run is lost, half or double', async () => {
    const writers = ['a', 'b'].map((name) => new Writer(url, 'spans', name));
    const folder = mkdtempSync(join(tmpdir(), 'fleetscope-ledger-'));
    const sessions = new Set<string>();
    for (let round = 0; round < 4; round++) {
      const before = writers.map(({ told }) => told.length);
      for (const writer of writers) writer.start();
      await Promise.all(
        writers.map(async (writer, i) => {
          await expect.poll(() => writer.told.length, { timeout: 60_000 }).toBeGreaterThan((before[i] ?? 0) + 1);
          await delay(Math.random() * 200);
          await writer.end('SIGKILL');
          expect(writer.said).toEqual([]);
        }),
      );
      for (const [i, writer] of writers.entries()) {
        const told = writer.told.slice(before[i]).map(({ session }) => session);
        // It was at the one after the last when it was killed.
        const next = `${told.at(-1)?.replace(/\d+$/, '')}${told.length}`;
        for (const session of [...told, next]) sessions.add(session);
      }
    }
    const facts = (session: string) => wholeRun(session, `t-${session}`);
    const sure = new Set(writers.flatMap(({ told }) => told.map(({ session }) => session)));
    await openLater();
    const found = await exported();
    expect(found.filter(({ orchestration }) => sure.has(orchestration.session_id))).toHaveLength(sure.size);
    for (const run of found) expect([run]).toEqual(runOf(facts(run.orchestration.session_id)));
    // Whoever takes over gets everything once more, in another order.
    for (const session of [...sessions].reverse()) await ledger.record(facts(session));
    const once = await openLedger(join(folder, 'once.db'));
    await once.record([...sessions].flatMap(facts));
    expect(JSON.stringify(await exported())).toBe(JSON.stringify(await listOf(once.export())));
    await once.close();
    rmSync(folder, { recursive: true });
  }, 240_000);

  test('a server that is gone for seconds is an error or durable, never an answer that it is there', async () => {
    const facts = (run: number) => wholeRun(`s${run}`, `t${run}`);
    const [durable, refused] = [new Set<number>(), new Set<number>()];
    const stop = delay(300)
      .then(() => {
        server().turnstile.isDown = true;
      })
      .then(() => delay(2500));
    const write = (run: number) =>
      ledger.record(facts(run)).then(
        () => durable.add(run),
        () => refused.add(run),
      );
    for (let run = 0; run === 0 || refused.size < 3; run++) await write(run);
    // Once more what was known before: there is no server to ask.
    await write(0);
    expect(refused).toContain(0);
    await stop;
    server().turnstile.isDown = false;
    // Another client: mongodb 7.8 waits for ever for a heartbeat that it began to write while its connection was cut, with
    // servers that are asked and do not tell by themselves, as FerretDB.
    const late = await openLater();
    const exported = (session?: string) => listOf(late.export(session));
    const found = new Map((await exported()).map((run) => [run.orchestration.session_id, run]));
    for (const run of durable) expect([found.get(`s${run}`)]).toEqual(runOf(facts(run)));
    for (const run of refused) await late.record(facts(run));
    for (const run of [...durable, ...refused]) expect(await exported(`s${run}`)).toEqual(runOf(facts(run)));
    expect(await exported()).toHaveLength(new Set([...durable, ...refused]).size);
  }, 120_000);

  test('what a killed process left is folded by who opens next, by who repeats it, and by who has it open for long', async () => {
    const facts = [...wholeRun('s1', 't1'), ...wholeRunCalls('s1')];
    const rows = ['orchestrations', 'agent_executions', 'steps', 'losses'];
    const whole = runOf(facts);
    let clock = Date.now();
    const patient = await open(() => clock);
    await ledger.record(facts);
    // As it is between the writing of the facts and the folding: no rows, and a note of who was at work.
    const die = async (ms: number) => {
      for (const name of rows) await client.db().collection(name).deleteMany({});
      const threads = client.db().collection('threads');
      await threads.updateMany({}, { $push: { pending: `${ms} somebody` } } as never);
    };
    await die(Date.now());
    await open();
    expect(await exported()).toEqual([]);
    await openLater();
    expect(await exported()).toEqual(whole);
    await die(Date.now());
    await ledger.record(facts.slice(0, 1));
    expect(await exported()).toEqual(whole);
    await die(Date.now());
    await patient.record([runStarted('s2', 0)]);
    expect(await exported('s1')).toEqual([]);
    clock += 3_600_000;
    await patient.record([runEnded('s2', 1)]);
    expect(await exported('s1')).toEqual(whole);
    const left = await client.db().collection('threads').distinct('pending');
    expect(left).toEqual([]);
  });

  test('a row that an earlier fold writes in the moment of a later one is replaced by it', async () => {
    const facts = wholeRunCalls('s1');
    const database = client.db();
    const executions = database.collection<{ _id: string; fold: number; thread: string }>('agent_executions');
    const write = executions.bulkWrite.bind(executions);
    // MongoDB looks, finds none, and another is faster: it does not look again where the filter says more than an id.
    const raced = vi.spyOn(executions, 'bulkWrite').mockImplementationOnce(async ([first]) => {
      const { _id } = (first as unknown as { replaceOne: { filter: { _id: string } } }).replaceOne.filter;
      const insertOne = { document: { _id, fold: 0, thread: 'of the earlier fold' } };
      return write([{ insertOne }, { insertOne }], { ordered: false });
    });
    const collection = vi.spyOn(database, 'collection');
    collection.mockImplementation(
      (name) => (name === 'agent_executions' ? executions : client.db().collection(name)) as never,
    );
    await new MongoWriter(database, Date.now).record(facts);
    expect(raced).toHaveBeenCalledTimes(2);
    expect(await exported()).toEqual(runOf(facts));
  });

  test('of two that make a thread for the same run at once, the one that is slower leaves none behind', async () => {
    const facts = wholeRun('s1', 't1');
    const threads = () => client.db().collection<{ _id: string }>('threads').find({}).toArray();
    const database = client.db();
    const links = database.collection<{ _id: string; thread: string }>('links');
    const insert = links.insertMany.bind(links);
    const raced = vi.spyOn(links, 'insertMany').mockImplementationOnce(async (...given) => {
      await ledger.record(facts);
      return insert(...given);
    });
    vi.spyOn(database, 'collection').mockImplementation(
      (name) => (name === 'links' ? links : client.db().collection(name)) as never,
    );
    await new MongoWriter(database, Date.now).record(facts);
    expect(raced).toHaveBeenCalled();
    expect(await exported()).toEqual(runOf(facts));
    expect(await threads()).toHaveLength(1);
    // Two processes, as it comes.
    const other = await open();
    const sessions = Array.from({ length: 20 }, (_, i) => `r${i}`);
    await Promise.all(
      sessions.flatMap((session) => [ledger, other].map((one) => one.record(wholeRun(session, `t-${session}`)))),
    );
    const named = new Set(await client.db().collection('links').distinct('thread'));
    expect((await threads()).filter(({ _id }) => !named.has(_id))).toEqual([]);
    expect(await exported()).toHaveLength(21);
  });

  test('a cleanup that was killed is ended by the next, or by who comes with more of the run', async () => {
    const facts = wholeRunCalls('s1');
    const threads = client.db().collection<{ removed: boolean; pending: string[] }>('threads');
    await ledger.record(facts);
    await threads.updateMany({}, { $set: { removed: true } });
    await ledger.record(facts.slice(0, 2));
    expect(await exported()).toEqual(runOf(facts.slice(0, 2)));
    await ledger.record(facts);
    await threads.updateMany({}, { $set: { removed: true } });
    await client.db().collection('agent_executions').deleteMany({});
    expect(await ledger.cleanup(at(3600))).toMatchObject({ orchestrations: 1, executions: 0 });
    for (const name of ['threads', 'links', 'facts', 'orchestrations', 'losses'])
      expect([name, await client.db().collection(name).countDocuments()]).toEqual([name, 0]);
    // Where somebody is at work nothing is taken away.
    await ledger.record(facts);
    await threads.updateMany({}, { $set: { pending: [`${Date.now()} somebody`] } });
    expect(await ledger.cleanup(at(3600))).toMatchObject({ orchestrations: 0 });
    expect(await exported()).toEqual(runOf(facts));
  });

  test('a run of more than the 16 MB of a document is kept', async () => {
    const text = 'x'.repeat(900_000);
    const facts = Array.from({ length: 20 }, (_, i) =>
      chat({ id: `1${i}`, parent: '01', from: i, usd: 0.001, attributes: { 'agent.decision.reasoning': text } }),
    );
    await ledger.record([workflow('s1', { id: '01', to: 60 }), ...facts]);
    expect(await ledger.orchestration('s1')).toMatchObject({ cost_micro_usd: 20_000 });
  });

  test('percentiles of many are within 1 % of exact ones, all else is the same', async () => {
    const took = (i: number) => 50 + i ** 2 * 7;
    const facts = Array.from({ length: 60 }, (_, i) => [
      agentStarted('s1', `a${i}`, i, { agent_name: i % 2 ? 'code' : 'qa' }),
      agentEnded(`a${i}`, i + took(i) / 1000, { status: i % 9 ? 'completed' : 'failed' }),
    ]);
    await ledger.record([...facts.flat(), ...wholeRun('s1', 't1')]);
    const [exact, near] = await Promise.all(
      [100, 0].map((most) => performanceOf(collectionsOf(client.db()), {}, Date.now(), undefined, most)),
    );
    expect(near).toHaveLength(4);
    for (const [i, row] of (exact ?? []).entries()) {
      const { min_ms, p50_ms, p95_ms, p99_ms, max_ms, ...rest } = row;
      expect(near?.[i]).toMatchObject({ ...rest, per_hour: expect.any(Number) });
      for (const [name, ms] of Object.entries({ min_ms, p50_ms, p95_ms, p99_ms, max_ms }))
        expect(Math.abs(Number(near?.[i]?.[name as 'p50_ms']) / Number(ms) - 1)).toBeLessThan(0.011);
    }
  });

  test('indexes are made once, by whoever opens it; a newer ledger, and one of another program, are left as they are', async () => {
    const names = async () => {
      const found = await client.db().collection('agent_executions').indexes();
      return found.map(({ name }) => name).sort();
    };
    const before = await names();
    expect(before).toContain('agent_executions_orchestration');
    await Promise.all([open(), open()]);
    expect(await names()).toEqual(before);
    await client
      .db()
      .collection('ledger_schema')
      .updateMany({}, { $set: { version: 99 } });
    await expect(open()).rejects.toThrow(
      /^Cannot open mongodb:\/\/127\.0\.0\.1:\d+\/ledger\d+: a newer fleetscope wrote it \(schema 99, this one knows 1\)\. Use the newer one/,
    );
    await client.db().collection('ledger_schema').deleteMany({});
    const documents = await client.db().listCollections({}, { nameOnly: true }).toArray();
    await expect(open()).rejects.toThrow(/^Cannot open \S+: it is the database of another program, .*Name another/);
    expect(await client.db().listCollections({}, { nameOnly: true }).toArray()).toEqual(documents);
    expect(await client.db().collection('ledger_schema').countDocuments()).toBe(0);
  });

  test.each([
    [
      'mongodb://ada:secret@127.0.0.1:9/x?serverSelectionTimeoutMS=200&tlsCertificateKeyFilePassword=secret',
      /REFUSED.*Check that MongoDB runs there/s,
    ],
    ['mongodb://ada:sec/ret@127.0.0.1:9/x', /Write mongodb:\/\/<user>:<password>@<host>/],
    ['mongodb://ada:sec?ret@127.0.0.1:9/x', /Write mongodb:\/\/<user>:<password>@<host>/],
    ['mongodb://ada:secret@127.0.0.1:99999/x', /./],
    ['mongodb://ada:secret@127.0.0.1:9/x?authMechanismProperties=secret', /./],
  ])('an address that cannot be used is named, and no secret of it: %s', async (bad, said) => {
    const error = await openLedger(bad).then(
      () => expect.unreachable(),
      (error: Error) => error,
    );
    expect(error.message).toMatch(/^Cannot open the ledger at mongodb:\/\/(127\.0\.0\.1:\d+\/x|\S*): /);
    expect(error.message).toMatch(said);
    expect(inspect(error, { depth: 20, showHidden: true })).not.toMatch(/ada:|secret|ret@/);
  });

  test('TLS is asked for in the URL, and a server without it is told from one with it', async () => {
    await expect(openLedger(`${url}?tls=true&serverSelectionTimeoutMS=300`)).rejects.toThrow(
      /^Cannot open the ledger at mongodb:\/\/127\.0\.0\.1:\d+\/ledger\d+: .*tls=true/s,
    );
  });
});
