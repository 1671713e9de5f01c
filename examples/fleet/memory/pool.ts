import { DatabaseSync } from 'node:sqlite';
import { observePool } from '@fleetscope/instrumentation';

/** A few connections to one SQLite file; who finds none free waits. */
export class Pool {
  readonly #idle: DatabaseSync[];
  readonly #size: number;
  readonly #waiting: ((connection: DatabaseSync) => void)[] = [];
  readonly #watch: { stop(): void };

  constructor(name: string, path: string, size: number) {
    this.#size = size;
    this.#idle = Array.from({ length: size }, () => {
      const connection = new DatabaseSync(path);
      connection.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA busy_timeout = 2000');
      return connection;
    });
    this.#watch = observePool(name, () => ({ used: this.#size - this.#idle.length, idle: this.#idle.length }));
  }

  /** Lends a connection to `work` until it has ended. */
  async use<T>(work: (connection: DatabaseSync) => T | Promise<T>): Promise<T> {
    const connection = this.#idle.pop() ?? (await new Promise<DatabaseSync>((resolve) => this.#waiting.push(resolve)));
    try {
      return await work(connection);
    } finally {
      const next = this.#waiting.shift();
      if (next) next(connection);
      else this.#idle.push(connection);
    }
  }

  close(): void {
    this.#watch.stop();
    for (const connection of this.#idle.splice(0)) connection.close();
  }
}
