/** What both kinds of store know of their tables: which rows there are, what tells one from another, and who takes whose place. */
import { beginOf } from '../periods.ts';
import type { Job, Table } from './memory-store.ts';
import { type AnyShape, shapes } from './shape.ts';
import { isWithin, periodOf, periodsIn, type Unit, unitOf } from './span.ts';

export interface TableFacts {
  readonly shape: AnyShape;
  /** When a row was: an hour, a day or a week, in the field of that name. */
  readonly unit: Unit;
  /** What tells a row from all others of its job, and the order in which rows are read. */
  readonly order: readonly string[];
}

export const tables: Readonly<Record<Table, TableFacts>> = {
  metrics_hourly: { shape: shapes.metrics_hourly, unit: 'hour', order: ['hour', 'metric', 'labels'] },
  metrics_daily: { shape: shapes.metrics_daily, unit: 'date', order: ['date', 'metric', 'labels'] },
  snapshots: { shape: shapes.snapshots, unit: 'date', order: ['date'] },
  decisions_log: { shape: shapes.decisions_log, unit: 'date', order: ['date', 'at', 'id'] },
  anomalies: { shape: shapes.anomalies, unit: 'hour', order: ['hour', 'metric', 'labels', 'id'] },
  findings: { shape: shapes.findings, unit: 'week', order: ['week', 'key'] },
};

export const tableNames = Object.keys(tables) as Table[];
const jobs = Object.keys(unitOf) as Job[];

/** Tables that a job may have rows in: those of periods that are no longer than its own. */
export function tablesOf(job: Job): Table[] {
  return tableNames.filter((table) => isWithin(tables[table].unit, unitOf[job]));
}

/** Jobs that may have rows in a table. */
export function jobsOf(table: Table): Job[] {
  return jobs.filter((job) => tablesOf(job).includes(table));
}

/**
 * What the first makes of a time, the second makes better: from then on nothing of the first is read, whichever comes last. The
 * hours of a day are closed before samples have come that are late; the day reads them anew.
 */
const betterOf: { readonly [J in Job]?: Job } = { 'day-so-far': 'day', hour: 'day' };

/** The job whose rows take the place of this one's, and its period. */
export function betterThan(job: Job, period: string): Made | undefined {
  const better = betterOf[job];
  return better && { job: better, period: periodOf(better, beginOf(period)) };
}

/** What this one's rows take the place of, where it was made. */
export function worseThan(job: Job, period: string): Made[] {
  return jobs
    .filter((one) => betterOf[one] === job)
    .flatMap((one) => periodsIn(one, period).map((of) => ({ job: one, period: of })));
}

/** What a job makes of a period. */
export interface Made {
  readonly job: Job;
  readonly period: string;
}
