/** Damages a real database, also one that is in use. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

/** Overwrites the root page of a table or an index: whoever reads or writes there next finds it damaged. */
export function damage(file: string, name: string): void {
  const database = new DatabaseSync(file, { timeout: 10_000 });
  const pragma = (text: string) => Number(Object.values(database.prepare(`PRAGMA ${text}`).get() ?? {})[0]);
  // Into the file with it, or the log would still have the page whole.
  pragma('wal_checkpoint(TRUNCATE)');
  const found = database.prepare('SELECT rootpage FROM sqlite_schema WHERE name = ?').get(name);
  if (!found) throw new Error(`Cannot damage ${name}: ${file} has no such table or index.`);
  const pageSize = pragma('page_size');
  const opened = openSync(file, 'r+');
  writeSync(opened, Buffer.alloc(pageSize, 0xff), 0, pageSize, (Number(found.rootpage) - 1) * pageSize);
  closeSync(opened);
  // Another process has written something: what is in a cache is not trusted any more.
  database.exec(`PRAGMA user_version = ${pragma('user_version')}`);
  database.close();
}
