/** 8 programs write to one ledger for 60 s and are killed again and again, while others read. */
import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, expect, test } from 'vitest';
import { monitorIn, type Run } from './monitor-command.ts';
import { halves, judge, type Kind, Writer } from './monitor-writers.ts';

const writingMs = 60_000;
const kills = 40;
const kinds: Kind[] = ['calls', 'calls', 'calls', 'spans', 'spans', 'spans', 'both', 'both'];
const readings = [
  ['list', 'waterfall latest', 'health', 'performance', 'failures', 'export'],
  ['export --format ndjson', 'show latest', 'check', 'executions latest', 'losses'],
];

const folder = mkdtempSync(join(tmpdir(), 'fleetscope-writers-'));
const file = join(folder, 'ledger.db');
const monitor = monitorIn(folder);
const writers: Writer[] = [];
afterEach(() => Promise.all(writers.splice(0).map((writer) => writer.end('SIGKILL'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('R02 8 processes write for a minute, 40 are killed: nothing that was told is lost or half there, and every reader is answered', {
  timeout: 300_000,
}, async () => {
  // All at once, and no file yet.
  writers.push(...kinds.map((kind, i) => new Writer(file, kind, String(i))));
  for (const writer of writers) writer.start();
  await atWork();
  const until = Date.now() + writingMs;
  const readers = readings.map((lines) => read(lines, until));
  for (let kill = 0; kill < kills; kill++) {
    await delay(Math.max(0, until - ((kills - kill) * writingMs) / kills - Date.now()) + Math.random() * 1000);
    const writer = writers[(kill * 3) % writers.length] as Writer;
    await writer.end('SIGKILL');
    writer.start();
  }
  await delay(Math.max(0, until - Date.now()));
  await atWork();
  await Promise.all(writers.map((writer) => writer.end('SIGTERM')));
  const answers = (await Promise.all(readers)).flat();

  const told = writers.flatMap((writer) => writer.told);
  expect(writers.flatMap(({ said }) => said)).toEqual([]);
  expect(writers.map(({ exitCode }) => exitCode)).toEqual(kinds.map(() => 0));
  const judgement = await judge(file, told);
  console.log(
    `8 writers, ${kills} killed: ${told.length} answers, ${judgement.facts} facts, ${judgement.runs} runs, ${judgement.unfinished} of them never ended; ${answers.length} commands read meanwhile`,
  );
  expect(judgement.faults.slice(0, 20), `${judgement.faults.length} faults`).toEqual([]);
  expect(judgement.unfinished).toBeLessThanOrEqual(kills);
  expect(told.length).toBeGreaterThan(100);
  expect(answers.filter(({ faults }) => faults.length > 0)).toEqual([]);
  // Nothing was set aside, and the last one who left took the log with it.
  expect(readdirSync(folder).filter((name) => /^ledger\.db(?!\.anew)/.test(name))).toEqual(['ledger.db']);

  await showThatItCanFail(told);
});

async function atWork(): Promise<void> {
  while (writers.some(({ isAtWork }) => !isAtWork)) await delay(20);
}

/** Goes through commands until it is time, through all of them at least once. Each is to end with 0, to say nothing of trouble, and to see no run by halves. */
async function read(lines: readonly string[], untilMs: number) {
  const answers: { line: string; faults: unknown[] }[] = [];
  for (let at = 0; Date.now() < untilMs || at < lines.length; at++) {
    const line = lines[at % lines.length] as string;
    const { exitCode, stderr, stdout } = await monitor(file, line);
    const faults = exitCode === 0 && stderr === '' ? [] : [exitCode, stderr];
    if (line === 'export' && exitCode === 0) faults.push(...halves(JSON.parse(stdout) as Run[]).slice(0, 5));
    answers.push({ line, faults });
  }
  return answers;
}

/** What a writer without a transaction, or a store that loses, would leave behind is found. */
async function showThatItCanFail(told: Parameters<typeof judge>[1]): Promise<void> {
  const spans = told.findLast(({ what }) => what === 'spans')?.session as string;
  const ended = told.findLast(({ what, session }) => what === 'ended' && session.startsWith('calls-'))
    ?.session as string;
  const copy = join(folder, 'copy.db');
  copyFileSync(file, copy);
  const database = new DatabaseSync(copy, { enableForeignKeyConstraints: false });
  database.prepare('DELETE FROM agent_executions WHERE agent_session_id = ?').run(`${ended}-a`);
  const ofRun = "orchestration_id = (SELECT id FROM orchestrations WHERE session_id = ?) AND kind = 'tool'";
  database.prepare(`DELETE FROM steps WHERE ${ofRun}`).run(spans);
  database.close();
  const { faults } = await judge(copy, told);
  expect([...faults].sort()).toEqual(
    [
      `${ended}: agent-began ${ended}-a was told, and is not there`,
      `${ended}: agent-ended ${ended}-a was told, and is not there`,
      `${ended}: its rows are not those of its facts`,
      `${spans}: it is half there, 2,8,18345.6 instead of 2,9,18345.6`,
      `${spans}: its rows are not those of its facts`,
    ].sort(),
  );
}

test('R02 the count above can fail: a program that says so before it is on disk has lost it when it is killed', async () => {
  const other = join(folder, 'other.db');
  writers.push(...(['spans', 'liar'] as const).map((kind) => new Writer(other, kind, '0')));
  for (const writer of writers) writer.start();
  const [honest, liar] = writers as [Writer, Writer];
  while (honest.told.length === 0) await delay(20);
  await Promise.all([honest.end('SIGTERM'), liar.gone]);
  const { faults } = await judge(other, [...honest.told, ...liar.told]);
  expect(faults).toEqual(liar.told.map(({ session }) => `${session}: spans  was told, and is not there`));
});
