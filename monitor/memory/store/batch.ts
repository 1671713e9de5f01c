/** A batch as stores keep it, whoever made it: checked, each row with its fields in one order. Pure. */
import { beginOf, lengthOf } from '../periods.ts';
import type { Batch, Job, Table } from './memory-store.ts';
import type { AnyField, AnyShape } from './shape.ts';
import { periodOf, unitOf } from './span.ts';
import { type TableFacts, tables, tablesOf } from './table.ts';

export type Row = Readonly<Record<string, unknown>>;

export interface Prepared {
  readonly job: Job;
  readonly period: string;
  readonly rows: readonly (readonly [Table, readonly Row[]])[];
  /** How many they are. */
  readonly count: number;
}

/** @throws RangeError for what would not come back as it went in, or not where it is looked for. */
export function prepared({ job, period, rows }: Batch): Prepared {
  const refuse = (seen: string, remedy: string) => new RangeError(`Cannot keep ${job} ${period}: ${seen}. ${remedy}.`);
  if (periodOf(job, beginOf(period)) !== period)
    throw refuse(`it makes a ${unitOf[job]} at a time, and that is none`, `Write ${periodOf(job, beginOf(period))}`);
  const mayHave = tablesOf(job);
  const isIn = within(period);
  const kept = (Object.entries(rows) as [Table, readonly object[]][]).map(([table, some]): [Table, Row[]] => {
    if (some.length > 0 && !mayHave.includes(table))
      throw refuse(`it has rows of ${table}, each of which is of a longer time`, `Leave them to a job of that time`);
    const keys = new Set<string>();
    const normalised = some.map((one, at) => {
      const row = normal(one, tables[table].shape, `${table}[${at}]`, refuse) as Row;
      const place = row[tables[table].unit] as string;
      if (!isIn(place)) throw refuse(`${table}[${at}] is of ${place}`, 'Keep it with the period it is of');
      const key = keyOf(row, tables[table]);
      if (keys.has(key)) throw refuse(`${table}[${at}] is there twice (${key})`, 'Keep one of them');
      keys.add(key);
      return row;
    });
    return [table, normalised];
  });
  return { job, period, rows: kept, count: kept.reduce((sum, [, some]) => sum + some.length, 0) };
}

/** Many rows are of one place. */
function within(period: string): (place: string) => boolean {
  const [of, end] = [beginOf(period), beginOf(period) + lengthOf(period)];
  const known = new Set<string>();
  return (place) => {
    if (known.has(place)) return true;
    const begin = beginOf(place);
    const isIn = begin >= of && begin + lengthOf(place) <= end;
    if (isIn) known.add(place);
    return isIn;
  };
}

function keyOf(row: Row, { order }: TableFacts): string {
  return JSON.stringify(order.map((field) => row[field]));
}

type Refuse = (seen: string, remedy: string) => RangeError;

/** The same value with its fields in the order of the shape, and nothing in it that a store would change. */
function normal(value: unknown, field: AnyField, path: string, refuse: Refuse): unknown {
  if (field === 'value') return plain(value, path, refuse);
  const isList = Array.isArray(value);
  if (typeof value !== 'object' || value === null || isList !== (field === 'values' || Array.isArray(field)))
    throw refuse(`${path} is ${shown(value)}`, 'Write what record.ts says');
  if (isList) {
    const inner = field === 'values' ? 'value' : (field as readonly [AnyShape])[0];
    return value.map((one, at) => normal(one, inner, `${path}[${at}]`, refuse));
  }
  const shape = field === 'map' ? mapShape(value) : (field as AnyShape);
  const stray = Object.keys(value).find((name) => !Object.hasOwn(shape, name));
  if (stray !== undefined) throw refuse(`${path} has a field "${stray}"`, 'Add it to record.ts, or leave it out');
  const fields = Object.entries(shape).map(([name, inner]) => [
    name.toWellFormed(),
    normal((value as Row)[name], inner, `${path}.${name}`, refuse),
  ]);
  return Object.fromEntries(fields);
}

function mapShape(value: object): AnyShape {
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((name) => [name, 'value']),
  );
}

function plain(value: unknown, path: string, refuse: Refuse): unknown {
  // Half a character, as texts have that were cut off, is no UTF-8.
  if (typeof value === 'string') return value.toWellFormed();
  // JSON has no -0.
  if (typeof value === 'number' && Number.isFinite(value)) return value + 0;
  if (value === null) return value;
  // JSON would make null of it: a gap where there is none.
  throw refuse(`${path} is ${shown(value)}`, 'Write text, a finite number, or null for what is not known');
}

function shown(value: unknown): string {
  return Array.isArray(value) ? 'a list' : typeof value === 'object' && value !== null ? 'an object' : String(value);
}
