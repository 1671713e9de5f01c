import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { GroupCommit } from './group-commit.ts';
import { openFile, type SqliteFile } from './sqlite-file.ts';

let folder: string;
let file: string;
let opened: SqliteFile;
let database: DatabaseSync;
let commits: GroupCommit;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fleetscope-commit-'));
  file = join(folder, 'x.sqlite');
  opened = openFile(file, {
    schema: { applicationId: 1, migrations: ['CREATE TABLE words (word TEXT UNIQUE)'], instead: 'name another file' },
  });
  database = opened.database;
  commits = new GroupCommit(opened);
});
afterEach(() => {
  opened.close();
  rmSync(folder, { recursive: true });
});

const write = (word: string) => commits.write(() => database.prepare('INSERT INTO words VALUES (?)').run(word).changes);
const words = () =>
  database
    .prepare('SELECT word FROM words ORDER BY rowid')
    .all()
    .map(({ word }) => word);

test('X05 the writes of one turn are one transaction, in their order', async () => {
  let begun = 0;
  const exec = database.exec.bind(database);
  database.exec = (text: string) => {
    if (text.startsWith('BEGIN')) begun++;
    exec(text);
  };
  await Promise.all(['a', 'b', 'c'].map(write));
  expect(begun).toBe(1);
  await write('d');
  expect(begun).toBe(2);
  expect(words()).toEqual(['a', 'b', 'c', 'd']);
});

test('X05 a write that throws takes back what it did, and nothing else', async () => {
  const half = commits.write(() => {
    database.exec("INSERT INTO words VALUES ('half')");
    throw new Error('changed my mind');
  });
  const [a, failed, again] = await Promise.allSettled([write('a'), half, write('a'), write('b')]);
  expect(a.status).toBe('fulfilled');
  expect(failed).toMatchObject({ reason: { message: expect.stringContaining('changed my mind') } });
  expect(again).toMatchObject({ reason: { message: expect.stringContaining('UNIQUE constraint failed') } });
  expect(words()).toEqual(['a', 'b']);
});

test('X05 on a full disk what fits is written, and what does not is told so', async () => {
  const { page_count: pages } = database.prepare('PRAGMA page_count').get() as { page_count: number };
  database.exec(`PRAGMA max_page_count = ${pages + 3}`);
  const [a, huge, b] = await Promise.allSettled([write('a'), write('x'.repeat(100_000)), write('b')]);
  expect([a.status, b.status]).toEqual(['fulfilled', 'fulfilled']);
  expect(huge).toMatchObject({
    reason: { message: `Cannot write to ${file}: database or disk is full. The disk is full: free space.` },
  });
  expect(words()).toEqual(['a', 'b']);
  database.exec('PRAGMA max_page_count = 1000');
  await write('x'.repeat(100_000));
});

test('X05 a write waits for another process that holds the file, and the event loop goes on', async () => {
  const other = new DatabaseSync(file);
  other.exec('BEGIN IMMEDIATE');
  let turns = 0;
  let waits = true;
  const written = Promise.all([write('a'), write('b')]).then(() => (waits = false));
  for (; turns < 5; turns++) await turn();
  expect(waits).toBe(true);
  other.exec('COMMIT');
  await written;
  expect(words()).toEqual(['a', 'b']);
  other.close();
});
