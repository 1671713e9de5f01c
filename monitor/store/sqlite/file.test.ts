import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openFile } from '../../../service/sqlite-file.ts';
import type { Schema } from '../../../service/sqlite-schema.ts';
import { damage } from '../../../service/testing/damage.ts';
import { wholeRun, wholeRunCalls } from '../../testing/some-facts.ts';
import { openLedger } from '../open.ts';
import { schema } from './schema.ts';
import { SqliteLedger } from './sqlite-ledger.ts';

const notice = (line: string) => expect.unreachable(line);
let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fleetscope-ledger-'));
  file = join(folder, 'data', 'ledger.db');
});
afterEach(() => rmSync(folder, { recursive: true }));

const all = { limit: Number.POSITIVE_INFINITY };

/** A ledger of a hundred runs, closed: what is damaged below. */
let whole: Buffer;
beforeAll(() => {
  const made = mkdtempSync(join(tmpdir(), 'fleetscope-ledger-'));
  const ledger = new SqliteLedger(join(made, 'whole.db'), { notice });
  ledger.record(Array.from({ length: 100 }, (_, i) => wholeRun(`s${1000 + i}`, `t${1000 + i}`, i)).flat());
  ledger.close();
  whole = readFileSync(join(made, 'whole.db'));
  rmSync(made, { recursive: true });
});
const writeDamaged = (bytes: Buffer) => {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, bytes);
};

/** What the next version of the schema may be. */
const newer: Schema = {
  ...schema,
  migrations: [
    ...schema.migrations,
    'ALTER TABLE steps ADD COLUMN region TEXT; CREATE INDEX steps_region ON steps (region);',
    (database) => database.exec("UPDATE steps SET region = 'eu' WHERE kind = 'model'"),
  ],
};

describe('R02 an older database is brought up to date', () => {
  const versionOf = (database: DatabaseSync) => database.prepare('PRAGMA user_version').get()?.user_version;

  test('with all that is in it', () => {
    const ledger = new SqliteLedger(file, { notice });
    for (let i = 0; i < 20; i++) ledger.record([...wholeRun(`s${i}`, `t${i}`, i), ...wholeRunCalls(`s${i}`, i)]);
    const rows = () => [ledger.orchestrations(all), ledger.executions(all), ledger.failures(9), ledger.losses()];
    const before = JSON.stringify(rows());
    const opened = openFile(file, { schema: newer });
    expect(versionOf(opened.database)).toBe(schema.migrations.length + 2);
    expect(opened.database.prepare("SELECT count(*) AS n FROM steps WHERE region = 'eu'").get()).toEqual({ n: 60 });
    expect(opened.database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
    opened.close();
    // Who opened it before goes on as long as it runs; whoever opens it with the older program is told.
    expect(JSON.stringify(rows())).toBe(before);
    expect(() => new SqliteLedger(file, { notice })).toThrow('a newer fleetscope wrote it');
    ledger.close();
  });

  test('or left as it was, where a step fails', () => {
    new SqliteLedger(file, { notice }).close();
    const broken = { ...schema, migrations: [...newer.migrations, 'INSERT INTO absent VALUES (1)'] };
    expect(() => openFile(file, { schema: broken })).toThrow(/^Cannot open .*no such table: absent/);
    const database = new DatabaseSync(file);
    expect(versionOf(database)).toBe(schema.migrations.length);
    expect(database.prepare("SELECT 1 FROM pragma_table_info('steps') WHERE name = 'region'").get()).toBeUndefined();
    database.close();
    expect(new SqliteLedger(file, { notice }).close()).toBeUndefined();
  });
});

describe('R02 a file that is not ours to open', () => {
  test('of a newer fleetscope is refused and left alone', () => {
    new SqliteLedger(file, { notice }).close();
    const database = new DatabaseSync(file);
    database.exec('PRAGMA user_version = 99');
    database.close();
    const before = readFileSync(file);
    expect(() => new SqliteLedger(file, { notice })).toThrow(
      `Cannot open ${file}: a newer fleetscope wrote it (schema 99, this one knows 2). Use the newer one, or name another file: --db <file>.`,
    );
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  test('of another program is refused and left alone', async () => {
    const other = join(folder, 'other.db');
    const database = new DatabaseSync(other);
    database.exec('CREATE TABLE theirs (x)');
    database.close();
    const before = readFileSync(other);
    await expect(openLedger(`sqlite:${other}`, { notice })).rejects.toThrow('another program');
    expect(readFileSync(other).equals(before)).toBe(true);
  });

  test('a folder that is a file is named', () => {
    writeFileSync(join(folder, 'data'), '');
    expect(() => new SqliteLedger(file, { notice })).toThrow(/^Cannot open .*ledger\.db: .*\. Check /);
  });

  test.each(['redis://localhost', 'sqlite:', ''])('"%s" is refused', async (url) => {
    await expect(openLedger(url, { notice })).rejects.toThrow('Write sqlite:<path>, or mongodb://');
  });
});

test('R02 a command leaves a damaged file where it is, says so, and reads what can be read', async () => {
  writeDamaged(whole);
  damage(file, 'links');
  const before = readFileSync(file);
  const notices: string[] = [];
  const ledger = await openLedger(file, { notice: (line) => notices.push(line), ifDamaged: 'leave' });
  expect((await ledger.orchestrations(all)).length).toBe(100);
  expect(await ledger.damage()).toBeDefined();
  await ledger.close();
  expect(notices).toEqual([
    expect.stringMatching(
      /ledger\.db is damaged \(.+\), and what is read may not be all\. It is left as it is\. What writes/,
    ),
  ]);
  expect(readFileSync(file).equals(before)).toBe(true);
});

describe('R02 a damaged file is set aside, named, and what can be read of it is kept', () => {
  const damaged = (damage: (bytes: Buffer) => Buffer, onBroken?: (error: Error) => void) => {
    const bytes = damage(Buffer.from(whole));
    writeDamaged(bytes);
    const notices: string[] = [];
    const ledger = new SqliteLedger(file, { notice: (line) => notices.push(line), ...(onBroken && { onBroken }) });
    const kept = ledger.orchestrations(all).length;
    ledger.record(wholeRunCalls('new'));
    expect(ledger.damage()).toBeUndefined();
    ledger.close();
    const aside = readdirSync(join(folder, 'data')).filter((name) => /\.corrupt-[\dTZ-]+$/.test(name));
    expect(aside).toHaveLength(1);
    expect(notices).toEqual([expect.stringContaining(aside[0] as string)]);
    expect(readFileSync(join(folder, 'data', aside[0] as string)).equals(bytes)).toBe(true);
    return { kept, notice: notices[0] as string };
  };

  test('when it is no database any more', () => {
    const { kept, notice } = damaged(
      () => Buffer.from('not a database, '.repeat(1000)),
      (error) => expect.unreachable(error.message),
    );
    expect(kept).toBe(0);
    expect(notice).toContain('0 facts');
  });

  test('when a page is destroyed', () => {
    const { kept } = damaged((bytes) => {
      // A page of the facts' own tree: it holds their bodies.
      const page = 4096 * Math.floor(bytes.indexOf('{"source":"span","id":"t1050/07"') / 4096);
      return bytes.fill(0xff, page, page + 4096);
    });
    expect(kept).toBeGreaterThan(80);
    expect(kept).toBeLessThanOrEqual(100);
  });

  test('when it was cut off', () => {
    const { kept } = damaged((bytes) => bytes.subarray(0, 4096 * Math.floor(bytes.length / 4096 / 2)));
    expect(kept).toBeGreaterThan(0);
    expect(kept).toBeLessThanOrEqual(100);
  });
});
