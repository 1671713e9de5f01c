/** Each row of "Troubleshooting" in docs/monitor.md, provoked: what a person sees, and that the remedy is one. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openLedger } from '../../monitor/store/open.ts';
import {
  agentStarted,
  at,
  chat,
  runEnded,
  runStarted,
  wholeRun,
  wholeRunCalls,
  workflow,
} from '../../monitor/testing/some-facts.ts';
import { repository } from './command-line.ts';
import { monitorIn, record } from './monitor-command.ts';

const folder = mkdtempSync(join(tmpdir(), 'fleetscope-troubles-'));
const monitor = monitorIn(folder);
const file = (name: string) => join(folder, `${name}.db`);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const day = 86_400;
const mib = 1_048_576;
const provoked: string[] = [];

/** @param row the first cell of the table, as it stands there. */
function trouble(row: string, provoke: () => Promise<void>): void {
  provoked.push(row);
  test(`R01 ${row}`, { timeout: 120_000 }, provoke);
}

trouble('`Cannot open the ledger: there is none at …`', async () => {
  const { exitCode, stderr } = await monitor(file('none'), 'list');
  expect([exitCode, stderr]).toEqual([
    1,
    expect.stringContaining(`Cannot open the ledger: there is none at ${file('none')}`),
  ]);
  expect(existsSync(file('none'))).toBe(false);
});

trouble('`Cannot ask monitor: its container does not run`', async () => {
  const home = join(folder, 'on-docker');
  mkdirSync(home);
  writeFileSync(join(home, 'state.json'), JSON.stringify({ engine: 'docker' }));
  // Nobody answers there, whatever runs on this machine.
  const env = { FLEETSCOPE_HOME: home, FLEETSCOPE_MONITOR_DB: '', DOCKER_HOST: `unix://${join(home, 'nobody.sock')}` };
  const { exitCode, stderr } = await execa(process.execPath, [join(repository, 'scripts', 'monitor.ts'), 'list'], {
    ...{ reject: false, stdin: 'ignore', env },
  });
  expect([exitCode, stderr]).toEqual([
    1,
    expect.stringMatching(/^Cannot ask monitor: its container does not run. Start it: npm run up. \(.+\)$/),
  ]);
});

trouble('`… it is the database of another program`', async () => {
  const db = file('foreign');
  const theirs = new DatabaseSync(db);
  theirs.exec('CREATE TABLE theirs (id TEXT)');
  theirs.close();
  const before = readFileSync(db);
  const { exitCode, stderr } = await monitor(db, 'cleanup 1');
  expect([exitCode, stderr]).toEqual([1, expect.stringContaining('it is the database of another program')]);
  expect(readFileSync(db)).toEqual(before);
});

trouble('`… a newer fleetscope wrote it`', async () => {
  const db = file('newer');
  await record(db, wholeRunCalls('a'));
  const database = new DatabaseSync(db);
  const { user_version: version } = database.prepare('PRAGMA user_version').get() as { user_version: number };
  database.exec(`PRAGMA user_version = ${version + 1}`);
  const before = readFileSync(db);
  const { exitCode, stderr } = await monitor(db, 'list');
  expect([exitCode, stderr]).toEqual([1, expect.stringContaining('a newer fleetscope wrote it')]);
  expect(readFileSync(db)).toEqual(before);
  database.exec(`PRAGMA user_version = ${version}`);
  database.close();
  expect((await monitor(db, 'list')).exitCode).toBe(0);
});

trouble('`… it is no database, or an encrypted one`', async () => {
  const db = file('notes');
  writeFileSync(db, 'What I noted.\n');
  const { exitCode, stderr } = await monitor(db, 'list');
  expect([exitCode, stderr]).toEqual([
    1,
    expect.stringContaining('it is no database, or an encrypted one. Name another'),
  ]);
  expect([readFileSync(db, 'utf8'), readdirSync(folder).filter((name) => name.startsWith('notes'))]).toEqual([
    'What I noted.\n',
    [basename(db)],
  ]);
});

