/** What must not make a difference: kills, two leaders, stops, clocks that jump, a Prometheus that is away, a folder that refuses. */
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { mulberry32 } from '../../monitor/analysis/mulberry32.ts';
import { Leader } from '../../monitor/memory/schedule/leader.ts';
import { Rounds } from '../../monitor/memory/schedule/rounds.ts';
import { rowsOf, tree } from '../../monitor/memory/schedule/testing/world.ts';
import { openMemory } from '../../monitor/memory/store/open.ts';
import { openLedger } from '../../monitor/store/open.ts';
import { killAll, start as startProcess } from '../../service/testing/process.ts';
import { ferretDbOfFile } from './ferretdb-of-file.ts';
import {
  at,
  everything,
  facts,
  makeBlocks,
  mondayMorning,
  type Prometheus,
  prometheusOf,
  saturdayDate,
  sunday,
  week,
} from './memory-days.ts';
import type { Clocks } from './memory-process.ts';

const { nextUrl } = ferretDbOfFile('disturbed');
const unknown = 'Incidents are not known: no escalation service is named (FLEETSCOPE_MEMORY_ESCALATION).';
const home = mkdtempSync(join(tmpdir(), 'fleetscope-disturbed-'));
const [blocks, data] = [join(home, 'blocks'), join(home, 'data')];
let prometheus: Prometheus;
let undisturbed: { files: Record<string, string>; rows: string };

