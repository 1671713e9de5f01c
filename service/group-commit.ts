import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import { isBusy } from './sqlite-error.ts';
import type { SqliteFile } from './sqlite-file.ts';

/** At most this many writes hold the event loop in one transaction. */
const most = 256;
/** How long another process may hold the file before a write fails. */
const patienceMs = 30_000;

interface Write {
  readonly work: () => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** Writes of one turn of the event loop share one transaction, and one wait for the disk. Each has its own outcome. */
export class GroupCommit {
  readonly #file: SqliteFile;
  #waiting: Write[] = [];
  #running: Promise<void> | undefined;

  constructor(file: SqliteFile) {
    this.#file = file;
  }

  /** Durable when it resolves; when it rejects, nothing of `work` was kept. */
  write<T>(work: () => T): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#waiting.push({ work, resolve, reject });
    this.#running ??= this.#run();
    return promise as Promise<T>;
  }

  /** Resolves when no write waits. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async #run(): Promise<void> {
    try {
      do {
        await turn();
        await this.#commit(() => this.#waiting.splice(0, most));
      } while (this.#waiting.length > 0);
    } finally {
      this.#running = undefined;
    }
  }

  /** `take` is asked when the lock is there: whoever came meanwhile rides along. */
  async #commit(take: () => Write[]): Promise<void> {
    let writes: Write[] | undefined;
    try {
      await this.#begin();
      writes = take();
      const answers = writes.map((write) => this.#attempt(write));
      this.#file.database.exec('COMMIT');
      for (const answer of answers) answer();
    } catch (error) {
      this.#rollBack();
      if (writes && writes.length > 1) {
        // One of them was too much (a full disk): the others are not to suffer for it.
        for (const write of writes) await this.#commit(() => [write]);
        return;
      }
      const why = this.#file.failure('write to', error);
      for (const { reject } of writes ?? take()) reject(why);
    }
  }

  #attempt({ work, resolve, reject }: Write): () => void {
    this.#file.database.exec('SAVEPOINT one');
    try {
      const value = work();
      this.#file.database.exec('RELEASE one');
      return () => resolve(value);
    } catch (error) {
      // SQLite may have given up the whole transaction.
      if (!this.#file.database.isTransaction) throw error;
      this.#file.database.exec('ROLLBACK TO one; RELEASE one');
      return () => reject(this.#file.failure('write to', error));
    }
  }

  /** On a disk that fails, this may fail as well: then the next transaction says so. */
  #rollBack(): void {
    try {
      if (this.#file.database.isTransaction) this.#file.database.exec('ROLLBACK');
    } catch {
      // What is told is why there was anything to roll back.
    }
  }

  /** Waits for other processes without holding the event loop for longer than the connection's busy timeout. */
  async #begin(): Promise<void> {
    for (const since = performance.now(); ; ) {
      try {
        this.#file.check();
        this.#file.database.exec('BEGIN IMMEDIATE');
        return;
      } catch (error) {
        if (!isBusy(error) || performance.now() - since > patienceMs) throw error;
        await delay(1 + Math.random() * 20);
      }
    }
  }
}
