/** The ledger in one SQLite file, by Node's own SQLite: nothing to install. Synchronous; sqlite-ledger.ts gives it the face of a `Ledger`. */
import type { SQLInputValue } from 'node:sqlite';
import { factOf } from '../ledger/body.ts';
import type { Fact } from '../ledger/fact.ts';
import type { AgentExecution, Orchestration, Step } from '../ledger/record.ts';
import { Connection } from './sqlite-connection.ts';
import { openFile, salvage } from './sqlite-file.ts';
import { failures, health, performanceOf, samples } from './sqlite-report.ts';
import {
  executionColumns,
  executionOf,
  type Kept,
  orchestrationColumns,
  orchestrationOf,
  stepColumns,
  stepOf,
} from './sqlite-rows.ts';
import { recordFacts, removeThreads } from './sqlite-write.ts';
import type { ExecutionFilter, Failure, Health, OpenOptions, Performance, RunFilter, Sample, Window } from './store.ts';

/** Runs that are removed in one transaction, facts that are written in one: others write in between. */
const batch = { removed: 200, salvaged: 1000 };

/** Pages given back to the disk at a time. */
const freedPages = 2000;

export class SqliteLedger {
  readonly #connection: Connection;
  readonly #now: () => number;

  /** @throws Error for a file of another program, of a newer version, or that cannot be opened. A damaged one is set aside. */
  constructor(file: string, { notice = console.error, now = Date.now }: OpenOptions = {}) {
    const { database, aside } = openFile(file);
    this.#connection = new Connection(database, file);
    this.#now = now;
    if (!aside) return;
    const kept = this.#salvage(aside.file);
    notice(
      `${file} was damaged (${aside.why}). It is set aside as ${aside.file}; ${kept} facts could be read and are kept. Look at the disk.`,
    );
  }

  /** For the asynchronous face. */
  get connection(): Connection {
    return this.#connection;
  }

  /** Durable when it returns; a fact that is known changes nothing. */
  record(facts: readonly Fact[]): void {
    if (facts.length > 0) this.#connection.write(() => recordFacts(this.#connection, facts));
  }

  orchestration(sessionIdOrId: string): Orchestration | undefined {
    const row = this.#reading(() => {
      return (
        this.#connection.get<Kept>(sql.runBySession, sessionIdOrId) ??
        this.#connection.get<Kept>(sql.runById, sessionIdOrId)
      );
    });
    return row && orchestrationOf(row);
  }

  orchestrations({ status, before, limit, sinceIso, untilIso }: RunFilter): Orchestration[] {
    return this.#reading(() => {
      const last = before === undefined ? undefined : this.orchestration(before);
      if (before !== undefined && !last) return [];
      const { where, values } = conditions({
        'status = ?': status,
        'started_at >= ?': sinceIso,
        'started_at < ?': untilIso,
        '(started_at, id) < (?, ?)': last && [last.started_at, last.id],
      });
      return this.#connection.all<Kept>(sql.runs(where), ...values, most(limit)).map(orchestrationOf);
    });
  }

  execution(agentSessionIdOrId: string): AgentExecution | undefined {
    const row = this.#reading(() => {
      return (
        this.#connection.get<Kept>(sql.executionBySession, agentSessionIdOrId) ??
        this.#connection.get<Kept>(sql.executionById, agentSessionIdOrId)
      );
    });
    return row && executionOf(row);
  }

  executions({ orchestrationId, agentName, newestFirst, before, limit, sinceIso, untilIso }: ExecutionFilter) {
    return this.#reading((): AgentExecution[] => {
      const last = before === undefined ? undefined : this.execution(before);
      if (before !== undefined && !last) return [];
      const after = newestFirst ? '(started_at, id) < (?, ?)' : '(started_at, id) > (?, ?)';
      const { where, values } = conditions({
        'orchestration_id = ?': orchestrationId,
        'agent_name = ?': agentName,
        'started_at >= ?': sinceIso,
        'started_at < ?': untilIso,
        [after]: last && [last.started_at, last.id],
      });
      const text = sql.executions(where, newestFirst ? 'DESC' : 'ASC');
      return this.#connection.all<Kept>(text, ...values, most(limit)).map(executionOf);
    });
  }

  steps(orchestrationId: string): Step[] {
    return this.#reading(() => this.#connection.all<Kept>(sql.steps, orchestrationId).map(stepOf));
  }

  health(sinceIso: string): Health {
    return this.#reading(() => health(this.#connection, sinceIso));
  }

  performance(window: Window = {}): Performance[] {
    return this.#reading(() => performanceOf(this.#connection, window, this.#now()));
  }

  failures(limit: number, window: Window = {}): Failure[] {
    return this.#reading(() => failures(this.#connection, limit, window));
  }

  samples(window: Window, count: number): Sample[] {
    return this.#reading(() => samples(this.#connection, window, count));
  }

  /** A run with all that is its, of one moment. */
  whole(orchestration: Orchestration) {
    return this.#reading(() => ({
      orchestration: this.orchestration(orchestration.id) ?? orchestration,
      executions: this.executions({ orchestrationId: orchestration.id, limit: Number.POSITIVE_INFINITY }),
      steps: this.steps(orchestration.id),
    }));
  }

  /** Oldest first, so many after this one. */
  page(after: Orchestration | undefined, limit: number): Orchestration[] {
    return this.#reading(() =>
      this.#connection.all<Kept>(sql.page, after?.started_at ?? '', after?.id ?? '', limit).map(orchestrationOf),
    );
  }

  removable(beforeIso: string): { orchestrations: number; executions: number } {
    return this.#reading(() => ({
      orchestrations: this.#connection.get<{ count: number }>(sql.removableRuns, beforeIso)?.count ?? 0,
      executions: this.#connection.get<{ count: number }>(sql.removableExecutions, beforeIso)?.count ?? 0,
    }));
  }

  /** A part of a cleanup. @returns what went; nothing more: all is done. */
  removeSome(beforeIso: string): { orchestrations: number; executions: number; threads: number } {
    return this.#connection.write(() => {
      const threads = this.#connection.all<{ id: number }>(sql.removable, beforeIso, batch.removed).map(({ id }) => id);
      return { ...removeThreads(this.#connection, threads), threads: threads.length };
    });
  }

  /** Gives some of the free pages back to the disk. @returns how many bytes; 0: there are no more. */
  freeSome(): number {
    const { database } = this.#connection;
    const pragma = (name: string) => Number(Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0]);
    return this.#connection.write(() => {
      const pages = pragma('page_count');
      database.exec(`PRAGMA incremental_vacuum(${freedPages})`);
      return (pages - pragma('page_count')) * pragma('page_size');
    });
  }

  cleanup(beforeIso: string): { orchestrations: number; executions: number; bytesFreed: number } {
    const gone = { orchestrations: 0, executions: 0, bytesFreed: 0 };
    for (let threads = 1; threads > 0; ) {
      const some = this.removeSome(beforeIso);
      gone.orchestrations += some.orchestrations;
      gone.executions += some.executions;
      threads = some.threads;
    }
    for (let bytes = 1; bytes > 0; gone.bytesFreed += bytes) bytes = this.freeSome();
    this.trim();
    return gone;
  }

  /** The log into the file, as far as nobody reads from it. */
  trim(): void {
    this.#connection.database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  }

  /** Undefined: it is whole. */
  damage(): string | undefined {
    const { database } = this.#connection;
    try {
      const found = database
        .prepare('PRAGMA integrity_check(10)')
        .all()
        .map((row) => Object.values(row)[0]);
      if (found.join() !== 'ok') return found.join('; ');
      const loose = database.prepare('PRAGMA foreign_key_check').all().length;
      return loose === 0 ? undefined : `${loose} rows belong to a run that is not there`;
    } catch (error) {
      return (error as Error).message;
    }
  }

  close(): void {
    this.#connection.database.close();
  }

  #reading<T>(work: () => T): T {
    return this.#connection.read(work);
  }

  #salvage(aside: string): number {
    let count = 0;
    let some: Fact[] = [];
    for (const body of salvage(aside)) {
      try {
        some.push(factOf(body));
      } catch {
        continue;
      }
      count++;
      if (some.length < batch.salvaged) continue;
      this.record(some);
      some = [];
    }
    this.record(some);
    return count;
  }
}

