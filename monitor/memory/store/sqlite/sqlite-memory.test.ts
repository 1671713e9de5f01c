import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { damage } from '../../../../service/testing/damage.ts';
import { conformance } from '../conformance/conformance.ts';
import { listOf } from '../conformance/database.ts';
import { someBatch, someDay, someFinding } from '../conformance/some-rows.ts';
import { openMemory } from '../open.ts';
import { tableNames } from '../table.ts';
import { openSqlite } from './sqlite-memory.ts';

const notice = (line: string) => expect.unreachable(line);
let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fleetscope-memory-'));
  file = join(folder, 'data', 'memory.db');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** What another process does to the file. */
function byHand<T>(file: string, work: (database: DatabaseSync) => T): T {
  const database = new DatabaseSync(file, { timeout: 10_000 });
  const answer = work(database);
  database.close();
  return answer;
}

conformance('SQLite', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fleetscope-memory-'));
  const file = join(folder, 'memory.db');
  const written = [...tableNames, 'job_runs'].flatMap((table) =>
    ['INSERT', 'DELETE', 'UPDATE'].map((write) => ({ name: `break_${table}_${write}`, on: `${write} ON ${table}` })),
  );
  return {
    open: async () => openSqlite(file, { notice }),
    breakAfter: (writes) =>
      byHand(file, (database) => {
        database.exec(`BEGIN; CREATE TABLE broken (writes INTEGER); INSERT INTO broken VALUES (${writes})`);
        for (const { name, on } of written)
          database.exec(
            `CREATE TRIGGER ${name} BEFORE ${on} BEGIN
              SELECT RAISE(ROLLBACK, 'the disk is gone') FROM broken WHERE writes = 0;
              UPDATE broken SET writes = writes - 1;
            END`,
          );
        database.exec('COMMIT');
      }),
    mend: () =>
      byHand(file, (database) => {
        const drops = written.map(({ name }) => `DROP TRIGGER IF EXISTS ${name};`).join(' ');
        database.exec(`BEGIN; ${drops} DROP TABLE IF EXISTS broken; COMMIT`);
      }),
    lose: async (table) =>
      byHand(file, (database) => {
        // A table without a rowid has no LIMIT to delete by, either.
        const row = database.prepare(`SELECT * FROM ${table} LIMIT 1`).get() as Record<string, string>;
        const given = Object.entries(row).filter(([, value]) => value !== null);
        const where = given.map(([column]) => `${column} = ?`).join(' AND ');
        database.prepare(`DELETE FROM ${table} WHERE ${where}`).run(...given.map(([, value]) => value));
      }),
    remove: async () => rmSync(folder, { recursive: true }),
  };
});

test('M03 the file can be asked with plain SQL, and its journal is a WAL', async () => {
  const memory = openSqlite(file, { notice });
  await memory.keep({
    job: 'day',
    period: '2026-02-15',
    rows: {
      metrics_daily: [someDay('2026-02-15', { metric: 'cost', labels: { model: 'b', agent_name: 'a' }, value: 4.5 })],
    },
  });
  await memory.keep({ job: 'week', period: '2026-W07', rows: { findings: [someFinding('2026-W07', 'k')] } });
  const asked = byHand(file, (database) => [
    database
      .prepare("SELECT value, labels, unit FROM metrics_daily WHERE date = '2026-02-15' AND metric = 'cost'")
      .get(),
    database.prepare("SELECT body ->> '$.numbers.ended' AS ended FROM findings").get(),
    database.prepare('PRAGMA journal_mode').get(),
  ]);
  expect(asked.map((row) => ({ ...row }))).toEqual([
    { value: 4.5, labels: '{"agent_name":"a","model":"b"}', unit: '{task}' },
    { ended: 40 },
    { journal_mode: 'wal' },
  ]);
  await memory.close();
});

test('M03 a write waits for who holds the file, and does not hold up reading', async () => {
  const memory = openSqlite(file, { notice });
  const holder = new DatabaseSync(file);
  holder.exec('BEGIN IMMEDIATE');
  const kept = memory.keep(someBatch('2026-02-15', 1));
  expect(await memory.days({})).toEqual([]);
  holder.exec('COMMIT');
  await kept;
  expect(await memory.days({})).toHaveLength(2);
  holder.close();
  await memory.close();
});

