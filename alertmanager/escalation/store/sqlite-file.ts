/** Opens the database file, whatever has happened to it: the service that pages people must start. */
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
import { migrate, schemaOf } from './sqlite-schema.ts';

/** How long another process may hold the file while this one waits, blocked; longer waits are asynchronous. */
const blockedMs = 100;

/** A connection to the file, made if it is not there. A damaged file is set aside, and what can be read of it is kept. */
export function openFile(file: string, notice: (line: string) => void): DatabaseSync {
  try {
    mkdirSync(dirname(file), { recursive: true });
    return connect(file);
  } catch (error) {
    if (!(error instanceof SetAside)) throw sqliteError('open', file, error);
    const { aside, message } = error;
    const fresh = connect(file);
    const { incidents, audit } = salvage(aside, fresh);
    notice(
      `${file} was damaged (${message}). It is set aside as ${aside}; ${incidents} incidents and ${audit} audit records could be read and are kept. Look at the disk; alerts that still fire come again from Alertmanager.`,
    );
    return fresh;
  }
}

function connect(file: string): DatabaseSync {
  // While a file is new, its first openers exclude each other longer than a save ever does.
  const database = new DatabaseSync(file, { timeout: 10_000, enableForeignKeyConstraints: true });
  try {
    schemaOf(database, file); // A file that is not ours is left as it is.
    patiently(() => database.exec('PRAGMA journal_mode = WAL'));
    // FULL: a save that was answered outlives a power cut. The size limit cuts the log back after a burst.
    database.exec('PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -8192');
    const found = database.prepare('PRAGMA quick_check(1)').get() as { quick_check: string };
    if (found.quick_check !== 'ok') throw new Damage(found.quick_check);
    migrate(database, file);
    database.exec(`PRAGMA busy_timeout = ${blockedMs}`);
    return database;
  } catch (error) {
    // Moved before it is closed: closing would remove the log.
    const aside = isDamage(error) ? setAside(file) : undefined;
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
      if (!isBusy(error) || tries === 200) throw error;
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

function isDamage(error: unknown): boolean {
  // SQLITE_CORRUPT, SQLITE_NOTADB
  return error instanceof Damage || [11, 26].includes(resultOf(error));
}

/** Moves the file and its log away, never over another. @returns the new name. */
function setAside(file: string): string {
  const aside = `${file}.corrupt-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`;
  if (existsSync(aside)) throw new Error(`Cannot set ${file} aside: ${aside} exists. Move one of them away.`);
  for (const part of ['', '-wal', '-shm']) if (existsSync(file + part)) renameSync(file + part, aside + part);
  return aside;
}

const orders = { incidents: 'rowid', audit: 'number', spent: 'token', leases: 'name' };

/** Copies what can be read: from both ends, as a damaged page stops a walk. The file itself stays as it was found. */
function salvage(aside: string, fresh: DatabaseSync): Record<keyof typeof orders, number> {
  const copied = { incidents: 0, audit: 0, spent: 0, leases: 0 };
  const copy = `${aside}.reading`;
  for (const part of ['', '-wal'])
    if (existsSync(aside + part)) copyFileSync(aside + part, copy + part, constants.COPYFILE_FICLONE);
  toFullLength(copy);
  for (const [table, order] of Object.entries(orders) as [keyof typeof orders, string][]) {
    for (const direction of ['ASC', 'DESC']) {
      let damaged: DatabaseSync | undefined;
      fresh.exec('BEGIN IMMEDIATE');
      try {
        damaged = new DatabaseSync(copy);
        for (const row of damaged.prepare(`SELECT * FROM ${table} ORDER BY ${order} ${direction}`).iterate()) {
          const columns = Object.keys(row);
          const insert = `INSERT OR IGNORE INTO ${table} (${columns}) VALUES (${columns.map(() => '?')})`;
          copied[table] += Number(fresh.prepare(insert).run(...Object.values(row)).changes);
        }
      } catch {
        // The rest is unreadable, from this end.
      }
      fresh.exec('COMMIT');
      damaged?.close();
    }
  }
  for (const part of ['', '-wal', '-shm']) rmSync(copy + part, { force: true });
  return copied;
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

/** What went wrong with a file, and what to do about it. */
export function sqliteError(action: string, file: string, error: unknown): Error {
  const { message } = error as Error;
  if (/^Cannot /.test(message)) return error as Error;
  return new Error(`Cannot ${action} ${file}: ${message}. ${remedies[resultOf(error)] ?? remedies.other}`, {
    cause: error,
  });
}

const remedies: Record<string | number, string> = {
  5: 'Another process holds it: end that one.',
  8: "Check the file's and the folder's permissions.",
  11: 'Restart the service: it sets the file aside and goes on.',
  13: 'The disk is full: free space.',
  14: 'Check that the folder exists and may be written to.',
  26: 'Restart the service: it sets the file aside and goes on.',
  other: "Check the disk's free space and the folder's permissions.",
};

export function isBusy(error: unknown): boolean {
  return [5, 6].includes(resultOf(error)); // SQLITE_BUSY, SQLITE_LOCKED
}

/** SQLite's primary result code; the extended ones carry it in the low byte. */
function resultOf(error: unknown): number {
  return ((error as { errcode?: number }).errcode ?? 0) & 0xff;
}
