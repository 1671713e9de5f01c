import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { entry } from '../store/some-incident.ts';
import type { AuditRecord } from '../store/store.ts';
import { chained, type Head, noHead } from './chain.ts';
import { DailyLog } from './daily-log.ts';
import { headsOf } from './log-files.ts';
import { verify } from './verify.ts';

const evening = Date.parse('2026-11-26T23:59:00Z');
const minute = 60_000;
const today = '2026-11-26-escalations.log';
const tomorrow = '2026-11-27-escalations.log';

let folder: string;
let trail: AuditRecord[];
let notices: string[];
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'fleetscope-daily-')), 'logs', 'alerts');
  trail = [];
  notices = [];
});
afterEach(() => rmSync(join(folder, '..', '..'), { recursive: true }));

const store = {
  async *audit(from = 1) {
    yield* trail.slice(from - 1);
  },
};
const add = (count: number, at = evening) => {
  for (let i = 0; i < count; i++) {
    const head: Head = trail.at(-1) ?? noHead;
    trail.push(chained(head, { ...entry('ä', head.number + 1), at, data: { text: '🚒' } }));
  }
};
const open = () => new DailyLog({ folder, store, notice: (line) => notices.push(line), retryMs: 3_600_000 });
/** As a process does it that starts, catches up and is killed: nothing is closed. */
const start = async () => {
  const log = open();
  await log.caughtUp();
  return log;
};
const lines = (file: string) => readFileSync(join(folder, file), 'utf8').trimEnd().split('\n');
const numbers = (file: string) => lines(file).map((line) => JSON.parse(line).number);

test('X01 each record is a line of its day, with its time, its number and its hash', async () => {
  add(2);
  add(1, evening + minute);
  const log = await start();
  add(1, evening + minute);
  log.poke();
  await log.close();
  expect(readdirSync(folder)).toEqual([today, tomorrow]);
  expect(numbers(today)).toEqual([1, 2]);
  expect(numbers(tomorrow)).toEqual([3, 4]);
  expect(JSON.parse(lines(today)[0] as string)).toEqual({ time: '2026-11-26T23:59:00.000Z', ...trail[0] });
  const read = [...lines(today), ...lines(tomorrow)].map((line) => {
    const { time: _, ...record } = JSON.parse(line);
    return record as AuditRecord;
  });
  expect(await verify(read)).toMatchObject({ ok: true, entries: 4 });
  expect(notices).toEqual([]);
});

test('X05 it goes on where it was, and writes nothing twice', async () => {
  add(3);
  await start();
  add(2, evening + minute);
  // The clock was set back: a later record is of an earlier day.
  add(1, evening);
  await start();
  await start();
  expect(numbers(today)).toEqual([1, 2, 3, 6]);
  expect(numbers(tomorrow)).toEqual([4, 5]);
  add(1, evening + minute);
  await start();
  expect(numbers(tomorrow)).toEqual([4, 5, 7]);
  expect(notices).toEqual([]);
});

test('X05 wherever a kill tears a line, it is whole again', async () => {
  add(3);
  await start();
  const path = join(folder, today);
  const whole = readFileSync(path);
  const third = whole.lastIndexOf('\n', whole.length - 2) + 1;
  for (let length = third; length < whole.length; length += 7) {
    truncateSync(path, length);
    await start();
    expect(readFileSync(path).equals(whole), `${length} bytes were left`).toBe(true);
  }
  truncateSync(path, 5);
  await start();
  expect(readFileSync(path).equals(whole)).toBe(true);
  truncateSync(path, 0);
  await start();
  expect(readFileSync(path).equals(whole)).toBe(true);
});

test('X05 a line that somebody typed, and a very long one, do not confuse it', async () => {
  add(1);
  trail.push(chained(trail[0] as AuditRecord, { ...entry('a', 2), at: evening, why: 'ü'.repeat(200_000) }));
  await start();
  appendFileSync(join(folder, today), 'looked at by Ada\n{"number":"x"}\n');
  add(1);
  await start();
  expect(lines(today)).toHaveLength(5);
  expect(JSON.parse(lines(today).at(-1) as string).number).toBe(3);
});

test('X05 what cannot be written is told once, held up by nothing, and written later', async () => {
  mkdirSync(folder, { recursive: true });
  // A folder where the file should be: it cannot be written, whoever one is.
  mkdirSync(join(folder, tomorrow));
  const log = open();
  add(1);
  add(2, evening + minute);
  await expect(log.caughtUp()).rejects.toThrow(
    /^Cannot write the log in .*EISDIR.* Check its permissions and free space\.$/,
  );
  await expect(log.caughtUp()).rejects.toThrow('EISDIR');
  log.poke();
  expect(notices).toEqual([expect.stringMatching(/lags behind the audit trail: EISDIR/)]);
  rmdirSync(join(folder, tomorrow));
  await log.caughtUp();
  expect(notices.slice(1)).toEqual([`The log in ${folder} is complete again.`]);
  expect([...numbers(today), ...numbers(tomorrow)]).toEqual([1, 2, 3]);
});

test('X05 a folder that cannot be made, and a time that is none, stop nothing', async () => {
  mkdirSync(join(folder, '..'), { recursive: true });
  writeFileSync(folder, '');
  add(1, Number.NaN);
  const log = open();
  await expect(log.caughtUp()).rejects.toThrow('Cannot write the log');
  rmSync(folder);
  await log.caughtUp();
  expect(numbers('1970-01-01-escalations.log')).toEqual([1]);
});

test('X06 the log of a trail that was replaced, changed or cut off is kept, told, and witnesses against it', async () => {
  add(3);
  await start();
  const before = readFileSync(join(folder, today));
  trail = [];
  add(2);
  await start();
  const [kept] = readdirSync(folder).filter((name) => name.startsWith(`${today}.other-`));
  expect(readFileSync(join(folder, kept as string)).equals(before)).toBe(true);
  expect(numbers(today)).toEqual([1, 2]);
  expect(notices).toEqual([expect.stringMatching(/ends with record 3 of another audit trail/)]);
  expect(await verify(trail)).toMatchObject({ ok: true });
  expect(await verify(trail, await headsOf(folder))).toMatchObject({ ok: false, broken: 3 });
});

test('X06 the heads of the log are those of its days', async () => {
  add(2);
  add(3, evening + minute);
  await start();
  expect((await headsOf(folder)).map(({ number }) => number)).toEqual([2, 5]);
  expect(await verify(trail, await headsOf(folder))).toMatchObject({ ok: true, entries: 5 });
  expect(await verify(trail.slice(0, 4), await headsOf(folder))).toMatchObject({ ok: false, broken: 5 });
  expect(statSync(join(folder, today)).mode & 0o007, 'not for everybody').toBe(0);
});
