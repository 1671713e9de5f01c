import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { salvage } from './salvage.ts';
import { unread } from './set-aside.ts';
import { FileError, sqliteError } from './sqlite-error.ts';
import { type FileOptions, openFile, type SqliteFile } from './sqlite-file.ts';
import { damage } from './testing/damage.ts';

// Processes start slowly where many do.
vi.setConfig({ testTimeout: 60_000 });

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fleetscope-file-'));
  path = join(folder, 'words.db');
});
afterEach(() => rmSync(folder, { recursive: true }));

const schema = {
  ...{ applicationId: 0x74657374, instead: 'name another file' },
  migrations: ['CREATE TABLE words (word TEXT UNIQUE)'],
};
const open = (options: Partial<FileOptions> = {}) => openFile(path, { schema, ...options });

function say({ database }: SqliteFile, ...words: string[]): void {
  database.exec('BEGIN IMMEDIATE');
  try {
    for (const word of words) database.prepare('INSERT OR IGNORE INTO words VALUES (?)').run(word);
  } finally {
    database.exec('COMMIT');
  }
}

function words({ database }: SqliteFile): unknown[] {
  return database
    .prepare('SELECT word FROM words ORDER BY word')
    .all()
    .map(({ word }) => word);
}

/** As a store does it. @returns what a person is told */
function keep(file: SqliteFile, each: () => void = () => {}): string[] {
  const notices: string[] = [];
  salvage(path, {
    tables: { words: 'rowid' },
    keep(rows) {
      const kept = new Set<string>();
      for (const { row } of rows) {
        say(file, row.word as string);
        kept.add(row.word as string);
        each();
      }
      return `${kept.size} words`;
    },
    remedy: 'Look at the disk.',
    notice: (line) => notices.push(line),
  });
  return notices;
}

/** SQLite's own, and yet no database: its first page was overwritten. */
const ruined = Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(16_000, 'not a database, ')]);

const asides = () => readdirSync(folder).filter((name) => /\.corrupt-[\dTZ-]+$/.test(name));

describe('X05 opening migrates', () => {
  const second = {
    ...schema,
    migrations: [
      ...schema.migrations,
      'ALTER TABLE words ADD COLUMN letters INTEGER',
      (database: DatabaseSync) => void database.prepare('UPDATE words SET letters = length(word)').run(),
    ],
  };
  const version = () => {
    const database = new DatabaseSync(path, { readOnly: true });
    const found = database.prepare('PRAGMA user_version').get();
    database.close();
    return found?.user_version;
  };

  test('an old file to what is written now, and nothing is lost', () => {
    const old = open();
    say(old, 'old');
    old.close();
    expect(version()).toBe(1);
    const now = open({ schema: second });
    expect(now.database.prepare('SELECT word, letters FROM words').all()).toEqual([{ word: 'old', letters: 3 }]);
    now.close();
    expect(version()).toBe(3);
    open({ schema: second }).close();
    expect(() => open()).toThrow(
      `Cannot open ${path}: a newer fleetscope wrote it (schema 3, this one knows 1). Use the newer one, or name another file.`,
    );
  });

  test('wholly or not at all', () => {
    const old = open();
    say(old, 'old');
    old.close();
    const broken = { ...second, migrations: [...second.migrations, 'CREATE TABEL'] };
    expect(() => open({ schema: broken })).toThrow(/^Cannot open .*syntax error/);
    expect([version(), asides()]).toEqual([1, []]);
    const still = open();
    expect(words(still)).toEqual(['old']);
    still.close();
  });

  test('no file of another program', () => {
    const other = new DatabaseSync(path);
    other.exec('CREATE TABLE theirs (x)');
    other.close();
    const before = readFileSync(path);
    expect(() => open()).toThrow(`Cannot open ${path}: it is the database of another program. Name another file.`);
    expect(readFileSync(path).equals(before)).toBe(true);
  });
});

