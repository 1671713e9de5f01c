import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { backUp } from '../../backup/back-up.ts';
import { performBackup } from '../../backup/command-line.ts';
import { drill } from '../../backup/drill.ts';
import { drillTable } from '../../backup/drill-table.ts';
import { openRestic } from '../../backup/restic.ts';
import { restore } from '../../backup/restore.ts';
import { settingsFrom } from '../../backup/settings.ts';
import { sources } from '../../backup/sources.ts';
import { filesIn } from '../../backup/stage.ts';
import { until } from '../../doctor/ask.ts';
import { examine } from '../../doctor/doctor.ts';
import { url } from '../../place.ts';
import { startS3 } from '../s3.ts';
import { backUpAll, sourceOf, type TestRepository, testRepository } from './backup-repository.ts';
import { NumberedSender } from './numbered.ts';
import { instant } from './prometheus-api.ts';
import { startStack, type TestStack } from './stack.ts';

let stack: TestStack;
let backups: TestRepository;
/** Parts whose backup is there. */
let made: string[];
/** When backups of parts were made and failed, as Prometheus has it. */
let told: Awaited<ReturnType<typeof instant>>;
let calledAtMs: number;
const notice = (line: string) => process.stderr.write(`${line}\n`);

beforeAll(async () => {
  stack = await startStack();
  backups = await testRepository();
  const sender = new NumberedSender(url(stack.place, 'collector', 'http'));
  const send = async (from: number, to: number, gapMs: number) => {
    for (let request = from; request < to; request++) {
      await sender.send(request * 100);
      await delay(gapMs);
    }
  };
  await send(0, 40, 500);
  // What was sent so far is old enough to be counted; the stack goes on taking more while it is backed up.
  await delay(31_000);
  // Its canaries are in the ledger, too.
  await examine(stack.targets, { canaries: 1, timeoutMs: 30_000 });
  const ended = new AbortController();
  const writing = (async () => {
    for (let request = 40; !ended.signal.aborted; request++) await send(request, request + 1, 200);
  })();
  made = (await backUpAll(stack.place, stack.home, backups.options(stack.place))).map(({ part }) => part);
  ended.abort();
  await writing;
  calledAtMs = Date.now();
  await callTwice();
  // Nothing of the source is asked any more.
  await stack.supervisor.stop();
}, 300_000);

afterAll(async () => {
  await stack?.stop();
  backups?.remove();
});

/** As people call it: once it is made, once there is no repository. */
async function callTwice(): Promise<void> {
  const { place, home } = stack;
  const nowhere = { ...backups.env, FLEETSCOPE_BACKUP_REPOSITORY: join(backups.folder, 'misspelt') };
  const given = { place, sources: sources(place, home), json: true };
  await performBackup({ ...given, restic: backups.restic }, { only: 'monitor' });
  await performBackup({ ...given, restic: backups.restic }, { only: 'alertmanager', once: true });
  const misspelt = { ...given, restic: openRestic(backups.program, settingsFrom(nowhere), nowhere) };
  await expect(performBackup(misspelt, { only: 'loki' })).rejects.toThrow(/there is no repository at .*misspelt/);
  await until(
    async () => {
      told = await instant(url(place, 'prometheus', 'http'), 'backup_last_run_timestamp_seconds');
      return told.length === 2;
    },
    { timeoutMs: 60_000, everyMs: 500 },
  );
  // What was told beside them is there by now as well.
  await delay(5_000);
  told = await instant(url(place, 'prometheus', 'http'), 'backup_last_run_timestamp_seconds');
}

test('P05 when a backup was made, or failed, is in Prometheus as the value of a gauge; one out of turn tells nothing', () => {
  expect(told).toHaveLength(2);
  const of = (outcome: string) => told.find(({ metric }) => metric.outcome === outcome);
  expect(of('success')).toMatchObject({ metric: { backup_part: 'monitor', service_name: 'fleetscope-backup' } });
  expect(of('failure')).toMatchObject({ metric: { backup_part: 'loki' } });
  for (const { value } of told) expect(value).toBeGreaterThanOrEqual(Math.floor(calledAtMs / 1000));
});

/** An empty folder, gone with the repository. */
function emptyFolder(): string {
  return join(mkdtempSync(join(backups.folder, 'empty-')), 'data');
}

