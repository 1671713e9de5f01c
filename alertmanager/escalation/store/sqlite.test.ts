import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { verify } from '../audit/verify.ts';
import { conformance } from './conformance.ts';
import { openStore } from './open.ts';
import { entry, list, someIncident } from './some-incident.ts';
import { openSqlite, sql } from './sqlite.ts';

const noticed = (line: string) => expect.unreachable(line);

conformance('SQLite', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fleetscope-store-'));
  return {
    open: async () => openSqlite(join(folder, 'incidents.sqlite'), { notice: noticed }),
    remove: async () => rmSync(folder, { recursive: true }),
  };
});

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fleetscope-sqlite-'));
  file = join(folder, 'data', 'incidents.sqlite');
});
afterEach(() => rmSync(folder, { recursive: true }));

test.each([
  ['byId', sql.byId, 'sqlite_autoindex_incidents_1 (id=?)'],
  ['openOf', sql.openOf, 'incidents_open_key (key=?)'],
  ['newestOf', sql.newestOf, 'incidents_key (key=?)'],
  ['due', sql.due, 'incidents_due (due_at<?)'],
  ['unresolved', sql.unresolved, 'incidents_unresolved (id>?)'],
  ['a list', sql.list([]), 'SCAN incidents USING COVERING INDEX'],
  ['a page of a list', sql.list(['id < ?', 'team = ?']), 'COVERING INDEX incidents_list (id<?)'],
  ['a list of what is open', sql.list(['state IN (?)', sql.isUnresolved]), 'COVERING INDEX incidents_unresolved'],
  ['openBySeverity', sql.openBySeverity, 'COVERING INDEX incidents_unresolved'],
  ['forget', sql.forget, 'incidents_resolved (resolved_at<?)'],
  ['forgetSpent', sql.forgetSpent, 'spent_expires (expires_at<?)'],
  ['audit', sql.audit, 'INTEGER PRIMARY KEY (rowid>?)'],
  ['head', sql.head, 'SCAN audit'],
  ['historyOf', sql.historyOf, 'audit_incident (incident=?)'],
])('X05 %s takes its index and sorts nothing that the index has sorted', async (name, text, index) => {
  await openSqlite(file, { notice: noticed }).close();
  const database = new DatabaseSync(file);
  const plan = database
    .prepare(`EXPLAIN QUERY PLAN ${text}`)
    .all()
    .map(({ detail }) => detail)
    .join('\n');
  database.close();
  expect(plan).toContain(index);
  if (!/list/.test(name) && name !== 'openBySeverity') expect(plan).not.toContain('TEMP B-TREE');
  expect(plan.replaceAll(/SCAN (incidents|audit) USING COVERING INDEX \S+|SCAN audit$/g, '')).not.toContain('SCAN');
});

test('X05 a queue longer than a page does not hide what is due after it', async () => {
  const store = openSqlite(file, { notice: noticed });
  await Promise.all(Array.from({ length: 1100 }, (_, i) => store.save(someIncident(`${i}`))));
  expect(await store.due(1000, 1200)).toHaveLength(1100);
  await store.close();
});

test('X05 saves of one turn share a transaction; one that fails does not harm the others', async () => {
  const store = openSqlite(file, { notice: noticed });
  const broken = { ...entry('b', 1), incident: undefined } as never;
  const answers = await Promise.allSettled([
    store.save(someIncident('a', { journal: [entry('a', 1)] })),
    store.save(someIncident('b', { journal: [entry('b', 0), broken] })),
    store.save(someIncident('a')),
    store.save(someIncident('c', { journal: [entry('c', 1)] })),
  ]);
  const cannot = expect.objectContaining({ message: expect.stringMatching(/^Cannot write to .*incidents\.sqlite: /) });
  expect(answers).toEqual([
    { status: 'fulfilled', value: true },
    { status: 'rejected', reason: cannot },
    { status: 'fulfilled', value: false },
    { status: 'fulfilled', value: true },
  ]);
  expect(await store.byId('b')).toBeUndefined();
  expect((await list(store.audit())).map(({ id }) => id)).toEqual(['a/1/1', 'c/1/1']);
  expect(await verify(store.audit())).toMatchObject({ ok: true });
  await store.close();
});

test('X06 nobody changes or removes an audit record by SQL', async () => {
  const store = openSqlite(file, { notice: noticed });
  await store.save(someIncident('a', { journal: [entry('a', 1)] }));
  await store.close();
  const database = new DatabaseSync(file);
  expect(() => database.exec("UPDATE audit SET entry = '{}'")).toThrow('only added to');
  expect(() => database.exec('DELETE FROM audit')).toThrow('only added to');
  database.close();
});

