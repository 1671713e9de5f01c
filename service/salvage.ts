/** Keeps what can be read of damaged files that were set aside. */
import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  openSync,
  readSync,
  rmSync,
  statSync,
  truncateSync,
} from 'node:fs';
import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';
import { forget, unread } from './set-aside.ts';

export interface Found {
  readonly table: string;
  readonly row: Readonly<Record<string, SQLOutputValue>>;
}

export interface SalvageOptions {
  /** Those that are read, each with the column that it is walked by from both ends. */
  readonly tables: Readonly<Record<string, string>>;
  /** Keeps the rows, some of which come twice. @returns what was kept, e.g. `12 incidents` */
  readonly keep: (rows: Iterable<Found>) => string;
  /** What to do about it, in a sentence. */
  readonly remedy: string;
  /** Where a person is told. */
  readonly notice: (line: string) => void;
}

/** After the file was opened. What is read by one that is killed is read again by the next. */
export function salvage(file: string, { tables, keep, remedy, notice }: SalvageOptions): void {
  for (const aside of unread(file)) {
    const kept = keep(readable(aside.path, tables));
    forget(file, aside);
    notice(
      `${file} was damaged (${aside.why}). It is set aside as ${aside.path}; ${kept} could be read and are kept. ${remedy}`,
    );
  }
}

/** A damaged page stops a walk: then the rest is read from the other end. The file stays as it was found. */
function* readable(aside: string, tables: SalvageOptions['tables']): Generator<Found> {
  const copy = `${aside}.reading-${process.pid}`;
  try {
    for (const part of ['', '-wal'])
      if (existsSync(aside + part)) copyFileSync(aside + part, copy + part, constants.COPYFILE_FICLONE);
    toFullLength(copy);
    for (const [table, order] of Object.entries(tables))
      for (const direction of ['ASC', 'DESC']) {
        let damaged: DatabaseSync | undefined;
        let found: Iterator<Record<string, SQLOutputValue>> | undefined;
        // Only what the reading throws is damage: what keeping throws ends it all.
        const next = () => {
          try {
            damaged ??= new DatabaseSync(copy);
            found ??= damaged.prepare(`SELECT * FROM ${table} ORDER BY ${order} ${direction}`).iterate();
            return found.next();
          } catch {
            return undefined;
          }
        };
        let one = next();
        for (; one && !one.done; one = next()) yield { table, row: one.value };
        damaged?.close();
        if (one) break;
      }
  } finally {
    for (const part of ['', '-wal', '-shm']) rmSync(copy + part, { force: true });
  }
}

/** SQLite reads nothing of a file that is shorter than its header says (https://sqlite.org/fileformat2.html#page_size). */
function toFullLength(file: string): void {
  const header = Buffer.alloc(32);
  const opened = openSync(file, 'r');
  readSync(opened, header);
  closeSync(opened);
  const pageSize = header.readUInt16BE(16) === 1 ? 65536 : header.readUInt16BE(16);
  const length = pageSize * header.readUInt32BE(28);
  if (header.toString('latin1', 0, 15) === 'SQLite format 3' && statSync(file).size < length)
    truncateSync(file, length);
}
