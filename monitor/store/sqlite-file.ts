/** Opens the ledger's file, whatever has happened to it: programs must run, and what can be read must not be lost. */
import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isBusy, isDamage, sqliteError } from './sqlite-error.ts';
import { migrate, schemaOf } from './sqlite-schema.ts';

/** Up to this size a file is checked whole when it is opened; a bigger one takes too long for a command. See `damage()`. */
const checkedBytes = 8 * 1024 * 1024;

/** How long SQLite itself waits for another process, blocked; longer waits are those of who writes. */
const blockedMs = 100;

export interface Opened {
  readonly database: DatabaseSync;
  /** Where a damaged file went, and why; undefined: it was not damaged. */
  readonly aside: { readonly file: string; readonly why: string } | undefined;
}

/** A connection to the file, made if it is not there. A damaged one is moved aside first, and never written to. */
export function openFile(file: string): Opened {
  try {
    mkdirSync(dirname(file), { recursive: true });
    return { database: connect(file), aside: undefined };
  } catch (error) {
    if (!(error instanceof SetAside)) throw sqliteError('open', file, error);
    return { database: connect(file), aside: { file: error.aside, why: error.message } };
  }
}

function connect(file: string): DatabaseSync {
  // While a file is new, its first openers exclude each other longer than a write ever does.
  const database = new DatabaseSync(file, { timeout: 10_000, enableForeignKeyConstraints: true });
  try {
    // A file that is not ours is left as it is. A new one is made so that cleanup can give space back.
    if (schemaOf(database, file) === 0) database.exec('PRAGMA auto_vacuum = INCREMENTAL');
    patiently(() => database.exec('PRAGMA journal_mode = WAL'));
    // FULL: what was answered outlives a power cut. The size limit cuts the log back after a burst. A longer log and a bigger
    // cache write a page once that several transactions change: ids are hashes, and fall anywhere.
    database.exec('PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 67108864');
    database.exec('PRAGMA wal_autocheckpoint = 8000; PRAGMA cache_size = -65536');
    migrate(database, file);
    if (statSync(file).size <= checkedBytes) {
      const { quick_check } = database.prepare('PRAGMA quick_check(1)').get() as { quick_check: string };
      if (quick_check !== 'ok') throw new Damage(quick_check);
    }
    database.exec(`PRAGMA busy_timeout = ${blockedMs}`);
    return database;
  } catch (error) {
    // Moved before it is closed: closing would remove the log.
    const aside = error instanceof Damage || isDamage(error) ? setAside(file) : undefined;
    database.close();
    throw aside ? new SetAside(aside, error as Error) : error;
  }
}

/** SQLite does not wait for the lock that a change of the journal's mode needs. */
function patiently(work: () => void): void {
  for (let tries = 0; ; tries++) {
    try {
      work();
      return;
    } catch (error) {
      if (!isBusy(error) || tries === 400) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 25);
    }
  }
}

class Damage extends Error {}

class SetAside extends Error {
  readonly aside: string;
  constructor(aside: string, cause: Error) {
    super(cause.message, { cause });
    this.aside = aside;
  }
}

/** Moves the file and its log away, never over another. @returns the new name. */
function setAside(file: string): string {
  const aside = `${file}.corrupt-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`;
  if (existsSync(aside)) throw new Error(`Cannot set ${file} aside: ${aside} exists. Move one of them away.`);
  for (const part of ['', '-wal', '-shm']) if (existsSync(file + part)) renameSync(file + part, aside + part);
  return aside;
}

/** The facts that can be read of a damaged file, from both ends, as a damaged page stops a walk. The file stays as it was found. */
export function* salvage(aside: string): Generator<string> {
  const copy = `${aside}.reading`;
  for (const part of ['', '-wal'])
    if (existsSync(aside + part)) copyFileSync(aside + part, copy + part, constants.COPYFILE_FICLONE);
  toFullLength(copy);
  try {
    for (const direction of ['ASC', 'DESC']) {
      let damaged: DatabaseSync | undefined;
      try {
        damaged = new DatabaseSync(copy);
        const rows = damaged.prepare(`SELECT body FROM facts ORDER BY rowid ${direction}`).iterate();
        for (const { body } of rows as Iterable<{ body: string }>) yield body;
        return;
      } catch {
        // The rest is unreadable, from this end.
      } finally {
        damaged?.close();
      }
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