trouble(
  '`… is damaged …, and what is read may not be all`, `… was damaged … It is set aside as …corrupt-…`',
  async () => {
    const db = file('damaged');
    await record(db, wholeRunCalls('a'));
    // As a copy that was made while somebody wrote.
    writeFileSync(db, readFileSync(db).fill(0xff, 4096, 3 * 4096));
    const damaged = readFileSync(db);
    // A command leaves it.
    for (const asked of ['check', 'check']) expect((await monitor(db, asked)).exitCode).toBe(1);
    expect(readFileSync(db)).toEqual(damaged);
    // Who writes does not.
    const notices: string[] = [];
    await (await openLedger(db, { notice: (line) => notices.push(line) })).close();
    expect(notices).toEqual([expect.stringMatching(/was damaged .*It is set aside as .*corrupt-/)]);
    const aside = readdirSync(folder).filter((name) => /^damaged\.db\.corrupt-[\dT-]+Z$/.test(name));
    expect(aside.map((name) => readFileSync(join(folder, name)))).toEqual([damaged]);
    expect((await monitor(db, 'check')).exitCode).toBe(0);
  },
);

trouble('`check` says `damaged`, and the file was not set aside', async () => {
  const db = file('large');
  await record(db, longRuns(80));
  expect(statSync(db).size).toBeGreaterThan(8 * mib);
  const bytes = readFileSync(db);
  writeFileSync(db, bytes.fill(0xff, 4096 * 1000, 4096 * 1001));
  const { exitCode, stdout } = await monitor(db, 'check');
  expect([exitCode, stdout]).toEqual([1, expect.stringMatching(/^The ledger is damaged: /)]);
  expect(readdirSync(folder).filter((name) => name.startsWith('large.db.corrupt'))).toEqual([]);
  renameSync(db, `${db}.away`);
  await record(db, wholeRunCalls('anew'));
  expect((await monitor(db, 'check')).exitCode).toBe(0);
});

trouble('a run is `running` and has long ended', async () => {
  const db = file('running');
  await record(db, [runStarted('killed', -3 * day), agentStarted('killed', 'a', -3 * day, { agent_name: 'code' })]);
  expect((await monitor(db, 'list')).stdout).toMatch(/killed.*running/);
  expect((await monitor(db, 'losses')).stdout).toMatch(/abandoned|never ended/);
  await record(db, [runEnded('killed', -3 * day + 60)]);
  expect((await monitor(db, 'list')).stdout).toMatch(/killed.*completed/);
  expect((await monitor(db, 'losses')).stdout).not.toMatch(/abandoned|never ended/);
});

trouble('agents are there, models, tools and money are not', async () => {
  const db = file('called');
  await record(db, wholeRunCalls('called'));
  expect((await monitor(db, 'show called')).stdout).toContain('No span of it has arrived');
  await record(db, [
    workflow('called', { id: 'r', trace: 't', to: 60 }),
    chat({ id: 'c', trace: 't', parent: 'r', usd: 0.01 }),
  ]);
  expect((await monitor(db, 'show called')).stdout).not.toContain('No span of it has arrived');
});

trouble('nothing comes from telemetry', async () => {
  const db = file('rootless');
  const [root, ...rest] = wholeRun('rootless', 't');
  await record(db, rest);
  expect(JSON.parse((await monitor(db, 'list --json')).stdout).orchestrations).toEqual([]);
  await record(db, [root as (typeof rest)[number]]);
  expect((await monitor(db, 'list')).stdout).toMatch(/rootless.*completed/);
  expect((await monitor(db, 'executions rootless')).stdout).toMatch(/director[\s\S]*code/);
});

trouble('cost is `-` or has a `+`', async () => {
  const db = file('cost');
  await record(db, [...wholeRun('unpriced', 't'), ...wholeRunCalls('nothing', 600)]);
  const [newest, oldest] = (await monitor(db, 'list')).stdout.split('\n').slice(1);
  expect(newest?.split('\t')).toContain('-');
  expect(oldest).toMatch(/\$\S+\+/);
});

trouble('a run is missing from `list`', async () => {
  const db = file('since');
  await record(db, [runStarted('long', -2 * day), runEnded('long', -600)]);
  // It began before, and ended after.
  const since = (time: string) => monitor(db, `list --json --since ${time}`, { TZ: 'Asia/Tokyo' });
  const sessions = async (time: string) =>
    JSON.parse((await since(time)).stdout).orchestrations.map((run: { session_id: string }) => run.session_id);
  expect(await sessions(at(-day))).toEqual([]);
  // Wherever one is.
  const began = at(-2 * day).slice(0, 16);
  expect([await sessions(began), await sessions(`${began}Z`)]).toEqual([['long'], ['long']]);
});