describe('X05 a file that is not ours to open', () => {
  test('of a newer fleetscope is refused and left alone', async () => {
    await openSqlite(file, { notice: noticed }).close();
    const database = new DatabaseSync(file);
    database.exec('PRAGMA user_version = 99');
    database.close();
    const before = readFileSync(file);
    expect(() => openSqlite(file, { notice: noticed })).toThrow(
      `Cannot open ${file}: a newer fleetscope wrote it (schema 99, this one knows 1). Use the newer one, or point to another file.`,
    );
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  test('of another program is refused and left alone', async () => {
    const other = join(folder, 'other.sqlite');
    const database = new DatabaseSync(other);
    database.exec('CREATE TABLE theirs (x)');
    database.close();
    const before = readFileSync(other);
    await expect(openStore(`sqlite:${other}`, { notice: noticed })).rejects.toThrow('another program');
    expect(readFileSync(other).equals(before)).toBe(true);
  });

  test('a folder that is a file is named', () => {
    writeFileSync(join(folder, 'data'), '');
    expect(() => openSqlite(file, { notice: noticed })).toThrow(/^Cannot open .*incidents\.sqlite: .*\. Check /);
  });

  test.each(['redis://localhost', 'sqlite:', ''])('"%s" is refused', async (url) => {
    await expect(openStore(url, { notice: noticed })).rejects.toThrow('Write sqlite:<path>, or mongodb://');
  });
});

describe('X05 a damaged file is set aside, named, and the store starts', () => {
  const onBroken = (error: Error) => expect.unreachable(error.message);
  const damaged = async (damage: (bytes: Buffer) => Buffer) => {
    const before = openSqlite(file, { notice: noticed });
    for (let i = 0; i < 200; i++) await before.save(someIncident(`i${1000 + i}`, { journal: [entry(`i${i}`, 1)] }));
    await before.close();
    const bytes = damage(readFileSync(file));
    writeFileSync(file, bytes);
    const notices: string[] = [];
    const store = openSqlite(file, { notice: (line) => notices.push(line), onBroken });
    const kept = (await list(store.unresolved())).length;
    const audited = (await list(store.audit())).length;
    expect(await store.save(someIncident('new', { journal: [entry('new', 1)] }))).toBe(true);
    await store.close();
    const aside = readdirSync(join(folder, 'data')).filter((name) => /\.corrupt-[\dTZ-]+$/.test(name));
    expect(aside).toHaveLength(1);
    expect(notices).toEqual([expect.stringContaining(aside[0] as string)]);
    expect(notices[0]).toContain(`${kept} incidents and ${audited} audit records`);
    return { kept, bytes, aside: readFileSync(join(folder, 'data', aside[0] as string)) };
  };

  test('when it is no database any more', async () => {
    const { kept, bytes, aside } = await damaged(() => Buffer.from('not a database, '.repeat(1000)));
    expect(kept).toBe(0);
    expect(aside.equals(bytes)).toBe(true);
  });

  test('with what can be read of it when a page is destroyed', async () => {
    const { kept } = await damaged((bytes) => {
      // A page of the incidents' own tree: it holds documents.
      const page = 4096 * Math.floor(bytes.indexOf('"id":"i1100"') / 4096);
      return bytes.fill(0xff, page, page + 4096);
    });
    expect(kept).toBeGreaterThan(150);
    expect(kept).toBeLessThan(200);
  });

  test('with what a killed process had in the log', async () => {
    const killed = openSqlite(file, { notice: noticed });
    for (let i = 0; i < 200; i++) await killed.save(someIncident(`i${1000 + i}`));
    await killed.close();
    const late = openSqlite(file, { notice: noticed });
    await late.save(someIncident('late', { journal: [entry('late', 1)] }));
    const copy = join(folder, 'copy.sqlite');
    const bytes = readFileSync(file);
    const page = 4096 * Math.floor(bytes.indexOf('"id":"i1100"') / 4096);
    writeFileSync(copy, bytes.fill(0xff, page, page + 4096));
    writeFileSync(`${copy}-wal`, readFileSync(`${file}-wal`));
    await late.close();
    const notices: string[] = [];
    const store = openSqlite(copy, { notice: (line) => notices.push(line) });
    expect(notices).toHaveLength(1);
    expect((await store.byId('late'))?.id).toBe('late');
    expect(await store.byId('i1199')).toBeDefined();
    expect(await verify(store.audit())).toMatchObject({ ok: true, entries: 1 });
    await store.close();
    expect(readdirSync(folder).filter((name) => name.includes('reading'))).toEqual([]);
  });

  test('with its log, which belongs to no other file', async () => {
    const other = join(folder, 'other.sqlite');
    writeFileSync(other, 'not a database, '.repeat(1000));
    writeFileSync(`${other}-wal`, 'nor a log');
    const notices: string[] = [];
    const store = openSqlite(other, { notice: (line) => notices.push(line), onBroken });
    expect(notices).toHaveLength(1);
    expect(await store.save(someIncident('new'))).toBe(true);
    await store.close();
    const [kept] = readdirSync(folder).filter((name) => /\.corrupt-[\dTZ-]+-wal$/.test(name));
    expect(readFileSync(join(folder, kept as string), 'utf8')).toBe('nor a log');
  });

  test('with what can be read of it when it was cut off', async () => {
    const { kept } = await damaged((bytes) => bytes.subarray(0, 4096 * Math.floor(bytes.length / 4096 / 2)));
    expect(kept).toBeGreaterThan(0);
  });
});
