import type { DatabaseSync } from 'node:sqlite';
import { type Found, salvage } from '../../../../service/salvage.ts';
import { blockedMs, type SqliteFile } from '../../../../service/sqlite-file.ts';
import { beginOf } from '../../periods.ts';
import type { Job, Table } from '../memory-store.ts';
import { periodOf } from '../span.ts';
import { tableNames, tables } from '../table.ts';
import { sql } from './sql.ts';

/** How long another process that salvages, too, may hold the file. */
const patienceMs = 60_000;

/**
 * Keeps what can be read of files that were damaged and set aside. A period that has lost a row is not done any more: the others
 * stay until it is made anew, for which its sources may be gone.
 */
export function salvageMemory({ path, database }: SqliteFile, notice: (line: string) => void): void {
  salvage(path, {
    tables: {
      ...{ job_runs: 'job', metrics_hourly: 'hour', metrics_daily: 'date' },
      ...{ snapshots: 'rowid', decisions_log: 'rowid', anomalies: 'rowid', findings: 'rowid' },
      ...{ overrides: 'rowid', leases: 'name' },
    },
    keep(rows) {
      database.exec(`PRAGMA busy_timeout = ${patienceMs}; BEGIN IMMEDIATE`);
      try {
        const kept = keep(database, rows);
        database.exec('COMMIT');
        return kept;
      } finally {
        if (database.isTransaction) database.exec('ROLLBACK');
        database.exec(`PRAGMA busy_timeout = ${blockedMs}`);
      }
    },
    remedy: 'Look at the disk; what is missing is made anew where its sources still have it.',
    notice,
  });
}

function keep(database: DatabaseSync, rows: Iterable<Found>): string {
  const marks = () => database.prepare(sql.marks).all() as unknown as { job: Job; period: string; rows: number }[];
  // Somebody may have made a period anew meanwhile: nothing that is older comes beside it.
  const there = new Set(marks().map(({ job, period }) => `${job}/${period}`));
  const kept = new Map<string, number>();
  const made = new Map<string, number>();
  for (const { table, row } of rows) {
    const columns = Object.keys(row);
    const insert = `INSERT OR IGNORE INTO ${table} (${columns}) VALUES (${columns.map(() => '?')})`;
    try {
      const of = madeBy({ table, row });
      if (of !== undefined && there.has(of)) continue;
      const { changes } = database.prepare(insert).run(...Object.values(row));
      kept.set(table, (kept.get(table) ?? 0) + Number(changes));
      if (of !== undefined && table !== 'job_runs') made.set(of, (made.get(of) ?? 0) + Number(changes));
    } catch (error) {
      // A disk that is full ends the transaction, a row that does not fit does not.
      if (!database.isTransaction) throw error;
    }
  }
  let halves = 0;
  for (const { job, period, rows: whole } of marks()) {
    const of = `${job}/${period}`;
    if (there.has(of) || (made.get(of) ?? 0) === whole) continue;
    database.prepare(sql.unmark).run(job, period);
    halves += 1;
  }
  const all = tableNames.reduce((sum, table) => sum + (kept.get(table) ?? 0), 0);
  return `${kept.get('snapshots') ?? 0} days and ${all} rows in all${halves > 0 ? `, ${halves} periods not whole,` : ''}`;
}

/** The job and the period that a row is of. */
function madeBy({ table, row }: Found): string | undefined {
  const { job, period } = row as { job?: Job; period?: string };
  if (job === undefined) return undefined;
  return `${job}/${period ?? periodOf(job, beginOf(row[tables[table as Table].unit] as string))}`;
}
