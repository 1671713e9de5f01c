/** Rows as documents, and back. */
import type { Row } from '../batch.ts';
import type { Rows, Table } from '../memory-store.ts';
import { tables } from '../table.ts';
import type { RowDocument } from './schema.ts';

export function documentsOf(table: Table, rows: readonly Row[], of: string, keep: number): RowDocument[] {
  return rows.map((row, at) => ({ _id: `${of}/${keep}/${at}`, of, keep, ...withMaps(table, row, JSON.stringify) }));
}

export function rowOf<T extends Table>(table: T, { _id, of, keep, ...row }: RowDocument): Rows[T] {
  return withMaps(table, row, (text) => JSON.parse(text as string)) as unknown as Rows[T];
}

/** Maps stand at the top of a row alone (span.test.ts). */
function withMaps(table: Table, row: Row, change: (map: unknown) => unknown): Row {
  const fields = Object.entries(tables[table].shape);
  return Object.fromEntries(fields.map(([name, field]) => [name, field === 'map' ? change(row[name]) : row[name]]));
}
