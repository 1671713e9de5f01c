import type { SQLInputValue } from 'node:sqlite';
import type { Connection } from './connection.ts';

interface Row {
  readonly session_id: string | null;
  readonly error_type: string | null;
  readonly error_message: string | null;
}

/** Of rows from the newest to the oldest: what the first one says, and five sessions. Reads no more rows than that takes. */
export function newestOf(connection: Connection, text: string, ...values: SQLInputValue[]) {
  const sessions = new Set<string>();
  let first: Row | undefined;
  for (const row of connection.statement(text).iterate(...values) as Iterable<unknown> as Iterable<Row>) {
    first ??= row;
    if (row.session_id !== null) sessions.add(row.session_id);
    if (sessions.size === 5) break;
  }
  const { error_type = null, error_message = null } = first ?? {};
  return { error_type, error_message, sessions: [...sessions] };
}
