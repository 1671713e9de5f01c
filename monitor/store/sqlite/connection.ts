import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { isBusy } from '../../../service/sqlite-error.ts';
import type { SqliteFile } from '../../../service/sqlite-file.ts';

/** How long another process may hold the file before a call fails. */
export const patienceMs = 30_000;

/** A database, and transactions that wait for other processes. */
export class Connection {
  readonly #file: SqliteFile;
  readonly #notice: (line: string) => void;
  readonly #noticed = new Set<string>();

  constructor(file: SqliteFile, notice: (line: string) => void) {
    this.#file = file;
    this.#notice = notice;
  }

  get path(): string {
    return this.#file.path;
  }

  /** Tells a person what goes wrong again with each attempt. */
  noticeOnce(line: string): void {
    if (this.#noticed.has(line)) return;
    this.#noticed.add(line);
    this.#notice(line);
  }

  get database(): DatabaseSync {
    return this.#file.database;
  }

  get<Row>(text: string, ...values: SQLInputValue[]): Row | undefined {
    return this.statement(text).get(...values) as Row | undefined;
  }

  all<Row>(text: string, ...values: SQLInputValue[]): Row[] {
    return this.statement(text).all(...values) as Row[];
  }

  /** @returns how many rows it changed. */
  run(text: string, ...values: SQLInputValue[]): number {
    return Number(this.statement(text).run(...values).changes);
  }

  statement(text: string): StatementSync {
    return this.#file.statement(text);
  }

  /** All or nothing, and durable when it returns. Waits for other processes, blocked. */
  write<T>(work: () => T): T {
    for (const since = performance.now(); ; ) {
      const written = this.tryWrite(work, performance.now() - since > patienceMs);
      if (written) return written.value;
      pause();
    }
  }

  /** One attempt. @returns undefined: another process holds the file, and this attempt is not the last. */
  tryWrite<T>(work: () => T, isLast: boolean): { readonly value: T } | undefined {
    try {
      return { value: this.#inside('BEGIN IMMEDIATE', work) };
    } catch (error) {
      if (isBusy(error) && !isLast) return undefined;
      throw this.#file.failure('write to', error);
    }
  }

  /** Several reads of one moment. Waits, too: whoever opens a file that a killed process left keeps others out for a moment. */
  read<T>(work: () => T): T {
    if (this.database.isTransaction) return work();
    for (const since = performance.now(); ; ) {
      try {
        return this.#inside('BEGIN', work);
      } catch (error) {
        if (!isBusy(error) || performance.now() - since > patienceMs) throw this.#file.failure('read', error);
        pause();
      }
    }
  }

  #inside<T>(begin: 'BEGIN' | 'BEGIN IMMEDIATE', work: () => T): T {
    this.#file.check();
    try {
      this.database.exec(begin);
      const value = work();
      this.database.exec('COMMIT');
      return value;
    } catch (error) {
      if (this.database.isTransaction) this.database.exec('ROLLBACK');
      throw error;
    }
  }
}

const idle = new Int32Array(new SharedArrayBuffer(4));

/** Blocked, until another process may be done. */
export function pause(): void {
  Atomics.wait(idle, 0, 0, pauseMs());
}

/** Different in each process, so that they do not all come back at once. */
export function pauseMs(): number {
  return 1 + Math.random() * 20;
}
