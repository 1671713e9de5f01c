/** Memory in one SQLite file, by Node's own SQLite: nothing to install. What a job makes of a period is one transaction. */
import type { SQLInputValue, SQLOutputValue } from 'node:sqlite';
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import { oneLine } from '../../../../service/sqlite-error.ts';
import { Connection, patienceMs, pauseMs } from '../../../store/sqlite/connection.ts';
import { beginOf } from '../../periods.ts';
import type { Finding, Override, Snapshot } from '../../record.ts';
import { type Prepared, prepared } from '../batch.ts';
import { lacking } from '../lacking.ts';
import type { Batch, Between, Job, MemoryStore, OpenMemoryOptions, Rows, Table } from '../memory-store.ts';
import { bounds, periodOf } from '../span.ts';
import { betterThan, type Made, tableNames, tables, tablesOf, worseThan } from '../table.ts';
import { openMemoryFile } from './file.ts';
import { salvageMemory } from './salvage.ts';
import { rowOf, sql, valuesOf } from './sql.ts';

/** Snapshots that are in memory at once while all are walked through: of a large fleet each is megabytes. */
const page = 7;

/** @throws Error for a file of another program, of a newer version, or that cannot be opened. A damaged one is set aside, or left: `ifDamaged`. */
export function openSqlite(path: string, options: OpenMemoryOptions = {}): MemoryStore {
  const { notice = console.error } = options;
  const file = openMemoryFile(path, notice, options);
  salvageMemory(file, notice);
  return new SqliteMemory(new Connection(file, notice));
}

type Kept = Record<string, SQLOutputValue>;

class SqliteMemory implements MemoryStore {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async keep(batch: Batch): Promise<void> {
    const made = prepared(batch);
    await this.#write(() => this.#replace(made));
  }

  #replace({ job, period, rows, count }: Prepared): void {
    this.#remove(job, period);
    for (const worse of worseThan(job, period)) {
      this.#remove(worse.job, worse.period);
      if (this.#isDone(worse)) this.#connection.run(sql.mark, worse.job, worse.period, 0);
    }
    const better = betterThan(job, period);
    const isLate = better !== undefined && this.#isDone(better);
    if (!isLate)
      for (const [table, some] of rows)
        for (const row of some) this.#connection.run(sql.of[table].insert, ...valuesOf(table, row, job));
    this.#connection.run(sql.mark, job, period, isLate ? 0 : count);
  }

