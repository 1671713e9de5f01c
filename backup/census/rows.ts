/** SQLite databases: of each table every row. Asked of copies, which nobody writes to. */
import { createHash } from 'node:crypto';
import { relative } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { allDatabases } from '../capture-databases.ts';
import type { Census, Entry } from './census.ts';

export async function countRows(folder: string): Promise<Census> {
  const entries: Census['entries'] = {};
  for (const path of await allDatabases(folder)) {
    const database = new DatabaseSync(path, { readOnly: true });
    try {
      const tables = database
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
        .all() as { name: string }[];
      for (const { name } of tables) entries[`${relative(folder, path)} ${name}`] = rowsOf(database, name);
    } finally {
      database.close();
    }
  }
  return { kind: 'rows', windows: [], entries };
}

function rowsOf(database: DatabaseSync, table: string): Entry {
  const hash = createHash('sha256');
  let items = 0;
  const quoted = `"${table.replaceAll('"', '""')}"`;
  const statement = database.prepare(`SELECT * FROM ${quoted}`);
  statement.setReadBigInts(true);
  // In the order of the file: a copy page by page has the same.
  for (const row of statement.iterate()) {
    items++;
    for (const value of Object.values(row))
      hash.update(value instanceof Uint8Array ? value : String(value)).update('\x1f');
    hash.update('\x1e');
  }
  return { groups: 1, items, sum: hash.digest('hex') };
}
