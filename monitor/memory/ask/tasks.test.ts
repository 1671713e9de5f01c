import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Options } from '../../cli/command.ts';
import { MemoryLedger } from '../../testing/memory-ledger.ts';
import { terminal } from '../../testing/run-command.ts';
import { findingsOf } from '../consolidate/findings.ts';
import type { Finding } from '../record.ts';
import { elevenWeeks, type Remembered, rememberedDays } from '../testing/remembered-days.ts';
import { consolidate } from './consolidate.ts';
import { writeKnowledge } from './knowledge.ts';
import { report } from './report.ts';
import { snapshot } from './snapshot.ts';
import type { Task, TaskGiven } from './task.ts';

let there: Remembered;
const folder = mkdtempSync(join(tmpdir(), 'fleetscope-tasks-'));
beforeAll(async () => {
  there = await rememberedDays({ ...elevenWeeks, days: 21 });
});
afterAll(async () => {
  await there[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

/** No sample of anything: what the day is made of is the ledger's. */
const nothing = (async () =>
  Response.json({ status: 'success', data: { resultType: 'vector', result: [] } })) as typeof fetch;

async function run(task: Task, options: Options, now = '2025-12-23T12:00:00Z', screen = terminal(80)) {
  const told: string[] = [];
  const given: TaskGiven = {
    ...{
      memory: there.memory,
      options,
      screen,
      now: Date.parse(now),
      usdPerDay: 23,
      root: join(folder, 'root'),
    },
    told: (line) => told.push(line),
    sources: async () => ({
      ...{ prometheus: { url: 'http://prometheus.example', fetch: nothing }, ledger: new MemoryLedger([]) },
      ...{ escalation: 'No escalation service is asked.', [Symbol.asyncDispose]: async () => {} },
    }),
  };
  return { ...(await task.run(given)), told };
}

test('M01 a day is made at once, for good when it is closed and so far before; a dry run keeps nothing', async () => {
  const dry = await run(snapshot, { date: '2025-12-22', dryRun: true });
  expect(dry.json).toMatchObject({ date: '2025-12-22', state: 'final', hours_measured: 0 });
  expect(dry.told).toEqual(['Nothing was kept: --dry-run.']);
  expect(await there.memory.snapshot('2025-12-22')).toBeUndefined();
  await run(snapshot, {}, '2025-12-22T23:30:00Z');
  expect(await there.memory.snapshot('2025-12-22')).toMatchObject({ state: 'open' });
  const { told, json } = await run(snapshot, { date: '2025-12-22' });
  expect(told).toEqual([expect.stringMatching(/^Kept 2025-12-22, for good\./)]);
  expect(json).toEqual(await there.memory.snapshot('2025-12-22'));
});

test('M01 on a terminal a day is told as a person reads it, in a pipe as its file; one that was there likewise', async () => {
  const now = '2025-12-23T12:00:00Z';
  for (const options of [{ date: '2025-12-21', again: true, dryRun: true }, { date: '2025-12-20' }] as const) {
    const [read, piped] = [
      await run(snapshot, options, now),
      await run(snapshot, options, now, terminal(Number.POSITIVE_INFINITY)),
    ];
    expect(read.text).toContain(`${options.date}, UTC`);
    expect(read.text).toMatch(/^known .*for good/m);
    expect(read.text).not.toContain('"date"');
    expect(piped.text).toBe(JSON.stringify(piped.json, null, 2));
  }
});

test('M01 a final day stays as it is, unless it is asked for again; one that is not over is refused', async () => {
  const before = await there.memory.snapshot('2025-12-20');
  const { told, json } = await run(snapshot, { date: '2025-12-20' });
  expect(told).toEqual(['2025-12-20 is final, and stays as it is. --again makes it anew.']);
  expect([json, await there.memory.snapshot('2025-12-20')]).toEqual([before, before]);
  const again = await run(snapshot, { date: '2025-12-20', again: true, dryRun: true });
  expect(again.json).toMatchObject({ tasks: { started: 0 } });
  await expect(run(snapshot, { date: '2025-12-23' })).rejects.toThrow(
    /^Cannot tell 2025-12-23 yet: it is told from 2025-12-23 23:00 UTC on\./,
  );
  await expect(run(snapshot, { date: '2025-12' })).rejects.toThrow(/^Cannot read --date "2025-12"/);
});

test('M02 a week is consolidated at once, the same as by night; an open or unknown one is refused', async () => {
  const { json, text, told } = await run(consolidate, { week: '2025-W51', dryRun: true });
  const earlier = await there.memory.findings('2025-W50');
  expect(json).toEqual({ week: '2025-W51', findings: findingsOf('2025-W51', there.days, earlier) });
  expect(text).toMatch(/^# 2025-W51\n/);
  expect(told).toEqual(['Nothing was kept: --dry-run.']);
  const kept = await run(consolidate, {});
  expect(kept.told).toEqual(['Kept 2025-W51. Look at it: npm run monitor -- show week:2025-W51']);
  expect(kept.text).toBe(text);
  await expect(run(consolidate, { week: '2025-W52' })).rejects.toThrow(/^Cannot tell 2025-W52 yet: its last day/);
  await expect(run(consolidate, { week: '2025-W40' })).rejects.toThrow(
    /nothing is known of its days; the memory begins/,
  );
  await expect(run(consolidate, { week: '2025-12-01' })).rejects.toThrow(/^Cannot read --week/);
});

test('M02 after a day of a past week is made again, that week and those after it are made anew, and said', async () => {
  await using own = await rememberedDays({ ...elevenWeeks, days: 28 });
  const task = { ...snapshot, run: (given: TaskGiven) => snapshot.run({ ...given, memory: own.memory }) };
  const before = await own.memory.findings('2025-W52');
  // Its error is no longer known then: the pattern of the week is one day shorter.
  const date = '2025-12-11';
  const dry = await run(task, { date, again: true, dryRun: true }, '2026-01-02T12:00:00Z');
  expect([dry.told, await own.memory.findings('2025-W52')]).toEqual([['Nothing was kept: --dry-run.'], before]);
  const { told } = await run(task, { date, again: true }, '2026-01-02T12:00:00Z');
  expect(told.at(-1)).toBe('Made anew what rests on it: 2025-W50, 2025-W51, 2025-W52.');
  const days = own.days.map((day) => (day.date === date ? undefined : day));
  const known = [...days.flatMap((day) => day ?? []), (await own.memory.snapshot(date)) as (typeof own.days)[0]];
  const anew = known.toSorted((a, b) => (a.date < b.date ? -1 : 1));
  const expected: Finding[] = [];
  for (const week of ['2025-W49', '2025-W50', '2025-W51', '2025-W52'])
    expected.push(...findingsOf(week, anew, expected));
  expect(await own.memory.findings('2025-W52')).toEqual(expected);
  expect(expected).not.toEqual(before);
});

test('M05 knowledge is written at once, and what people wrote in it stays; a dry run writes nothing', async () => {
  const root = join(folder, 'root');
  const dry = await run(writeKnowledge, { folder: root, dryRun: true });
  expect(dry.text).toContain('new docs/ENCOUNTERED_ERRORS.md');
  expect(existsSync(root)).toBe(false);
  await run(writeKnowledge, { folder: root });
  const page = join(root, 'docs', 'ENCOUNTERED_ERRORS.md');
  const before = readFileSync(page, 'utf8');
  expect(before).toContain('0123456789ab');
  writeFileSync(page, `${before}\nBy hand.\n`);
  await run(writeKnowledge, { folder: root });
  expect(readFileSync(page, 'utf8')).toContain('\nBy hand.\n');
  expect((await run(writeKnowledge, { folder: root })).text).toMatch(/^All \d+ documents are as they were\.$/);
  await expect(run(writeKnowledge, { folder: root, date: '2025-10-01' })).rejects.toThrow(
    /^Cannot write of 2025-10-01: no/,
  );
  await expect(run(writeKnowledge, { folder: root, branch: 'memory' })).rejects.toThrow(/is no Git repository/);
});

test('M05 what people wrote in the folder of the service is not taken back by documents in another one', async () => {
  const [root, other] = [join(folder, 'root'), join(folder, 'other')];
  const path = 'docs/errors/0123456789ab.md';
  const write = (text: string, inFolder: string) => {
    const page = readFileSync(join(inFolder, path), 'utf8');
    writeFileSync(join(inFolder, path), page.replace(/(## Status, by people\n\n)Not known yet\./, `$1${text}`));
  };
  for (const one of [other, root]) await run(writeKnowledge, { folder: one });
  write('resolved', root);
  symlinkSync('root', join(folder, 'by-link'));
  expect((await run(writeKnowledge, { folder: join(folder, 'by-link') })).told).toEqual([]);
  const kept = await there.memory.overrides(path);
  expect(kept).toMatchObject([{ block: 'status', text: expect.stringContaining('resolved') }]);
  await run(writeKnowledge, { folder: other });
  write('open', other);
  const { told } = await run(writeKnowledge, { folder: other });
  expect(told).toEqual([`What people wrote there counts there: questions and alerts go by ${root}.`]);
  expect(await there.memory.overrides(path)).toEqual(kept);
  await there.memory.dropOverride(path, 'status');
});

test('M06 the report is written whole, or to whoever reads', async () => {
  const output = join(folder, 'december.html');
  const { told, text } = await run(report, { month: '2025-12', output });
  expect([told, text]).toEqual([[`Wrote ${output}.`], undefined]);
  const piped = await run(report, {}, undefined, terminal(Number.POSITIVE_INFINITY));
  expect(`${piped.text}\n`).toBe(readFileSync(output, 'utf8'));
  await expect(run(report, {})).rejects.toThrow('on a terminal. Name a file: --output 2025-12.html');
  await expect(run(report, { month: 'December' })).rejects.toThrow(/^Cannot read the month "December"/);
});