  #remove(job: Job, period: string): void {
    for (const table of tablesOf(job)) {
      const { first, last } = bounds(tables[table].unit, { from: period, to: period });
      this.#connection.run(sql.of[table].remove, first, last, job);
    }
  }

  #isDone({ job, period }: Made): boolean {
    return this.#connection.get(sql.isDone, job, period) !== undefined;
  }

  async forget(job: Job, period: string): Promise<void> {
    await this.#write(() => {
      for (const one of [{ job, period }, ...worseThan(job, period)]) {
        this.#remove(one.job, one.period);
        this.#connection.run(sql.unmark, one.job, one.period);
      }
    });
  }

  async done(job: Job, from?: string): Promise<string[]> {
    const first = from === undefined ? '' : periodOf(job, beginOf(from));
    return this.#all<{ period: string }>(sql.done, job, first).map(({ period }) => period);
  }

  async hours(window: Between, metric?: string) {
    return this.#metrics('metrics_hourly', window, metric);
  }

  async days(window: Between, metric?: string) {
    return this.#metrics('metrics_daily', window, metric);
  }

  async snapshot(date: string): Promise<Snapshot | undefined> {
    beginOf(date);
    return this.#rows('snapshots', sql.snapshot, date)[0];
  }

  /** Page after page, each read anew: a walk keeps neither the memory nor the log from being cut back. */
  async *snapshots(window: Between): AsyncIterable<Snapshot> {
    const { first, last } = bounds('date', window);
    for (let from = first; ; await turn()) {
      const some = this.#rows('snapshots', sql.snapshots, from, last, page);
      yield* some;
      if (some.length < page) return;
      // After it in the order of text, and before the next day.
      from = `${some.at(-1)?.date}~`;
    }
  }

  async decision(id: string) {
    return this.#rows('decisions_log', sql.of.decisions_log.byId, id)[0];
  }

  async decisions(window: Between) {
    return this.#between('decisions_log', window);
  }

  async anomaly(id: string) {
    return this.#rows('anomalies', sql.of.anomalies.byId, id)[0];
  }

  async anomalies(window: Between) {
    return this.#between('anomalies', window);
  }

  async findings(untilWeek: string): Promise<Finding[]> {
    return this.#between('findings', { to: untilWeek });
  }

  async override(document: string, block: string): Promise<Override | undefined> {
    return this.#all<Override>(sql.override, document, block)[0];
  }

  async overrides(document: string): Promise<Override[]> {
    return this.#all<Override>(sql.overrides, document);
  }

  async putOverride({ document, block, text, instead_of }: Override): Promise<void> {
    await this.#write(() => this.#connection.run(sql.putOverride, document, block, text, instead_of));
  }

  async dropOverride(document: string, block: string): Promise<boolean> {
    return this.#write(() => this.#connection.run(sql.dropOverride, document, block) > 0);
  }

  async lease(name: string, holder: string, until: number, now: number): Promise<boolean> {
    return this.#write(() => this.#connection.run(sql.lease, name, holder, until, now) > 0);
  }

  async release(name: string, holder: string): Promise<void> {
    await this.#write(() => this.#connection.run(sql.release, name, holder));
  }

  async damage(): Promise<string | undefined> {
    try {
      const { database } = this.#connection;
      const found = database.prepare('PRAGMA integrity_check(10)').all();
      const said = found.map((row) => oneLine(String(Object.values(row)[0]))).join('; ');
      return said === 'ok' ? this.#connection.read(() => this.#lacking()) : said;
    } catch (error) {
      return (error as Error).message;
    }
  }

  /** Somebody has deleted by hand, or brought back a part. */
  #lacking(): string | undefined {
    const there = new Map<string, number>();
    for (const table of tableNames)
      for (const found of this.#connection.statement(sql.of[table].counts).iterate()) {
        const { place, ...counts } = found as { place: string } & Record<Job, number>;
        for (const [job, count] of Object.entries(counts) as [Job, number][]) {
          const of = `${job}/${periodOf(job, beginOf(place))}`;
          there.set(of, (there.get(of) ?? 0) + count);
        }
      }
    return lacking(this.#connection.all<{ job: Job; period: string; rows: number }>(sql.marks), there);
  }

  async close(): Promise<void> {
    this.#connection.database.close();
  }

  #metrics<T extends 'metrics_hourly' | 'metrics_daily'>(table: T, window: Between, metric?: string): Rows[T][] {
    if (metric === undefined) return this.#between(table, window);
    const { first, last } = bounds(tables[table].unit, window);
    return this.#rows(table, sql.of[table].ofMetric, metric, first, last);
  }

  #between<T extends Table>(table: T, window: Between): Rows[T][] {
    const { first, last } = bounds(tables[table].unit, window);
    return this.#rows(table, sql.of[table].between, first, last);
  }

  #rows<T extends Table>(table: T, text: string, ...values: SQLInputValue[]): Rows[T][] {
    return this.#all<Kept>(text, ...values).map((kept) => rowOf<Rows[T]>(table, kept));
  }

  #all<T>(text: string, ...values: SQLInputValue[]): T[] {
    // Without the null prototype that SQLite's rows have.
    return this.#connection.read(() => this.#connection.all<T>(text, ...values)).map((row) => ({ ...row }));
  }

  /** Waits for other processes without holding the event loop. */
  async #write<T>(work: () => T): Promise<T> {
    for (const since = performance.now(); ; ) {
      const written = this.#connection.tryWrite(work, performance.now() - since > patienceMs);
      if (written) return written.value;
      await delay(pauseMs());
    }
  }
}