trouble('a command takes seconds', async () => {
  const db = file('log');
  await record(db, wholeRunCalls('first'));
  const reader = new DatabaseSync(db);
  reader.exec('BEGIN; SELECT count(*) FROM orchestrations');
  reader.prepare('SELECT count(*) FROM orchestrations').get();
  const ledger = await openLedger(db);
  for (let from = 0; from < 400; from += 50) await ledger.record(longRuns(50, from));
  const log = () => statSync(`${db}-wal`).size;
  expect(log()).toBeGreaterThan(64 * mib);
  reader.exec('COMMIT');
  reader.close();
  for (let i = 0; i < 3; i++) await ledger.record(longRuns(50, 400 + 50 * i));
  expect(log()).toBeLessThanOrEqual(64 * mib);
  expect((await ledger.orchestrations({ limit: 1000 })).length).toBe(551);
  await ledger.close();
});

trouble('the file grows', async () => {
  const db = file('grown');
  await record(db, longRuns(100, 0, -100 * day));
  const before = statSync(db).size;
  expect((await monitor(db, 'cleanup 90')).stdout).toMatch(/^Removed 100 runs .* given back\.$/);
  expect(statSync(db).size).toBeLessThan(before / 10);
});

trouble('your own SQL is slow', async () => {
  const db = file('sql');
  await record(db, wholeRunCalls('a'));
  const client = new DatabaseSync(db, { readOnly: true });
  const plan = (sql: string) =>
    client
      .prepare(`EXPLAIN QUERY PLAN ${sql}`)
      .all()
      .map(({ detail }) => String(detail));
  for (const [table, column] of [
    ['orchestrations', 'session_id'],
    ['orchestrations', 'status'],
    ['orchestrations', 'started_at'],
    ['agent_executions', 'agent_session_id'],
    ['agent_executions', 'agent_name'],
    ['agent_executions', 'error_fingerprint'],
    ['agent_executions', 'started_at'],
  ])
    expect(plan(`SELECT * FROM ${table} WHERE ${column} = 'x'`)[0]).toMatch(/^SEARCH .* INDEX /);
  expect(plan("SELECT * FROM agent_executions WHERE error_message = 'x'")[0]).toMatch(/^SCAN /);
  client.close();
});

/** For half a minute: it begins while the others are provoked. */
const locked = file('locked');
let client: DatabaseSync;
let kept: ReturnType<typeof monitor>;
beforeAll(async () => {
  await record(locked, [runStarted('old', -40 * day), runEnded('old', -40 * day + 10)]);
  client = new DatabaseSync(locked);
  client.exec('BEGIN IMMEDIATE');
  kept = monitor(locked, 'cleanup 30');
});

trouble('`database is locked`, `Another process has held it for too long`', async () => {
  const list = await monitor(locked, 'list');
  expect([list.exitCode, list.stderr]).toEqual([0, '']);
  const { exitCode, stderr } = await kept;
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/database is locked.*Another process has held it for too long/);
  client.exec('ROLLBACK');
  client.close();
  expect((await monitor(locked, 'cleanup 30')).stdout).toMatch(/^Removed 1 run /);
});

test('R01 there is no trouble in docs/monitor.md that is not provoked here', () => {
  const [, table = ''] = readFileSync(join(repository, 'docs', 'monitor.md'), 'utf8').split('## Troubleshooting\n');
  const rows = [...table.matchAll(/^\| (.+?) \| .+ \|$/gm)]
    .map(([, row]) => row)
    .filter((row) => row !== 'what you see');
  expect(rows.sort()).toEqual(provoked.sort());
});

/** Runs whose description is 100 000 characters long. */
function longRuns(count: number, from = 0, seconds = 0) {
  return Array.from({ length: count }, (_, i) => [
    runStarted(`long-${from + i}`, seconds, { task_description: `${from + i} `.repeat(30_000).slice(0, 100_000) }),
    runEnded(`long-${from + i}`, seconds + 1),
  ]).flat();
}
