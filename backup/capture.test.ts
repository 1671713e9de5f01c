import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { capture } from './capture.ts';
import { countRows } from './census/rows.ts';
import type { BackedUp } from './sources.ts';
import { filesIn, Moved, stageFile, stageFolder } from './stage.ts';

let root: string;
let folder: string;
let staged: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'fleetscope-capture-'));
  folder = join(root, 'data');
  staged = join(root, 'staged');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** A minute ago: what was written just now is waited for. */
function write(path: string, content: string | Uint8Array = path): void {
  const [target, then] = [join(folder, path), Date.now() / 1000 - 60];
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, content);
  utimesSync(target, then, then);
}

const take = (part: BackedUp) => capture({ part, folder, elsewhere: {} }, staged, () => undefined);
const block = '01KAV0000000000000000000AA';

test('P05 Prometheus: logs are copied, whole blocks read in place, what is being made or removed is neither', async () => {
  for (const path of [
    'wal/00000003',
    'wal/checkpoint.00000002/00000000',
    'wal/checkpoint.00000003.tmp/00000000',
    'wbl/00000000',
  ])
    write(path);
  for (const path of ['meta.json', 'index', 'chunks/000001']) write(`${block}/${path}`);
  for (const path of [
    `${block.replace('AA', 'BB')}.tmp-for-creation/meta.json`,
    `${block.replace('AA', 'CC')}/index`,
    'chunks_head/000001',
    'lock',
    'queries.active',
  ])
    write(path);
  const { files, loose } = await take('prometheus');
  expect(await filesIn(staged)).toEqual(['wal/00000003', 'wal/checkpoint.00000002/00000000', 'wbl/00000000']);
  expect(files).toEqual(['chunks/000001', 'index', 'meta.json'].map((path) => join(folder, block, path)));
  expect(loose).toEqual([]);
});

test('P05 Tempo: what is not stored yet comes first, a block counts by its meta.json, one that compaction has replaced does not', async () => {
  for (const path of [
    'wal/blocks/single-tenant/b/meta.json',
    'wal/a+single-tenant+vParquet4/0000000001',
    'generator/wal/00000000',
  ])
    write(path);
  for (const path of [
    'good/meta.json',
    'good/data.parquet',
    'old/meta.compacted.json',
    'old/data.parquet',
    'half/data.parquet',
    'index.json.gz',
  ])
    write(`blocks/single-tenant/${path}`);
  const { files } = await take('tempo');
  expect(await filesIn(staged)).toEqual([
    'blocks/single-tenant/good/meta.json',
    'wal/a+single-tenant+vParquet4/0000000001',
    'wal/blocks/single-tenant/b/meta.json',
  ]);
  expect(files).toEqual([join(folder, 'blocks/single-tenant/good/data.parquet')]);
});

test('P05 Tempo 3.0: the same of its live store; what is among the blocks already is not copied, nor what the scheduler notes', async () => {
  for (const path of [
    'live-store/traces/a+single-tenant+vParquet5/0000000001',
    'live-store/traces/blocks/single-tenant/new/meta.json',
    'live-store/traces/blocks/single-tenant/done/meta.json',
    'live-store/traces/blocks/single-tenant/done/flushed',
    'live-store/shutdown-marker/shutdown-requested.txt',
    'shard_000.json',
    'shard_000.json.tmp.123',
    'batches.pb',
    'blocks/single-tenant/done/meta.json',
    'blocks/single-tenant/done/data.parquet',
  ])
    write(path);
  const { files } = await take('tempo');
  expect(await filesIn(staged)).toEqual([
    'blocks/single-tenant/done/meta.json',
    'live-store/traces/a+single-tenant+vParquet5/0000000001',
    'live-store/traces/blocks/single-tenant/new/meta.json',
  ]);
  expect(files).toEqual([join(folder, 'blocks/single-tenant/done/data.parquet')]);
});

test('P05 Loki: log and index are copied, chunks are read in place and may go, the notes of the compactor stay out', async () => {
  for (const path of [
    'wal/00000001',
    'tsdb-shipper-active/wal/x/1/00000000',
    'tsdb-shipper-active/scratch/half',
    'compactor/retention/markers/1',
    'chunks/fake/a/b',
  ])
    write(path);
  write('chunks/index/index_20000/1-loki.tsdb.gz', gzipSync('index'));
  const { loose, without } = await take('loki');
  expect(await filesIn(staged)).toEqual([
    'chunks/index/index_20000/1-loki.tsdb.gz',
    'tsdb-shipper-active/wal/x/1/00000000',
    'wal/00000001',
  ]);
  expect(loose).toEqual([join(folder, 'chunks')]);
  expect(without).toEqual(['chunks/index', 'chunks/lost+found'].map((path) => join(folder, path)));
});