describe('M03 a file that is not ours to open', () => {
  test('of a newer fleetscope is refused and left alone', async () => {
    await openSqlite(file, { notice }).close();
    byHand(file, (database) => database.exec('PRAGMA user_version = 99'));
    const before = readFileSync(file);
    expect(() => openSqlite(file, { notice })).toThrow(
      `Cannot open ${file}: a newer fleetscope wrote it (schema 99, this one knows 1). Use the newer one, or name another file.`,
    );
    expect(readFileSync(file)).toEqual(before);
  });

  test('of another program is refused and left alone', async () => {
    const other = join(folder, 'other.db');
    byHand(other, (database) => database.exec('CREATE TABLE theirs (x)'));
    const before = readFileSync(other);
    await expect(openMemory(`sqlite:${other}`, { notice })).rejects.toThrow('another program');
    expect(readFileSync(other)).toEqual(before);
  });

  test('a folder that is a file is named', () => {
    writeFileSync(join(folder, 'data'), '');
    expect(() => openSqlite(file, { notice })).toThrow(/^Cannot open .*memory\.db: .*\. Check /);
  });
});

describe('M03 a damaged file', () => {
  const dates = Array.from({ length: 40 }, (_, i) => new Date(Date.UTC(2026, 0, 1 + i)).toISOString().slice(0, 10));
  const fill = async () => {
    const memory = openSqlite(file, { notice });
    for (const date of dates) await memory.keep(someBatch(date, 1));
    await memory.putOverride({ document: 'd', block: 'b', text: 't', instead_of: '' });
    await memory.close();
  };

  test('is left where it is by a command, which says so, and reads what can be read', async () => {
    await fill();
    damage(file, 'decisions_log_id');
    const before = readFileSync(file);
    const notices: string[] = [];
    const memory = await openMemory(file, { notice: (line) => notices.push(line), ifDamaged: 'leave' });
    expect(await listOf(memory.snapshots({}))).toHaveLength(40);
    expect(await memory.damage()).toBeDefined();
    await memory.close();
    expect(notices).toEqual([expect.stringMatching(/memory\.db is damaged \(.+\).* It is left as it is\./)]);
    expect(readFileSync(file)).toEqual(before);
  });

  const setAside = async (change: (bytes: Buffer) => Buffer) => {
    await fill();
    const bytes = change(readFileSync(file));
    writeFileSync(file, bytes);
    const notices: string[] = [];
    const onBroken = (error: Error) => expect.unreachable(error.message);
    const memory = openSqlite(file, { notice: (line) => notices.push(line), onBroken });
    const aside = readdirSync(join(folder, 'data')).filter((name) => /\.corrupt-[\dTZ-]+$/.test(name));
    expect(aside).toHaveLength(1);
    expect(notices).toEqual([expect.stringContaining(aside[0] as string)]);
    expect(await memory.damage()).toBeUndefined();
    return { memory, notice: notices[0] as string };
  };

  test('is set aside when it is no database any more', async () => {
    const { memory, notice } = await setAside(() => Buffer.from('not a database, '.repeat(1000)));
    expect(notice).toContain('0 days and 0 rows in all could be read');
    await memory.keep(someBatch('2026-02-15', 1));
    await memory.close();
  });

  test('is set aside, and what can be read of it is kept; what lost a row is not done any more, until it is made anew', async () => {
    const { memory, notice } = await setAside((bytes) => {
      // A page of the decisions' own tree: it holds their rows.
      const page = 4096 * Math.floor(bytes.indexOf('{"id":"2026-01-20/0"') / 4096);
      return bytes.fill(0xff, page, page + 4096);
    });
    expect(await listOf(memory.snapshots({}))).toHaveLength(40);
    expect(await memory.override('d', 'b')).toBeDefined();
    const done = await memory.done('day');
    expect(done).not.toContain('2026-01-20');
    expect(done.length).toBeGreaterThan(20);
    expect(notice).toMatch(/; 40 days and \d+ rows in all, \d+ periods not whole, could be read and are kept\./);
    for (const date of dates.filter((date) => !done.includes(date))) await memory.keep(someBatch(date, 1));
    expect(await memory.decisions({})).toHaveLength(80);
    expect(await memory.done('day')).toEqual(dates);
    expect(await memory.damage()).toBeUndefined();
    await memory.close();
  });

  test('is set aside when it was cut off', async () => {
    const { memory } = await setAside((bytes) => bytes.subarray(0, 4096 * Math.floor(bytes.length / 4096 / 2)));
    const done = await memory.done('day');
    expect(done.length).toBeLessThan(40);
    for (const date of done) expect(await memory.snapshot(date)).toBeDefined();
    await memory.close();
  });
});