describe('X05 a file that is no database', () => {
  test.each([
    ['a text', Buffer.from('# Notes\n')],
    ['a long one', Buffer.alloc(16_000, 'not a database, ')],
    ['an encrypted one', Buffer.alloc(8192, 0x9e)],
  ])('is refused, and nothing is touched: %s', (_, bytes) => {
    writeFileSync(path, bytes, { mode: 0o644 });
    const before = statSync(path);
    for (const options of [{}, { onDamaged: (why: string) => expect.unreachable(why) }])
      expect(() => open(options)).toThrow(
        new FileError(`Cannot open ${path}: it is no database, or an encrypted one. Name another file.`),
      );
    expect(readFileSync(path).equals(bytes)).toBe(true);
    const { mode, ino, mtimeMs } = statSync(path);
    expect({ mode, ino, mtimeMs }).toEqual({ mode: before.mode, ino: before.ino, mtimeMs: before.mtimeMs });
    expect(readdirSync(folder)).toEqual(['words.db']);
  });

  test('is set aside where it is the service’s own, or was a database once; an empty one is a new one', () => {
    writeFileSync(path, 'not a database');
    open({ onBroken: (error) => expect.unreachable(error.message) }).close();
    expect(asides()).toHaveLength(1);
    rmSync(path);
    writeFileSync(path, ruined);
    open().close();
    expect(asides()).toHaveLength(2);
    rmSync(path);
    writeFileSync(path, '');
    open().close();
    expect(asides()).toHaveLength(2);
  });
});

describe('X05 a file that turns out to be damaged while it is used', () => {
  const broken: Error[] = [];
  afterEach(() => void broken.splice(0));
  const onBroken = (error: Error) => void broken.push(error);
  const all = Array.from({ length: 400 }, (_, i) => `word ${1000 + i}`);
  const used = (options: Partial<FileOptions>) => {
    const file = open(options);
    say(file, ...all);
    damage(path, 'sqlite_autoindex_words_1');
    let error: unknown;
    try {
      say(file, 'one more');
    } catch (thrown) {
      error = thrown;
    }
    return { file, failure: file.failure('write to', error) };
  };

  test('is told once, set aside at once, and neither read nor written again', () => {
    const { file, failure } = used({ onBroken });
    expect(failure).toBeInstanceOf(FileError);
    expect(failure.message).toBe(
      `Cannot write to ${path}: database disk image is malformed. It is set aside; who opens it next keeps what can be read of it.`,
    );
    expect(broken).toEqual([failure]);
    expect(() => file.check()).toThrow(failure);
    expect([existsSync(path), asides().length]).toEqual([false, 1]);
    const next = open();
    expect(keep(next)).toEqual([
      `${path} was damaged (database disk image is malformed). It is set aside as ${join(folder, asides()[0] as string)}; 400 words could be read and are kept. Look at the disk.`,
    ]);
    expect(words(next)).toEqual(all);
    // The old one neither removes the new one's log nor writes into it.
    file.close();
    say(next, 'later');
    next.close();
    const last = open();
    expect([words(last).length, keep(last)]).toEqual([401, []]);
    last.close();
    expect(broken).toEqual([failure]);
  });

  test('stays where it is where nobody would open it anew', () => {
    const { file, failure } = used({ remedies: { damaged: 'Look at it.' } });
    expect(failure.message).toMatch(/malformed\. Look at it\.$/);
    expect([existsSync(path), asides()]).toEqual([true, []]);
    file.close();
  });

  test('is not what another process has put in its place', () => {
    const file = open({ onBroken });
    renameSync(path, `${path}.moved`);
    expect(() => file.check()).toThrow(
      `Cannot use ${path}: it was moved away, and what is there now is not what was opened. Restart: that is opened then.`,
    );
    const other = open();
    say(other, 'theirs');
    // However damaged the old one is: the new one is well.
    expect(
      file.failure('read', Object.assign(new Error('malformed'), { code: 'ERR_SQLITE_ERROR', errcode: 11 })),
    ).toBeDefined();
    expect([broken.length, asides(), words(other)]).toEqual([1, [], ['theirs']]);
    other.close();
    file.close();
  });

  test('where nobody would restart, what is there now is used', () => {
    const file = open();
    const count = () => file.statement('SELECT count(*) AS words FROM words').get();
    say(file, 'a', 'b');
    expect(count()).toEqual({ words: 2 });
    renameSync(path, `${path}.moved`);
    const other = open();
    say(other, 'theirs');
    file.check();
    say(file, 'ours');
    expect([count(), words(other)]).toEqual([{ words: 2 }, ['ours', 'theirs']]);
    other.close();
    for (const part of ['', '-wal', '-shm']) rmSync(path + part, { force: true });
    writeFileSync(path, ruined);
    file.check();
    expect([count(), asides().length]).toEqual([{ words: 0 }, 1]);
    for (const part of ['', '-wal', '-shm']) rmSync(path + part, { force: true });
    writeFileSync(path, 'somebody wrote this here');
    expect(() => file.check()).toThrow(/^Cannot open .*: it is no database/);
    expect([readFileSync(path, 'utf8'), asides().length]).toEqual(['somebody wrote this here', 1]);
    file.close();
  });
});

