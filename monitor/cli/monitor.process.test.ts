/** `npm run monitor` as a process, on real files: what is printed, how it ends, and what is wrong with a file. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { damage } from '../../service/testing/damage.ts';
import { openLedger } from '../store/open.ts';
import { runEnded, runStarted, wholeRun, wholeRunCalls } from '../testing/some-facts.ts';

const script = join(import.meta.dirname, '..', '..', 'scripts', 'monitor.ts');
const folder = mkdtempSync(join(tmpdir(), 'fleetscope-monitor-'));
const db = join(folder, 'ledger.db');
// Compiled once, not for each process.
const env = { FLEETSCOPE_HOME: folder, FLEETSCOPE_MONITOR_DB: '', NODE_COMPILE_CACHE: join(folder, 'compiled') };

const monitor = (file: string, ...args: string[]) =>
  execa(process.execPath, [script, '--db', file, ...args], { reject: false, env, stdin: 'ignore', timeout: 60_000 });

beforeAll(async () => {
  const ledger = await openLedger(db);
  await ledger.record([...wholeRun('traced', 'a1'), ...wholeRunCalls('called', 600)]);
  await ledger.close();
});
afterAll(() => rmSync(folder, { recursive: true }));

test('R01 a transcript: list, show, executions, waterfall, failures, export', { timeout: 60_000 }, async () => {
  const [list, show, executions, waterfall, failures, exported] = await Promise.all([
    monitor(db, 'list', '--absolute'),
    monitor(db, 'show', 'traced', '--absolute'),
    monitor(db, 'executions', 'called', '--json'),
    monitor(db, 'waterfall', 'traced'),
    monitor(db, 'failures', '5', '--exit-code'),
    monitor(db, 'export', 'traced', '--format', 'ndjson'),
  ]);
  const all = [list, show, executions, waterfall, failures, exported];
  for (const { exitCode, stderr } of all) expect([exitCode, stderr]).toEqual([0, '']);
  expect(failures.stdout).toBe('Nothing has failed.');
  // Off a terminal: tabs, and no codes.
  expect(list.stdout.split('\n').map((row) => row.split('\t')[0])).toEqual(['RUN', 'called', 'traced']);
  expect(list.stdout).toMatch(/\ntraced\tcompleted\t2026-11-26 09:00:00Z\t/);
  for (const { stdout } of all) expect(stdout).not.toContain('\u001b');
  expect(show.stdout).toMatch(/^traced: .*\n\nstatus\tcompleted\nbegan\t2026-11-26 09:00:00Z\n/);
  expect(show.stdout).toMatch(/\n\nExecutions\nAGENT\tTASK\tSTATUS/);
  expect(JSON.parse(executions.stdout).executions.length).toBeGreaterThan(0);
  expect(waterfall.stdout).toMatch(/^traced: .*\n\nPART\tTOOK\tCOST\tBEGAN AT\tSPENT ON\n/);
  const ledger = await openLedger(db);
  for await (const run of ledger.export('traced')) expect(JSON.parse(exported.stdout)).toEqual(run);
  await ledger.close();
});

test('R01 ends with 1 for what is not there, with 2 for wrong usage', { timeout: 60_000 }, async () => {
  const [nobody, none, usage, unknown, limit, help] = await Promise.all([
    monitor(db, 'show', 'nobody'),
    monitor(join(folder, 'none.db'), 'list'),
    monitor(db, 'show'),
    monitor(db, 'lost'),
    monitor(db, 'list', '--limit', '0'),
    monitor(db, '--help'),
  ]);
  expect([nobody, none, usage, unknown, limit, help].map(({ exitCode }) => exitCode)).toEqual([1, 1, 2, 2, 2, 0]);
  expect(nobody.stderr).toMatch(/^Cannot find the run "nobody"/);
  expect(none.stderr).toMatch(/^Cannot open the ledger: there is none at .*none\.db\. One comes to be by a program/);
  expect(existsSync(join(folder, 'none.db'))).toBe(false);
  expect(limit.stderr).toBe('Cannot use --limit "0": give a whole number from 1 to 1000.');
  expect([nobody.stdout, none.stdout, limit.stdout]).toEqual(['', '', '']);
});

test('R01 options that npm took are refused before anything is done, also among too many arguments', {
  timeout: 60_000,
}, async () => {
  const file = join(folder, 'kept.db');
  const ledger = await openLedger(file);
  await ledger.record([runStarted('old', -40 * 86_400), runEnded('old', -40 * 86_400 + 10)]);
  await ledger.close();
  const npm = (taken: Record<string, string>, ...args: string[]) =>
    execa(process.execPath, [script, ...args], {
      ...{ reject: false, stdin: 'ignore', timeout: 60_000 },
      env: { ...env, FLEETSCOPE_MONITOR_DB: file, npm_lifecycle_event: 'monitor', ...taken },
    });
  const [cleanup, list, selfTest, dry] = await Promise.all([
    npm({ npm_config_db: '/tmp/other.db' }, 'cleanup', '30'),
    npm({ npm_config_status: 'true' }, 'list', 'failed'),
    npm({ npm_config_output: 'kept' }, 'self-test'),
    npm({ npm_config_dry_run: 'true' }, 'cleanup', '30'),
  ]);
  expect([cleanup, list, selfTest, dry].map(({ exitCode }) => exitCode)).toEqual([2, 2, 2, 0]);
  expect(cleanup.stderr).toBe(
    'Cannot heed --db: npm took it for its own. Write "--" before the options: npm run monitor -- cleanup 30 --db=/tmp/other.db',
  );
  expect(list.stderr).toMatch(/ npm run monitor -- list … --status=…$/);
  expect(selfTest.stderr).toMatch(/ npm run monitor -- self-test --output=kept$/);
  expect(dry.stdout).toMatch(/^Would remove 1 run /);
  expect((await monitor(file, 'list')).stdout).toMatch(/\nold\t/);
});

test('R01 an error steers no terminal, whoever wrote what is in it; its lines stay lines', async () => {
  const program = `
    import { main } from ${JSON.stringify(join(script, '..', 'command.ts'))};
    await main(async () => {
      const cause = { said: new Error('\\u009b2Jcause') };
      throw new Error('one\\u001b]0;owned\\u0007\\u001b[31m\\u009b2J\\n\\ttwo\\rthree\\u202e', { cause });
    });`;
  const { exitCode, stderr } = await execa(process.execPath, ['--input-type=module', '--eval', program], {
    ...{ reject: false, env: { ...env, FLEETSCOPE_DEBUG: '1' } },
  });
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/^one\n\ttwo three \n[\s\S]*cause/);
  expect(stderr).not.toMatch(/[^\P{Cc}\t\n]|\p{Cf}/u);
});

test('R01 a reader that leaves early ends an export without an error', { timeout: 60_000 }, async () => {
  const large = join(folder, 'large.db');
  const ledger = await openLedger(large);
  const text = 'x'.repeat(2000);
  const runs = Array.from({ length: 400 }, (_, i) => [
    runStarted(`r${i}`, i, { task_description: text }),
    runEnded(`r${i}`, i),
  ]);
  await ledger.record(runs.flat());
  await ledger.close();
  const command = `"$0" "$1" --db "$2" export --format ndjson | head -c 100; echo " \${PIPESTATUS[0]}"`;
  const { stdout, stderr } = await execa('bash', ['-c', command, process.execPath, script, large], { env });
  expect(stdout).toMatch(/^\{"orchestration":\{.* 0$/s);
  expect(stderr).toBe('');
  const whole = await monitor(large, 'export');
  expect(JSON.parse(whole.stdout)).toHaveLength(400);
});

test('R01 readers are not kept out by a writer; cleanup waits until it is its turn', { timeout: 60_000 }, async () => {
  const file = join(folder, 'busy.db');
  const ledger = await openLedger(file);
  await ledger.record([runStarted('old', -40 * 86_400), runEnded('old', -40 * 86_400 + 10)]);
  await ledger.close();
  const writer = new DatabaseSync(file);
  writer.exec('BEGIN IMMEDIATE');
  const waiting = monitor(file, 'cleanup', '30');
  expect((await monitor(file, 'list')).stdout).toMatch(/\nold\t/);
  writer.exec('ROLLBACK');
  writer.close();
  const { exitCode, stdout, stderr } = await waiting;
  expect([exitCode, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^Removed 1 run last heard of before .*, with 0 executions; .* given back\.$/);
});

test('R02 a newer file, and that of another program, are named and left as they are', { timeout: 60_000 }, async () => {
  const [newer, foreign] = [join(folder, 'newer.db'), join(folder, 'foreign.db')];
  await (await openLedger(newer)).close();
  for (const [file, text] of [
    [newer, 'PRAGMA user_version = 99'],
    [foreign, 'CREATE TABLE theirs (id TEXT)'],
  ] as const) {
    const database = new DatabaseSync(file);
    database.exec(text);
    database.close();
  }
  const before = [newer, foreign].map((file) => readFileSync(file));
  const [late, other] = await Promise.all([monitor(newer, 'list'), monitor(foreign, 'cleanup', '1')]);
  expect([late.exitCode, other.exitCode]).toEqual([1, 1]);
  expect(late.stderr).toMatch(
    /^Cannot open .*newer\.db: a newer fleetscope wrote it \(schema 99, this one knows \d+\)\. Use the newer one/,
  );
  expect(other.stderr).toMatch(/^Cannot open .*foreign\.db: it is the database of another program\. Name another file/);
  expect([newer, foreign].map((file) => readFileSync(file))).toEqual(before);
});

test('R02 no command moves a file: what is no database is refused, what is damaged is read as far as it can be', {
  timeout: 60_000,
}, async () => {
  const [notes, damaged] = [join(folder, 'notes.txt'), join(folder, 'damaged.db')];
  writeFileSync(notes, 'What I noted.\n');
  writeFileSync(damaged, readFileSync(db));
  damage(damaged, 'links');
  const before = readdirSync(folder);
  const refused = await monitor(notes, 'list');
  expect([refused.exitCode, refused.stdout]).toEqual([1, '']);
  expect(refused.stderr).toBe(
    `Cannot open ${notes}: it is no database, or an encrypted one. Name another file: --db <file>.`,
  );
  for (const [asked, exitCode] of [
    ['list', 0],
    ['check', 1],
    ['check', 1],
  ] as const) {
    const said = await monitor(damaged, asked);
    expect([asked, said.exitCode]).toEqual([asked, exitCode]);
    expect(said.stderr).toMatch(/damaged\.db is damaged \(.+\), and what is read may not be all\. It is left/);
  }
  expect(readFileSync(notes, 'utf8')).toBe('What I noted.\n');
  expect(readdirSync(folder)).toEqual(before);
});