/** What is asked for, and the values that stand for its question marks. */
function conditions(asked: Record<string, SQLInputValue | SQLInputValue[] | undefined>) {
  const given = Object.entries(asked).filter(([, value]) => value !== undefined) as [
    string,
    SQLInputValue | SQLInputValue[],
  ][];
  const where = given.map(([condition]) => condition).join(' AND ');
  return { where: where || 'TRUE', values: given.flatMap(([, value]) => value) };
}

/** -1: no limit. */
function most(limit: number): number {
  return Number.isFinite(limit) ? Math.max(0, Math.floor(limit)) : -1;
}

/** Every statement, each on the index that sqlite.test.ts says. */
export const sql = {
  runBySession: `SELECT ${orchestrationColumns} FROM orchestrations WHERE session_id = ?`,
  runById: `SELECT ${orchestrationColumns} FROM orchestrations WHERE id = ?`,
  runs: (where: string) =>
    `SELECT ${orchestrationColumns} FROM orchestrations WHERE ${where} ORDER BY started_at DESC, id DESC LIMIT ?`,
  executionBySession: `SELECT ${executionColumns} FROM agent_executions WHERE agent_session_id = ?`,
  executionById: `SELECT ${executionColumns} FROM agent_executions WHERE id = ?`,
  executions: (where: string, way: 'ASC' | 'DESC') =>
    `SELECT ${executionColumns} FROM agent_executions WHERE ${where} ORDER BY started_at ${way}, id ${way} LIMIT ?`,
  steps: `SELECT ${stepColumns} FROM steps WHERE orchestration_id = ? ORDER BY started_at, id`,
  page: `SELECT ${orchestrationColumns} FROM orchestrations WHERE (started_at, id) > (?, ?) ORDER BY started_at, id LIMIT ?`,
  removable: 'SELECT id FROM threads WHERE ended_at < ? LIMIT ?',
  removableRuns:
    'SELECT count(*) AS count FROM threads CROSS JOIN orchestrations o ON o.thread = threads.id WHERE ended_at < ?',
  removableExecutions:
    'SELECT count(*) AS count FROM threads CROSS JOIN agent_executions e ON e.thread = threads.id WHERE ended_at < ?',
} as const;