test('X05 who is killed while it keeps what can be read is followed by one that keeps the rest', () => {
  const all = Array.from({ length: 50 }, (_, i) => `word ${100 + i}`);
  const first = open();
  say(first, ...all);
  first.close();
  damage(path, 'sqlite_autoindex_words_1');
  const second = open();
  let left = 20;
  expect(() =>
    keep(second, () => {
      if (--left === 0) throw new Error('killed');
    }),
  ).toThrow('killed');
  second.close();
  expect(unread(path)).toHaveLength(1);
  const third = open();
  expect(keep(third)).toEqual([expect.stringContaining('50 words could be read and are kept')]);
  expect(words(third)).toEqual(all);
  expect([keep(third), asides().length]).toEqual([[], 1]);
  third.close();
});

test('X05 who only looks leaves a damaged file as it is, is told in one line, and reads what can be read', () => {
  const first = open();
  say(first, ...Array.from({ length: 400 }, (_, i) => `word ${1000 + i}`));
  first.close();
  damage(path, 'sqlite_autoindex_words_1');
  const before = readFileSync(path);
  const told: string[] = [];
  const looking = open({ onDamaged: (why) => told.push(why) });
  expect(looking.database.prepare('SELECT count(*) AS n FROM words NOT INDEXED').get()).toEqual({ n: 400 });
  looking.close();
  expect(told).toEqual([expect.stringMatching(/^(?!\*)[^\n]+$/)]);
  expect([readFileSync(path), asides()]).toEqual([before, []]);
  open().close();
  expect(asides()).toHaveLength(1);
});

test('X05 what SQLite says in several lines is one', () => {
  const said = Object.assign(new Error('*** in database main ***\nTree 2 page 2:\n  broken'), {
    code: 'ERR_SQLITE_ERROR',
    errcode: 11,
  });
  expect(sqliteError('read', '/a', said).message).toMatch(/^Cannot read \/a: Tree 2 page 2: broken\. Move it away/);
});

describe('X01 a file is its user’s alone', () => {
  const modes = (...paths: string[]) => paths.map((each) => (statSync(each).mode & 0o777).toString(8));
  const logs = () => [path, `${path}-wal`, `${path}-shm`];

  test('from the moment that it is made, with its logs and its folders', () => {
    const [outer, inner] = [join(folder, 'a'), join(folder, 'a', 'b')];
    path = join(inner, 'words.db');
    const file = open();
    say(file, 'a');
    expect(modes(outer, inner, ...logs())).toEqual(['700', '700', '600', '600', '600']);
    file.close();
  });

  test('again, where a service finds its own open to others; a command leaves the modes that somebody chose', () => {
    const first = open();
    say(first, 'a');
    for (const each of logs()) chmodSync(each, 0o644);
    open().close();
    expect(modes(...logs())).toEqual(['644', '644', '644']);
    open({ onBroken: (error) => expect.unreachable(error.message) }).close();
    expect(modes(...logs())).toEqual(['600', '600', '600']);
    first.close();
    const other = new DatabaseSync(join(folder, 'other.db'));
    other.exec('CREATE TABLE theirs (x)');
    other.close();
    path = join(folder, 'other.db');
    chmodSync(path, 0o644);
    expect(() => open({ onBroken: (error) => expect.unreachable(error.message) })).toThrow('another program');
    expect(modes(path)).toEqual(['644']);
  });
});
