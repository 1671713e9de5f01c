/** The ledger in one SQLite file, by Node's own SQLite: nothing to install. Synchronous; sqlite-ledger.ts gives it the face of a `Ledger`. */
import type { SQLInputValue } from 'node:sqlite';
import type { Fact } from '../../ledger/fact.ts';
import type { AgentExecution, Orchestration, Step } from '../../ledger/record.ts';
import type {
  Cost,
  CostBy,
  Course,
  ExecutionFilter,
  Failure,
  Health,
  Loss,
  OpenOptions,
  Performance,
  Removed,
  RunFilter,
  Sample,
  Stretch,
  Window,
} from '../store.ts';
import { Connection } from './connection.ts';
import { courseOf } from './course.ts';
import { openLedgerFile, salvageFacts } from './file.ts';
import { areWaiting, foldBeforeRead, foldQuietly, foldWaiting } from './fold.ts';
import { costs, losses } from './money.ts';
import { failures, health, performanceOf, samples } from './report.ts';
import {
  executionColumns,
  executionOf,
  type Kept,
  orchestrationColumns,
  orchestrationOf,
  stepColumns,
  stepOf,
} from './rows.ts';
import { recordFacts, removeThreads } from './write.ts';

/** Runs that are removed in one transaction: others write in between. */
const batch = { removed: 200 };

/** Pages given back to the disk at a time. */
const freedPages = 2000;

export class SqliteLedger {
  readonly #connection: Connection;
  readonly #now: () => number;

  /** @throws Error for a file of another program, of a newer version, or that cannot be opened. A damaged one is set aside, or left: `ifDamaged`. */
  constructor(file: string, options: OpenOptions = {}) {
    const { notice = console.error, now = Date.now } = options;
    this.#connection = new Connection(openLedgerFile(file, { ...options, notice }), notice);
    this.#now = now;
    salvageFacts(file, notice, (facts) => this.record(facts));
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

  /** So many of those that began in the window, after this one. */
  stepsAfter(after: Step | undefined, { sinceIso = '', untilIso = '~' }: Window, limit: number): Step[] {
    const [began, id] = after ? [after.started_at, after.id] : [sinceIso, ''];
    return this.#reading(() => this.#connection.all<Kept>(sql.stepsAfter, began, id, untilIso, limit).map(stepOf));
  }

  running(sinceIso: string): number {
    const connection = this.#connection;
    return connection.read(() => connection.get<{ count: number }>(sql.running, sinceIso))?.count ?? 0;
  }

  health(sinceIso: string): Health {
    return this.#reading(() => health(this.#connection, sinceIso));
  }

  performance(window: Window = {}, agentName?: string): Performance[] {
    return this.#reading(() => performanceOf(this.#connection, window, this.#now(), agentName));
  }

  failures(limit: number, window: Window = {}): Failure[] {
    return this.#reading(() => failures(this.#connection, limit, window));
  }

  costs(by: CostBy, window: Window = {}): Cost[] {
    return this.#reading(() => costs(this.#connection, by, window));
  }

  losses(window: Window = {}): Loss[] {
    return this.#reading(() => losses(this.#connection, window, this.#now()));
  }

  course(by: Stretch, window: Window = {}, agentName?: string): Course[] {
    return this.#reading(() => courseOf(this.#connection, by, window, agentName));
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

  removable(beforeIso: string): Removed {
    const count = (text: string) => this.#connection.get<{ count: number }>(text, beforeIso)?.count ?? 0;
    return this.#reading(() => ({
      orchestrations: count(sql.removableRuns),
      executions: count(sql.removableExecutions),
      strays: count(sql.removableStrays),
    }));
  }

  /** A part of a cleanup. @returns what went; nothing more: all is done. */
  removeSome(beforeIso: string): Removed & { threads: number } {
    return this.#connection.write(() => {
      foldWaiting(this.#connection);
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

  cleanup(beforeIso: string): Removed & { bytesFreed: number } {
    const gone = { orchestrations: 0, executions: 0, strays: 0, bytesFreed: 0 };
    for (let threads = 1; threads > 0; ) {
      const some = this.removeSome(beforeIso);
      gone.orchestrations += some.orchestrations;
      gone.executions += some.executions;
      gone.strays += some.strays;
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
    foldQuietly(this.#connection);
    this.#connection.database.close();
  }

  /** What had been recorded when it was called is in the answer: what waits to be folded is folded first. */
  #reading<T>(work: () => T): T {
    const connection = this.#connection;
    if (connection.database.isTransaction) return work();
    const answer = connection.read(() => (areWaiting(connection) ? undefined : { value: work() }));
    if (answer) return answer.value;
    foldBeforeRead(connection);
    return connection.read(work);
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

/** Every statement, each on the index that plan.test.ts says. */
export const sql = {
  runBySession: `SELECT ${orchestrationColumns} FROM orchestrations WHERE session_id = ?`,
  runById: `SELECT ${orchestrationColumns} FROM orchestrations WHERE id = ?`,
  runs: (where: string) =>
    `SELECT ${orchestrationColumns} FROM orchestrations WHERE ${where} ORDER BY started_at DESC, id DESC LIMIT ?`,
  running: "SELECT count(*) AS count FROM orchestrations WHERE status = 'running' AND started_at >= ?",
  executionBySession: `SELECT ${executionColumns} FROM agent_executions WHERE agent_session_id = ?`,
  executionById: `SELECT ${executionColumns} FROM agent_executions WHERE id = ?`,
  executions: (where: string, way: 'ASC' | 'DESC') =>
    `SELECT ${executionColumns} FROM agent_executions WHERE ${where} ORDER BY started_at ${way}, id ${way} LIMIT ?`,
  steps: `SELECT ${stepColumns} FROM steps WHERE orchestration_id = ? ORDER BY started_at, id`,
  stepsAfter: `SELECT ${stepColumns} FROM steps WHERE (started_at, id) > (?, ?) AND started_at < ? ORDER BY started_at, id LIMIT ?`,
  page: `SELECT ${orchestrationColumns} FROM orchestrations WHERE (started_at, id) > (?, ?) ORDER BY started_at, id LIMIT ?`,
  removable: 'SELECT id FROM threads WHERE ended_at < ? LIMIT ?',
  removableRuns:
    'SELECT count(*) AS count FROM threads CROSS JOIN orchestrations o ON o.thread = threads.id WHERE ended_at < ?',
  removableStrays: 'SELECT count(*) AS count FROM threads WHERE ended_at < ? AND has_run = 0',
  removableExecutions:
    'SELECT count(*) AS count FROM threads CROSS JOIN agent_executions e ON e.thread = threads.id WHERE ended_at < ?',
} as const;