test('P05 a drill restores what was written while it was backed up into an empty stack: metrics, logs, traces, rows are equal', async () => {
  expect(made).toEqual(expect.arrayContaining(['prometheus', 'tempo', 'loki', 'escalation', 'monitor']));
  const report = await drill({ restic: backups.restic, env: backups.env, notice, readAll: true });
  console.log(drillTable(report));
  expect(report.parts.flatMap(({ comparison }) => comparison?.differences ?? ['not counted'])).toEqual([]);
  expect(report.ok).toBe(true);
  const items = (part: string) => report.parts.find((one) => one.part === part)?.comparison?.items ?? 0;
  // 40 requests were old enough: 100 lines and spans each.
  expect(items('loki')).toBeGreaterThanOrEqual(4_000);
  expect(items('tempo')).toBeGreaterThanOrEqual(4_000);
  expect(items('prometheus')).toBeGreaterThan(1_000);
  expect(items('monitor')).toBeGreaterThan(0);
});

test('P05 a drill can fail: logs of which a twentieth is left, a table less', async () => {
  const report = await drill({
    restic: backups.restic,
    env: backups.env,
    notice,
    only: 'prometheus,loki,tempo,monitor',
    meddle: async ({ part, folder }) => {
      if (part === 'monitor') return removeTable(join(folder, 'ledger.db'));
      // Of each log and each page what came first; what describes them stays whole.
      for (const path of (await filesIn(folder)).filter((path) => !/\.(json|gz)$/.test(path))) {
        const bytes = readFileSync(join(folder, path));
        writeFileSync(join(folder, path), bytes.subarray(0, bytes.length / 20));
      }
    },
  });
  expect(report.ok).toBe(false);
  expect(report.parts.map(({ part, comparison }) => [part, (comparison?.different ?? 0) > 0])).toEqual([
    ['prometheus', true],
    ['tempo', true],
    ['loki', true],
    ['monitor', true],
  ]);
});

function removeTable(path: string): void {
  const database = new DatabaseSync(path);
  database.exec('PRAGMA foreign_keys = OFF; DROP TABLE orchestrations');
  database.close();
}

test('B15 a backup with one flipped byte is refused, and nothing of it comes into place', async () => {
  const own = await testRepository();
  try {
    const source = sourceOf(stack.place, 'loki');
    await backUp(source, own.options(stack.place));
    const folder = join(own.folder, 'restored');
    await restore({ ...source, folder }, { restic: own.restic });
    expect(await filesIn(folder)).toContain('wal/00000000');
    rmSync(folder, { recursive: true });

    // The largest pack is of data; without the cache, all is read from the repository.
    const data = join(own.folder, 'repository', 'data');
    const packs = (await filesIn(data)).map((path) => join(data, path));
    const pack = packs.toSorted((a, b) => statSync(b).size - statSync(a).size)[0] as string;
    const bytes = readFileSync(pack);
    bytes[100] = (bytes[100] as number) ^ 1;
    rmSync(pack);
    writeFileSync(pack, bytes);
    const env = { ...own.env, RESTIC_CACHE_DIR: join(own.folder, 'cold') };
    const restic = openRestic(own.program, settingsFrom(env), env);
    await expect(restore({ ...source, folder }, { restic })).rejects.toThrow(/^Cannot restore loki: .*damaged/s);
    expect(await filesIn(folder)).toEqual([]);
    await expect(drill({ restic, env, notice, readAll: true })).rejects.toThrow(
      /^Cannot check the repository: .*damaged/s,
    );
  } finally {
    own.remove();
  }
});

test('P05 restore refuses a folder with data, and replaces it when told, keeping what was there', async () => {
  const source = { ...sourceOf(stack.place, 'monitor'), folder: emptyFolder() };
  await restore(source, { restic: backups.restic });
  // The memory keeps its own beside it.
  expect(await filesIn(source.folder)).toEqual(expect.arrayContaining(['ledger.db', 'memory.db']));
  writeFileSync(join(source.folder, 'ledger.db'), 'newer');
  await expect(restore(source, { restic: backups.restic })).rejects.toThrow(
    /^Cannot restore monitor: there is data in /,
  );
  expect(readFileSync(join(source.folder, 'ledger.db'), 'utf8')).toBe('newer');
  await restore(source, { restic: backups.restic, replace: true });
  const [aside] = readdirSync(source.folder).filter((name) => name.startsWith('.before-restore-')) as [string];
  expect(readFileSync(join(source.folder, aside, 'ledger.db'), 'utf8')).toBe('newer');
  expect(readFileSync(join(source.folder, 'ledger.db')).subarray(0, 15).toString()).toBe('SQLite format 3');
});

