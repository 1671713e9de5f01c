/**
 * The audit trail's arithmetic: each record's hash covers the one before it, so that nobody changes the past without changing
 * everything since. Anybody can check one with `printf %s%s "$previous" "$entry" | sha256sum`.
 */
import { createHash } from 'node:crypto';
import type { JournalEntry } from '../incident/incident.ts';
import type { AuditRecord } from '../store/store.ts';

/** The end of a chain: what the next record follows. */
export interface Head {
  /** How many records there are. */
  readonly number: number;
  readonly hash: string;
}

/** The end of an empty chain. */
export const noHead: Head = { number: 0, hash: '0'.repeat(64) };

/** The entry as the record that follows `head`. */
export function chained(head: Head, entry: JournalEntry): AuditRecord {
  const { hash: previous } = head;
  return { ...entry, number: head.number + 1, previous, hash: hashOf(previous, entry) };
}

export function hashOf(previous: string, entry: JournalEntry): string {
  return createHash('sha256').update(previous).update(canonical(entry)).digest('hex');
}

/** The entry of a record, without its place in the chain. */
export function entryOf({ number: _, previous: __, hash: ___, ...entry }: AuditRecord): JournalEntry {
  return entry;
}

/** One text for one value, whoever wrote it: JSON with sorted keys and no spaces (RFC 8785). */
export function canonical(value: unknown): string {
  // Through JSON first: what a store gives back is what was hashed (no undefined, dates as text, NaN as null).
  return sorted(JSON.parse(JSON.stringify(value)));
}

function sorted(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sorted).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  // `sort` compares UTF-16 code units, as the RFC asks for.
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${sorted((value as Record<string, unknown>)[key])}`).join(',')}}`;
}