beforeAll(async () => {
  mkdirSync(blocks);
  mkdirSync(data);
  await makeBlocks(blocks);
  const ledger = await openLedger(join(data, 'ledger.db'));
  await ledger.record(facts());
  prometheus = await prometheusOf(blocks, join(home, 'prometheus'));
  await prometheus.start(...everything);
  const folder = join(home, 'undisturbed');
  mkdirSync(folder);
  const store = await openMemory(join(folder, 'memory.db'));
  let nowMs = 0;
  const notices: string[] = [];
  const rounds = new Rounds({
    ...{ store, root: join(folder, 'root'), keptMs: 29 * 86_400_000, leader: new Leader({ store, now: () => nowMs }) },
    sources: { prometheus: { url: prometheus.url, fetch: askedOnce() }, ledger, memory: store, escalation: unknown },
    ...{
      times: async () => ({ nowMs, sinceMs: at(0) }),
      elapsedMs: () => nowMs,
      notice: (line) => notices.push(line),
    },
  });
  for (const hours of [8, 16, 23.5, 30.5, 40, 47.5, 55]) {
    nowMs = at(hours);
    await rounds.round();
  }
  expect([notices, nowMs]).toEqual([[], mondayMorning]);
  undisturbed = { files: tree(folder), rows: await rowsOf(store, week) };
  await Promise.all([store.close(), ledger.close(), prometheus.stop()]);
}, 600_000);
afterEach(async () => {
  killAll();
  await prometheus.stop();
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** Of a Prometheus that has all it will ever have: a day that reads its hours anew hears the same. */
function askedOnce(): typeof fetch {
  const known = new Map<string, Promise<string>>();
  return async (input, init) => {
    const asked = `${init?.body}`;
    const text = known.get(asked) ?? fetch(input, init).then((answer) => answer.text());
    known.set(asked, text);
    return new Response(await text);
  };
}

/** Processes of the memory on one store and one folder. */
class Processes {
  readonly folder: string;
  readonly #env: Record<string, string>;
  readonly #random: () => number;
  readonly #running: ReturnType<typeof startProcess>[] = [];
  #clocks: Clocks = { ours: at(0), theirs: at(0) };

  constructor(name: string, store: string, seed: number) {
    this.folder = join(home, name);
    mkdirSync(join(this.folder, 'root'), { recursive: true });
    this.#random = mulberry32(seed);
    this.#env = {
      FLEETSCOPE_MEMORY_LISTEN: '127.0.0.1:0',
      FLEETSCOPE_MONITOR_DATA: data,
      FLEETSCOPE_MEMORY_DB: store,
      FLEETSCOPE_MEMORY_ROOT: join(this.folder, 'root'),
      FLEETSCOPE_MEMORY_PROMETHEUS: prometheus.url,
      TEST_CLOCKS: join(this.folder, 'clocks.json'),
      NODE_COMPILE_CACHE: join(home, 'compiled'),
    };
  }

  clocks(hours: number, more: Partial<Clocks> = {}): void {
    this.#clocks = { ours: at(hours), theirs: at(hours), ...more };
    this.#write();
  }

  /** Somebody who is gone has the lease for a minute. */
  #aMinuteLater(): void {
    const { ours, theirs } = this.#clocks;
    this.#clocks = { ours: ours + 61_000, theirs: theirs + 61_000 };
    this.#write();
  }

  #write(): void {
    const path = this.#env.TEST_CLOCKS as string;
    writeFileSync(`${path}.new`, JSON.stringify(this.#clocks));
    renameSync(`${path}.new`, path);
  }

  async start(): Promise<void> {
    const one = startProcess(join(import.meta.dirname, 'memory-process.ts'), { env: this.#env });
    this.#running.push(one);
    await one.url;
  }

  signal(which: number, signal: NodeJS.Signals): void {
    this.#running[which]?.child.kill(signal);
  }

  /** Again and again, whatever it is doing. Another takes its place. */
  async kill(times: number): Promise<void> {
    for (let i = 0; i < times; i++) {
      await delay(this.#random() * 900);
      const [one] = this.#running.splice(Math.floor(this.#random() * this.#running.length), 1);
      one?.child.kill('SIGKILL');
      expect(await one?.exit).toEqual([null, 'SIGKILL']);
      this.#aMinuteLater();
      await this.start();
    }
  }

  /** Told to, each ends well. */
  async end(): Promise<void> {
    for (const { child, exit, said } of this.#running.splice(0)) {
      child.kill('SIGTERM');
      expect(await exit, said.text).toEqual([0, null]);
    }
  }
}

const stores: [name: string, url: () => string][] = [
  ['SQLite', () => join(home, 'SQLite', 'memory.db')],
  ['MongoDB', nextUrl],
];

describe.each(stores)('M01 M03 disturbed, in %s', (name, urlOf) => {
  test('the files and the rows end equal to those of an undisturbed run', async () => {
    const url = urlOf();
    const some = new Processes(name, url, 9);
    const root = join(some.folder, 'root');
    some.clocks(0.1);
    await prometheus.start('morning');
    await Promise.all([some.start(), some.start()]);
    const store = await openMemory(url);
    const poll = <T>(ask: () => T | Promise<T>) => expect.poll(ask, { timeout: 200_000, interval: 100 });
    const hours = async () => (await store.done('hour')).at(-1);

    // Killed while they work, two at a time.
    for (const hour of [3, 6, 9]) {
      some.clocks(hour + 0.5);
      await some.kill(2);
    }
    await poll(hours).toBe(`${saturdayDate}T08`);

    // Stopped for longer than a lease lasts: the other goes on, and who wakes up has nothing to say any more.
    for (const [which, hour] of [9, 10].entries()) {
      some.signal(which, 'SIGSTOP');
      some.clocks(hour + 1.5);
      await poll(hours).toBe(`${saturdayDate}T${String(hour).padStart(2, '0')}`);
      some.signal(which, 'SIGCONT');
    }

    // All clocks are a day ahead: the day is closed, half of which is still to come. Then they are right again.
    some.clocks(35.5);
    await poll(() => store.done('day')).toEqual([saturdayDate]);
    some.clocks(14.5);
    await prometheus.stop();
    await prometheus.start('afternoon');
    await poll(() => store.done('day')).toEqual([]);
    await poll(hours).toBe(`${saturdayDate}T13`);

    // One clock is ahead, Prometheus cannot be asked, one clock is behind: nothing is closed.
    some.clocks(14.5, { ours: at(38.5) });
    await delay(500);
    await prometheus.stop();
    some.clocks(17.5);
    await delay(500);
    await prometheus.start();
    some.clocks(17.5, { ours: at(-9) });
    await some.kill(1);
    expect(await hours()).toBe(`${saturdayDate}T13`);
    some.clocks(17.5);
    await poll(hours).toBe(`${saturdayDate}T16`);

    // The folder refuses what is to be written; Prometheus is away over the end of the day; then there is what came late.
    renameSync(join(root, 'logs'), join(some.folder, 'logs'));
    writeFileSync(join(root, 'logs'), 'in the way');
    some.clocks(18.5);
    await poll(hours).toBe(`${saturdayDate}T17`);
    await prometheus.stop();
    some.clocks(29);
    await some.kill(1);
    await prometheus.start('late', 'rest');
    await poll(hours).toBe(`${sunday}T03`);
    rmSync(join(root, 'logs'));
    renameSync(join(some.folder, 'logs'), join(root, 'logs'));

    // The day is closed, and another one that nobody measured, and the week.
    some.clocks(30.5);
    await some.kill(3);
    await prometheus.stop();
    await prometheus.start('monday');
    some.clocks(55);
    await some.kill(4);
    await poll(() => store.done('week')).toEqual([week]);
    await poll(() => tree(some.folder)).toEqual(undisturbed.files);
    expect(await rowsOf(store, week)).toBe(undisturbed.rows);
    expect(await store.damage()).toBeUndefined();

    // Twice.
    await some.end();
    await some.start();
    await delay(500);
    await some.end();
    expect(tree(some.folder)).toEqual(undisturbed.files);
    expect(await rowsOf(store, week)).toBe(undisturbed.rows);
    await store.close();
  }, 600_000);
});
