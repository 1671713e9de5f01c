/** Opens a database file, whatever has happened to it: a service must start, and what can be read must not be lost. */
import { chmodSync, closeSync, existsSync, mkdirSync, openSync, readSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { inodeOf, setAside } from './set-aside.ts';
import { FileError, isBusy, isDamage, isNoDatabase, oneLine, type Remedies, sqliteError } from './sqlite-error.ts';
import { migrate, type Schema, schemaOf } from './sqlite-schema.ts';

export interface FileOptions {
  readonly schema: Schema;
  /** Where they differ from the usual ones of sqlite-error.ts. */
  readonly remedies?: Partial<Remedies> | undefined;
  /** Of a new file, before its first table: what cannot be changed later. */
  readonly makePragmas?: string;
  /** Of each connection, e.g. the size of its cache. */
  readonly pragmas?: string;
  /** Up to this size a file is checked whole when it is opened: a bigger one takes too long for a command. Default: always. */
  readonly checkedBytes?: number;
  /**
   * Told once when the file turns out to be damaged, or is no longer the one that was opened. Given: the file is this one's own. A
   * damaged one is set aside at once, and whoever runs this ends it, so that the next start begins anew. Left out: a damaged one
   * stays where it is, for whoever looks; what is no database at all is refused when it is opened, as somebody may have named the
   * wrong file; and where another has come in its place, that is used from then on.
   */
  readonly onBroken?: ((error: Error) => void) | undefined;
  /**
   * What a command does with a file that is damaged when it is opened: it leaves it, tells, and reads what can be read. Left out:
   * it is set aside, and a new one takes its place.
   */
  readonly onDamaged?: ((why: string) => void) | undefined;
}

/** How long SQLite itself waits for another process, blocked; longer waits are those of who writes. */
export const blockedMs = 100;

/** A connection to the file, made if it is not there, for its user alone. A damaged one is moved aside first: see salvage.ts. */
export function openFile(path: string, options: FileOptions): SqliteFile {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  } catch (error) {
    throw sqliteError('open', path, error, options.remedies);
  }
  return new SqliteFile(path, connect(path, options), options);
}

/** An open file, its statements prepared once, and whether it may be used still. */
export class SqliteFile {
  readonly path: string;
  readonly #options: FileOptions;
  readonly #prepared = new Map<string, StatementSync>();
  #database: DatabaseSync;
  #inode: number | undefined;
  #broken: Error | undefined;

  constructor(path: string, database: DatabaseSync, options: FileOptions) {
    this.path = path;
    this.#database = database;
    this.#options = options;
    this.#inode = inodeOf(path);
  }

  /** Asked for anew by each transaction: see `check`. */
  get database(): DatabaseSync {
    return this.#database;
  }

  statement(text: string): StatementSync {
    const prepared = this.#prepared.get(text) ?? this.#database.prepare(text);
    this.#prepared.set(text, prepared);
    return prepared;
  }

