import { rmSync, unlinkSync, writeFileSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { beginOf, hourOf } from '../periods.ts';
import type { MemoryStore } from '../store/memory-store.ts';
import { first, type Life, rowsOf, someFolder, start, tree, until, type World, work, world } from './testing/world.ts';

let folder: string;
let undisturbed: Record<string, string>;
let undisturbedMorning: typeof undisturbed;
const folders: string[] = [];
const fresh = () => {
  const made = someFolder();
  folders.push(made);
  return made;
};
/** Two days and a morning; one of them is enough where every write is looked at. */
const [morning, end] = ['2026-11-17T07:00Z', '2026-11-18T07:00Z'];

async function someWorld(more: Partial<World> = {}): Promise<World> {
  const made = Object.assign(world(), more);
  await work(made.ledger, 9);
  return made;
}

/** The weeks of findings are few: all of them. */
const rows = (store: MemoryStore) => rowsOf(store, '2027-W01');

let undisturbedRows: string;
let rowsOfMorning: string;
beforeAll(async () => {
  folder = fresh();
  const here = await someWorld();
  const process = start(here, folder);
  await until(here, morning, process);
  undisturbedMorning = tree(folder);
  rowsOfMorning = await rows(process.store);
  await until(here, end, process);
  undisturbed = tree(folder);
  undisturbedRows = await rows(process.store);
  await process.store.close();
  expect(here.notices).toEqual([]);
}, 120_000);
beforeEach(() => {
  folder = fresh();
});
afterEach(() => {
  for (const one of folders.splice(0)) rmSync(one, { recursive: true, force: true });
});

describe('M01 M03 the files end equal', () => {
  test('undisturbed: six hours each, a day each, and what is known by then', () => {
    expect(Object.keys(undisturbed)).toEqual([
      ...['MEMORY.md', 'docs/BEST_PRACTICES.md', 'docs/DECISIONS.md', 'docs/ENCOUNTERED_ERRORS.md'],
      ...['16T00', '16T06', '16T12', '16T18', '17T00', '17T06', '17T12', '17T18', '18T00'].map(
        (hour) => `logs/metrics-history/2026-11-${hour}.json`,
      ),
      'logs/snapshots/2026-11-16.json',
      'logs/snapshots/2026-11-17.json',
    ]);
    expect(undisturbed['logs/snapshots/2026-11-17.json']).toContain('"state": "final"');
  });

  test('late, all at once', async () => {
    const here = await someWorld({ nowMs: Date.parse(end) });
    const process = start(here, folder);
    await process.rounds.round();
    expect(tree(folder)).toEqual(undisturbed);
    expect(await rows(process.store)).toBe(undisturbedRows);
    await process.store.close();
  }, 60_000);

  test('twice: a second look writes nothing, and what somebody deleted or changed comes back', async () => {
    const here = await someWorld({ nowMs: Date.parse(morning) });
    const process = start(here, folder);
    await process.rounds.round();
    await process.rounds.round();
    expect(tree(folder)).toEqual(undisturbedMorning);
    const [snapshot, history] = ['logs/snapshots/2026-11-16.json', 'logs/metrics-history/2026-11-16T06.json'];
    unlinkSync(join(folder, 'root', snapshot));
    writeFileSync(join(folder, 'root', history), 'changed');
    writeFileSync(join(folder, 'root', 'logs/snapshots/.2026-11-16.json.partial-00ff00ff'), 'half');
    here.nowMs += 3_600_000;
    await process.rounds.round();
    expect(tree(folder)[snapshot]).toBe(undisturbedMorning[snapshot]);
    expect(tree(folder)[history]).toBe('changed');
    await process.rounds.close();
    await process.store.close();
    const next = start(here, folder);
    await next.rounds.round();
    expect(tree(folder)[history]).toBe(undisturbedMorning[history]);
    expect(Object.keys(tree(folder)).filter((path) => path.includes('partial'))).toEqual([]);
    await next.store.close();
  }, 60_000);

  test('killed after each number of writes, of the store and the disk, and started again', async () => {
    const here = await someWorld({ nowMs: Date.parse(morning), theirClockMs: Date.parse(morning) });
    let kills = 0;
    for (const life: Life = { left: 0 }; ; kills += 1) {
      life.left = kills;
      const process = start(here, folder, life);
      await process.rounds.round();
      await process.store.close();
      // Who is dead gives nothing back.
      here.nowMs += 61_000;
      if (life.left > 0) break;
    }
    expect(kills).toBeGreaterThan(15);
    expect(tree(folder)).toEqual(undisturbedMorning);
    const reader = start(here, folder);
    expect(await rows(reader.store)).toBe(rowsOfMorning);
    expect(await reader.store.damage()).toBeUndefined();
    await reader.store.close();
  }, 120_000);

  test('two leaders: one works, the other goes on when the first is gone', async () => {
    const here = await someWorld();
    const [one, other] = [start(here, folder), start(here, folder)];
    await until(here, '2026-11-16T20:00Z', one, other);
    await until(here, '2026-11-17T02:00Z', other, one);
    await one.rounds.close();
    await one.store.close();
    await until(here, end, other);
    expect(tree(folder)).toEqual(undisturbed);
    expect(await rows(other.store)).toBe(undisturbedRows);
    await other.store.close();
  }, 60_000);

  test('two that both believe that they lead, because their clocks differ', async () => {
    const here = await someWorld({ nowMs: Date.parse(morning) });
    const always = { take: async () => true, hold: async () => undefined, giveBack: async () => undefined };
    const leader = { ...always, whileHeld: <T>(made: () => Promise<T>) => made() } as never;
    const some = [start(here, folder, undefined, { leader }), start(here, folder, undefined, { leader })];
    await Promise.all(some.map(({ rounds }) => rounds.round()));
    expect(tree(folder)).toEqual(undisturbedMorning);
    for (const { store } of some) await store.close();
  }, 60_000);

  test('a clock that goes back and forward: ours, while Prometheus knows better', async () => {
    const here = await someWorld({ theirClockMs: 0 });
    const process = start(here, folder);
    const jumps = [0, 40, -30, 0, 100, -3, 0].map((hours) => hours * 3_600_000);
    for (let real = here.nowMs, i = 0; real <= Date.parse(end); real += 1_800_000, i++) {
      here.theirClockMs = real;
      // Ahead of the lease nobody else has.
      here.nowMs = real + (jumps[Math.floor(i / 10) % jumps.length] as number);
      await process.rounds.round();
    }
    here.nowMs = Date.parse(end) + 2 * 24 * 3_600_000;
    await process.rounds.round();
    expect(await rows(process.store)).toBe(undisturbedRows);
    expect(tree(folder)).toEqual(undisturbed);
    await process.store.close();
  }, 60_000);

  test('a clock that is a day ahead, and that of Prometheus with it: what was made of hours to come is made again', async () => {
    const here = await someWorld();
    let process = start(here, folder);
    await until(here, '2026-11-17T03:00Z', process);
    // Nobody has measured yet what is still to come.
    for (let hour = here.nowMs - 3_600_000; hour < Date.parse(end); hour += 3_600_000) here.gaps.add(hourOf(hour));
    here.nowMs += 24 * 3_600_000;
    await process.rounds.round();
    expect(await process.store.done('day-so-far')).toContain('2026-11-17');
    expect(await process.store.done('day')).toEqual([first]);
    here.gaps.clear();
    here.nowMs -= 24 * 3_600_000;
    // Who had the lease until tomorrow is gone.
    await process.store.close();
    process = start(here, folder);
    await until(here, end, process);
    expect(here.notices).toEqual([
      expect.stringMatching(
        /^A clock was ahead: \d+ periods were made before they were over, hour 2026-11-17T03 among/,
      ),
    ]);
    expect(tree(folder)).toEqual(undisturbed);
    expect(await rows(process.store)).toBe(undisturbedRows);
    await process.store.close();
  }, 60_000);

  test('who is held up in the middle of a write leaves no older file where another one has written', async () => {
    const here = await someWorld({ lateMs: 5 * 3_600_000 });
    const other = start(here, folder);
    const path = 'logs/metrics-history/2026-11-16T18.json';
    let isHeldUp = false;
    const open: typeof fs.open = async (...args) => {
      if (!isHeldUp && `${args[0]}`.includes('.2026-11-16T18.json.partial')) {
        isHeldUp = true;
        here.nowMs = Date.parse('2026-11-17T06:30Z');
        await other.rounds.round();
        expect(tree(folder)[path]).toBe(undisturbed[path]);
      }
      return fs.open(...args);
    };
    const one = start(here, folder, undefined, { disk: { ...fs, open } });
    await until(here, '2026-11-17T00:10Z', one);
    expect(isHeldUp).toBe(true);
    expect(tree(folder)[path]).toBe(undisturbed[path]);
    expect(here.notices).toEqual([]);
    for (const { store } of [one, other]) await store.close();
  }, 60_000);
});

test('M04 what a person writes into a document stays, through looks and new days', async () => {
  const here = await someWorld({ nowMs: Date.parse('2026-11-17T12:00Z') });
  const process = start(here, folder);
  await process.rounds.round();
  const path = join(folder, 'root', 'MEMORY.md');
  const noted = (text: string | undefined) => `${text}`.replace('# Memory\n', '# Memory\n\nOurs: ask Ada first.\n');
  writeFileSync(path, noted(tree(folder)['MEMORY.md']));
  await until(here, end, process);
  expect(tree(folder)['MEMORY.md']).toBe(noted(undisturbed['MEMORY.md']));
  expect(tree(folder)['MEMORY.md']).toContain('Ada');
  await process.store.close();
}, 60_000);

describe('M01 M03 what is not there', () => {
  test('late samples: the day reads its hours anew, and ends as if they had been there', async () => {
    const here = await someWorld({ lateMs: 5 * 3_600_000 });
    const process = start(here, folder);
    await until(here, '2026-11-17T05:00Z', process);
    const early = tree(folder)['logs/metrics-history/2026-11-16T18.json'];
    expect(early).not.toBe(undisturbed['logs/metrics-history/2026-11-16T18.json']);
    await until(here, '2026-11-17T06:00Z', process);
    for (const hour of ['00', '06', '12', '18']) {
      const path = `logs/metrics-history/2026-11-16T${hour}.json`;
      expect(tree(folder)[path]).toBe(undisturbed[path]);
    }
    expect(tree(folder)['logs/snapshots/2026-11-16.json']).toBe(undisturbed['logs/snapshots/2026-11-16.json']);
    await process.store.close();
  }, 60_000);

  test('a day that nobody measured is a gap in its snapshot and in its week, and never a zero', async () => {
    const here = await someWorld({ sinceMs: beginOf('2026-11-20'), nowMs: Date.parse('2026-11-23T12:00Z') });
    for (let hour = beginOf('2026-11-21'); hour < beginOf('2026-11-22'); hour += 3_600_000) here.gaps.add(hourOf(hour));
    const process = start(here, folder);
    await process.rounds.round();
    const files = tree(folder);
    expect(files['logs/snapshots/2026-11-21.json']).toContain('Prometheus measured none of the day.');
    expect(files['memory/2026-W47-summary.md']).toContain('2026-11-21: Prometheus measured none of the day.');
    const hours = await process.store.hours({ from: '2026-11-21', to: '2026-11-21' });
    expect(hours.length).toBeGreaterThan(24);
    expect(hours.filter(({ value }) => value !== null)).toEqual([]);
    await process.store.close();
  }, 60_000);

  test('days that are older than what sources keep are missing, and the week says so', async () => {
    const here = await someWorld({ nowMs: Date.parse('2026-11-23T12:00Z') });
    const process = start(here, folder, undefined, { keptMs: 3 * 86_400_000 });
    await process.rounds.round();
    const files = tree(folder);
    expect(Object.keys(files).filter((path) => path.startsWith('logs/snapshots'))).toEqual(
      ['21', '22'].map((day) => `logs/snapshots/2026-11-${day}.json`),
    );
    expect(files['memory/2026-W47-summary.md']).toContain(
      'Nothing is known of 2026-11-16, 2026-11-17, 2026-11-18, 2026-11-19, 2026-11-20.',
    );
    await process.store.close();
  }, 60_000);

  test('while Prometheus is away nothing is closed; then all is caught up', async () => {
    const here = await someWorld();
    const process = start(here, folder);
    await until(here, '2026-11-17T03:00Z', process);
    here.isPrometheusAway = true;
    await until(here, '2026-11-17T20:00Z', process);
    expect(await process.store.done('hour', '2026-11-17')).toEqual(['2026-11-17T00', '2026-11-17T01']);
    here.isPrometheusAway = false;
    await until(here, end, process);
    expect(tree(folder)).toEqual(undisturbed);
    await process.store.close();
  }, 60_000);
});

describe('M01 a job that fails', () => {
  const away = { url: 'http://127.0.0.1:1', token: () => 'token' };
  const unanswered = 'Incidents are not known: the escalation service did not answer within a day.';

  test('holds up what depends on it and nothing else, says which, and is tried again at growing distances', async () => {
    const here = await someWorld({ escalation: away });
    const process = start(here, folder);
    await until(here, '2026-11-17T12:00Z', process);
    expect(await process.store.done('day')).toEqual([]);
    expect(await process.store.done('day-so-far')).toEqual([first]);
    expect(await process.store.done('hour')).toHaveLength(35);
    expect(await process.store.done('history')).toHaveLength(5);
    expect(here.notices.length).toBeGreaterThan(4);
    expect(here.notices.length).toBeLessThan(12);
    expect(here.notices[0]).toMatch(
      /^Cannot make day 2026-11-16: Cannot reach the escalation service .* It is tried again in 30 s\.$/,
    );
    expect(here.notices.at(-1)).toMatch(/It is tried again in 3600 s\.$/);
    await process.store.close();
  }, 60_000);

  test('is made without what does not answer for a day, and says so', async () => {
    const here = await someWorld({ escalation: away });
    const process = start(here, folder);
    await until(here, '2026-11-18T08:00Z', process);
    expect((await process.store.snapshot(first))?.gaps).toContain(unanswered);
    await process.store.close();
  }, 60_000);

  test('is so too on a machine that is started each morning, and not by one that has just begun to ask', async () => {
    const here = await someWorld({ escalation: away });
    const workday = async (date: string, ends: string) => {
      here.nowMs = Date.parse(`${date}T08:00Z`);
      const process = start(here, folder);
      await until(here, `${date}T${ends}Z`, process);
      const done = await process.store.done('day');
      await process.rounds.close();
      const gaps = (await process.store.snapshot(first))?.gaps;
      await process.store.close();
      return { done, gaps };
    };
    expect((await workday('2026-11-17', '16:00')).done).toEqual([]);
    expect((await workday('2026-11-18', '10:00')).done).toEqual([]);
    expect(await workday('2026-11-19', '14:00')).toEqual({
      done: [first, '2026-11-17'],
      // This Prometheus counts the same at every hour, whatever there was.
      gaps: [expect.stringMatching(/^The ledger has 4 tasks of 23 hours/), unanswered],
    });
  }, 60_000);

  test('a disk that is full loses no rows, and has the files once there is room', async () => {
    const here = await someWorld({ nowMs: Date.parse(morning) });
    const full = Object.assign(new Error('no space'), { code: 'ENOSPC' });
    let isFull = true;
    const open: typeof fs.open = async (...args) => {
      if (isFull) throw full;
      return fs.open(...args);
    };
    const process = start(here, folder, undefined, { disk: { ...fs, open } });
    await process.rounds.round();
    expect(here.notices[0]).toMatch(/^Cannot write the files of .*: Cannot write .*: ENOSPC\. Free space/);
    expect(await rows(process.store)).toBe(rowsOfMorning);
    isFull = false;
    await process.rounds.round();
    expect(tree(folder)).toEqual(undisturbedMorning);
    await process.store.close();
  }, 60_000);
});