test('P05 a backup killed in the middle leaves the ones before, and the next one works', async () => {
  const before = await backups.repository.snapshots('tempo');
  const env = { ...backups.env, FLEETSCOPE_HOME: stack.home };
  const running = execFile(process.execPath, ['scripts/backup.ts', '--only', 'tempo'], { env });
  const ended = new Promise((resolve) => running.once('exit', resolve));
  // As soon as it holds a lock of the repository, it writes.
  const locks = join(backups.folder, 'repository', 'locks');
  await expect.poll(async () => (await filesIn(locks)).length, { timeout: 30_000, interval: 20 }).toBeGreaterThan(0);
  running.kill('SIGKILL');
  await ended;
  const after = await backups.repository.snapshots('tempo');
  expect(after.filter(({ kind }) => kind === 'record')).toEqual(before.filter(({ kind }) => kind === 'record'));
  await backups.repository.open();
  const next = await backUp(sourceOf(stack.place, 'tempo'), backups.options(stack.place));
  expect(next?.files).toBeGreaterThan(0);
  const records = (await backups.repository.snapshots('tempo')).filter(({ kind }) => kind === 'record');
  expect(records.at(-1)?.of).toBe(next?.snapshot);
});

test('P05 backups go after their days, counted from the newest', async () => {
  const source = sourceOf(stack.place, 'loki');
  const dayMs = 86_400_000;
  const now = Date.now();
  const own = await testRepository();
  try {
    for (const days of [91, 89, 0]) await backUp(source, { ...own.options(stack.place), at: now - days * dayMs });
    const left = (await own.repository.snapshots('loki')).map(({ kind, at }) => [kind, Math.round((now - at) / dayMs)]);
    expect(left.toSorted()).toEqual([
      ['data', 0],
      ['data', 89],
      ['record', 0],
      ['record', 89],
    ]);
    const [first] = (await own.repository.snapshots('loki')).filter(({ kind }) => kind === 'record');
    const folder = join(own.folder, 'older');
    const record = await restore({ ...source, folder }, { restic: own.restic, at: now - 80 * dayMs });
    expect(record.at).toBe(first?.at);
  } finally {
    own.remove();
  }
});

test('P05 the same to a store of objects; without a repository, or with another password, it says so', async () => {
  const s3 = await startS3(['backup']);
  const address = {
    FLEETSCOPE_BACKUP_REPOSITORY: `s3:http://${s3.endpoint}/backup`,
    ...s3.env,
    AWS_DEFAULT_REGION: s3.region,
  };
  const remote = await testRepository(address);
  try {
    const source = sourceOf(stack.place, 'prometheus');
    const made = await backUp(source, remote.options(stack.place));
    const folder = join(remote.folder, 'restored');
    expect((await restore({ ...source, folder }, { restic: remote.restic })).files).toBe(made?.files);

    const other = join(remote.folder, 'other-password');
    writeFileSync(other, 'another-one-by-chance-'.repeat(2));
    const wrong = { ...remote.env, FLEETSCOPE_BACKUP_PASSWORD_FILE: other };
    await expect(openRestic(remote.program, settingsFrom(wrong), wrong).run('list', ['snapshots'])).rejects.toThrow(
      /^Cannot list: the password in .*other-password is not that of s3:/,
    );
    const nowhere = { ...remote.env, FLEETSCOPE_BACKUP_REPOSITORY: join(remote.folder, 'nowhere') };
    await expect(openRestic(remote.program, settingsFrom(nowhere), nowhere).run('list', ['snapshots'])).rejects.toThrow(
      /^Cannot list: there is no repository at /,
    );
  } finally {
    remote.remove();
    await s3.stop();
  }
});