  /**
   * Before each transaction. What is written into a file that another process has moved away is lost.
   * @throws Error where it is broken
   */
  check(): void {
    if (!this.#broken && inodeOf(this.path) !== this.#inode) this.#moved();
    if (this.#broken) throw this.#broken;
  }

  /** What to throw for what went wrong. Damage is told on, and from then on nothing is read or written. */
  failure(action: 'read' | 'write to', error: unknown): Error {
    const { onBroken, remedies } = this.#options;
    if (!isDamage(error) || !onBroken) return sqliteError(action, this.path, error, remedies);
    let damaged = 'Restart: it is set aside then, and what can be read of it is kept.';
    try {
      setAside(this.path, this.#inode, (error as Error).message);
      damaged = 'It is set aside; who opens it next keeps what can be read of it.';
    } catch {
      // It stays where it is, and is found damaged when it is opened.
    }
    const failure = sqliteError(action, this.path, error, { ...remedies, damaged });
    this.#break(failure);
    return failure;
  }

  close(): void {
    this.#database.close();
  }

  #moved(): void {
    if (this.#database.isTransaction) return;
    if (this.#options.onBroken) {
      this.#break(
        new FileError(
          `Cannot use ${this.path}: it was moved away, and what is there now is not what was opened. Restart: that is opened then.`,
        ),
      );
      return;
    }
    const database = connect(this.path, this.#options);
    this.#prepared.clear();
    this.#database.close();
    this.#database = database;
    this.#inode = inodeOf(this.path);
  }

  #break(error: Error): void {
    if (this.#broken) return;
    this.#broken = error;
    this.#options.onBroken?.(error);
  }
}

function connect(path: string, options: FileOptions): DatabaseSync {
  try {
    // Once more, for the new one in place of a damaged one.
    const database = tryConnect(path, options) ?? tryConnect(path, options);
    if (database) return database;
  } catch (error) {
    throw sqliteError('open', path, error, options.remedies);
  }
  throw new FileError(`Cannot open ${path}: a new file there is damaged at once. Look at the disk.`);
}

/** @returns undefined: the file was damaged, and is set aside. */
function tryConnect(file: string, options: FileOptions): DatabaseSync | undefined {
  const { schema, makePragmas = '', pragmas = '', checkedBytes = Number.POSITIVE_INFINITY, onDamaged } = options;
  makeOurs(file);
  // While a file is new, its first openers exclude each other longer than a write ever does.
  const database = new DatabaseSync(file, { timeout: 10_000, enableForeignKeyConstraints: true });
  const inode = inodeOf(file);
  try {
    // A file that is not ours is left as it is.
    if (schemaOf(database, file, schema) === 0) database.exec(makePragmas);
    if (options.onBroken) keepOurs(file);
    patiently(() => database.exec('PRAGMA journal_mode = WAL'));
    // FULL: what was answered outlives a power cut. The size limit cuts the log back after a burst.
    database.exec(`PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 67108864; ${pragmas}`);
    if (statSync(file).size <= checkedBytes) {
      const { quick_check } = database.prepare('PRAGMA quick_check(1)').get() as { quick_check: string };
      if (quick_check !== 'ok' && !onDamaged) throw new Damage(quick_check);
      if (quick_check !== 'ok') onDamaged?.(oneLine(quick_check));
    }
    migrate(database, file, schema);
    database.exec(`PRAGMA busy_timeout = ${blockedMs}`);
    return database;
  } catch (error) {
    const isDamaged = (error instanceof Damage || isDamage(error)) && !onDamaged;
    try {
      if (!options.onBroken && isNoDatabase(error) && !hasHeader(file)) throw noDatabase(file, schema, error);
      // Moved before it is closed: closing would remove the log.
      if (isDamaged) setAside(file, inode, (error as Error).message);
    } finally {
      database.close();
    }
    if (isDamaged) return undefined;
    throw error;
  }
}

class Damage extends Error {}

/** SQLite makes a file that all may read, as the umask of most is; its logs are as the file is. */
function makeOurs(file: string): void {
  if (existsSync(file)) return;
  try {
    closeSync(openSync(file, 'a', 0o600));
  } catch {
    // SQLite says why.
  }
}

/** One that an older version made, or that was copied here. */
function keepOurs(file: string): void {
  for (const part of ['', '-wal', '-shm'])
    try {
      if ((statSync(file + part, { throwIfNoEntry: false })?.mode ?? 0) & 0o077) chmodSync(file + part, 0o600);
    } catch {
      // Of another user, who lets this one write.
    }
}

/** Whether it is a file of SQLite's, however broken: https://sqlite.org/fileformat2.html#the_database_header */
function hasHeader(file: string): boolean {
  const header = Buffer.alloc(16);
  const opened = openSync(file, 'r');
  try {
    readSync(opened, header, 0, header.length, 0);
  } finally {
    closeSync(opened);
  }
  return header.toString('latin1') === 'SQLite format 3\0';
}

function noDatabase(file: string, { instead }: Schema, cause: unknown): Error {
  return new FileError(
    `Cannot open ${file}: it is no database, or an encrypted one. ${instead[0]?.toUpperCase()}${instead.slice(1)}.`,
    { cause },
  );
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
