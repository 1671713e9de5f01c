/** Every statement, each on the index that plan.test.ts says, and rows as their columns have them. */
import type { SQLInputValue, SQLOutputValue } from 'node:sqlite';
import type { Row } from '../batch.ts';
import type { Job, Table } from '../memory-store.ts';
import { jobsOf, tableNames, tables } from '../table.ts';

/** Metrics are many and flat: each field is a column. Of the others, `body` is the row. */
const isFlat = (table: Table) => table === 'metrics_hourly' || table === 'metrics_daily';

function columnsOf(table: Table): string[] {
  const { shape, order } = tables[table];
  return isFlat(table) ? Object.keys(shape) : [...order, 'body'];
}

const countOf = (job: Job) => `count(*) FILTER (WHERE job = '${job}') AS "${job}"`;

interface Statements {
  readonly insert: string;
  /** What a job had made of a time. */
  readonly remove: string;
  readonly between: string;
  readonly ofMetric: string;
  readonly byId: string;
  /** How many rows each job has of a time. */
  readonly counts: string;
}

function statementsOf(table: Table): Statements {
  const { unit, order } = tables[table];
  const columns = columnsOf(table).join(', ');
  const values = [...columnsOf(table), 'job'].map(() => '?').join(', ');
  const isBetween = `${unit} BETWEEN ? AND ?`;
  return {
    insert: `INSERT INTO ${table} (${columns}, job) VALUES (${values})`,
    remove: `DELETE FROM ${table} WHERE ${isBetween} AND job = ?`,
    between: `SELECT ${columns} FROM ${table} WHERE ${isBetween} ORDER BY ${order.join(', ')}, job`,
    ofMetric: `SELECT ${columns} FROM ${table} WHERE metric = ? AND ${isBetween} ORDER BY ${unit}, labels, job`,
    byId: `SELECT ${columns} FROM ${table} WHERE id = ? ORDER BY ${unit} DESC LIMIT 1`,
    // One by one, in the order of its key: nothing is sorted.
    counts: `SELECT ${unit} AS place, ${jobsOf(table).map(countOf).join(', ')} FROM ${table} GROUP BY ${unit}`,
  };
}

export const sql = {
  of: Object.fromEntries(tableNames.map((table) => [table, statementsOf(table)])) as Record<Table, Statements>,
  snapshot: 'SELECT body FROM snapshots WHERE date = ? ORDER BY job LIMIT 1',
  snapshots: 'SELECT date, body FROM snapshots WHERE date BETWEEN ? AND ? ORDER BY date, job LIMIT ?',
  isDone: 'SELECT 1 FROM job_runs WHERE job = ? AND period = ?',
  done: 'SELECT period FROM job_runs WHERE job = ? AND period >= ? ORDER BY period',
  marks: 'SELECT job, period, rows FROM job_runs ORDER BY job, period',
  mark: 'INSERT INTO job_runs (job, period, rows) VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET rows = ?3',
  unmark: 'DELETE FROM job_runs WHERE job = ? AND period = ?',
  override: 'SELECT document, block, text, instead_of FROM overrides WHERE document = ? AND block = ?',
  overrides: 'SELECT document, block, text, instead_of FROM overrides WHERE document = ? ORDER BY block',
  putOverride: `INSERT INTO overrides (document, block, text, instead_of) VALUES (?1, ?2, ?3, ?4)
    ON CONFLICT DO UPDATE SET text = ?3, instead_of = ?4`,
  dropOverride: 'DELETE FROM overrides WHERE document = ? AND block = ?',
  lease: `INSERT INTO leases (name, holder, until) VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET holder = ?2, until = ?3
    WHERE until <= ?4 OR until > ?4 + 2 * (?3 - ?4) OR holder = ?2`,
  release: 'DELETE FROM leases WHERE name = ? AND holder = ?',
} as const;

/** The values of `insert`. */
export function valuesOf(table: Table, row: Row, job: string): SQLInputValue[] {
  const columns = columnsOf(table).map((column) => {
    if (column === 'body') return JSON.stringify(row);
    return column === 'labels' ? JSON.stringify(row.labels) : (row[column] as SQLInputValue);
  });
  return [...columns, job];
}

export function rowOf<T>(table: Table, kept: Readonly<Record<string, SQLOutputValue>>): T {
  const row = isFlat(table) ? { ...kept, labels: JSON.parse(kept.labels as string) } : JSON.parse(kept.body as string);
  return row as T;
}