test('P05 a database is copied as one transaction sees it, while another is open and after its service has ended', async () => {
  mkdirSync(join(folder, 'logs'), { recursive: true });
  write('logs/alerts/2026-11-26-escalations.log');
  const database = new DatabaseSync(join(folder, 'incidents.db'));
  database.exec('PRAGMA journal_mode = WAL; CREATE TABLE incident (id TEXT); INSERT INTO incident VALUES (1), (2)');
  database.exec('BEGIN; INSERT INTO incident VALUES (3)');
  await take('escalation');
  expect(readdirSync(staged).sort()).toEqual(['incidents.db', 'logs']);
  expect((await countRows(staged)).entries['incidents.db incident']?.items).toBe(2);
  database.exec('COMMIT');
  database.close();
  await take('escalation');
  expect((await countRows(staged)).entries['incidents.db incident']?.items).toBe(3);
});

test('P05 of the ledger its memory is copied too: the database, and the files that people wrote in, but nothing half written', async () => {
  mkdirSync(folder, { recursive: true });
  for (const name of ['ledger.db', 'memory.db']) {
    const database = new DatabaseSync(join(folder, name));
    database.exec('CREATE TABLE t (x); INSERT INTO t VALUES (1)');
    database.close();
  }
  mkdirSync(join(folder, 'memory', 'docs'), { recursive: true });
  write('memory/docs/DECISIONS.md');
  write('memory/docs/.DECISIONS.md.partial-0123abcd');
  await take('monitor');
  expect((await filesIn(staged)).sort()).toEqual(['ledger.db', 'memory.db', 'memory/docs/DECISIONS.md']);
  // Natively they lie elsewhere, and have the same name in the backup.
  const elsewhere = { memory: join(root, 'home') };
  mkdirSync(elsewhere.memory);
  writeFileSync(join(elsewhere.memory, 'MEMORY.md'), 'text');
  await capture({ part: 'monitor', folder, elsewhere }, staged, () => undefined);
  expect(await filesIn(staged)).toContain('memory/MEMORY.md');
});

test('P05 a damaged database is refused, not backed up', async () => {
  const database = new DatabaseSync(join(mkdtempSync(join(root, 'made-')), 'ledger.db'));
  database.exec('CREATE TABLE t (x); CREATE INDEX i ON t (x)');
  const insert = database.prepare('INSERT INTO t VALUES (?)');
  database.exec('BEGIN');
  for (let row = 0; row < 2000; row++) insert.run(`row ${row}`);
  database.exec('COMMIT');
  const path = database.location() as string;
  database.close();
  const bytes = readFileSync(path);
  bytes.fill(0x55, 3 * 4096, 6 * 4096);
  write('ledger.db', bytes);
  await expect(take('monitor')).rejects.toThrow(/^Cannot (back up|copy) .*ledger\.db: /);
});

test('P05 what goes while it is copied begins the capture anew: a segment, and a file that is not whole', async () => {
  for (const name of ['00000001', '00000002']) write(`wal/${name}`);
  // As if the log were cut short when it had been listed.
  const skip = (path: string) => {
    if (path === '00000002') rmSync(join(folder, 'wal', '00000001'), { force: true });
    return false;
  };
  await expect(stageFolder(join(folder, 'wal'), staged, { skip })).rejects.toThrow(Moved);
  write('half.gz', gzipSync('x'.repeat(10_000)).subarray(0, 20));
  mkdirSync(staged, { recursive: true });
  await expect(stageFile(join(folder, 'half.gz'), join(staged, 'half.gz'), true)).rejects.toThrow(
    /half\.gz is not whole/,
  );
});

test('P05 what a restore set aside and what the file system brings are not copied', async () => {
  write('wal/a/0000000001');
  write('.before-restore-20261126T100000.000Z/wal/a/0000000001');
  write('lost+found/x');
  write('blocks/lost+found/x');
  await take('tempo');
  expect(await filesIn(staged)).toEqual(['wal/a/0000000001']);
});

test.each<[BackedUp, string, string]>([
  ['loki', 'chunks', 'chunks/fake/a'],
  ['prometheus', block, `${block}/meta.json`],
  ['tempo', 'blocks/single-tenant', 'blocks/single-tenant/good/meta.json'],
])('P05 %s: data behind a link are refused, not left out: %s', async (part, path, file) => {
  write(file);
  await expect(take(part)).resolves.toBeDefined();
  renameSync(join(folder, path), join(root, 'other-disk'));
  symlinkSync(join(root, 'other-disk'), join(folder, path));
  await expect(take(part)).rejects.toThrow(`Cannot back up ${join(folder, path)}: it is a symbolic link.`);
});

test('P05 a file that is being written is waited for', async () => {
  mkdirSync(folder);
  writeFileSync(join(folder, 'page'), 'first ');
  mkdirSync(staged);
  const later = delay(100).then(() => appendFileSync(join(folder, 'page'), 'last'));
  await stageFile(join(folder, 'page'), join(staged, 'page'), true);
  await later;
  expect(readFileSync(join(staged, 'page'), 'utf8')).toBe('first last');
  expect(existsSync(join(staged, 'other'))).toBe(false);
});
