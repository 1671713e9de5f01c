/** How the fold reads a span: attributes by their declaration, instants as ISO 8601, the order of a trace. */
import type { Attribute, ValueOf } from '../../instrumentation/src/catalog/attribute.ts';
import { isPossible } from './bound.ts';
import type { SpanFact } from './fact.ts';

/** Undefined where it is absent, of another type than the catalogue says, or a number that cannot be (bound.ts). */
export function read<A extends Attribute>(span: SpanFact, attribute: A): ValueOf<A> | undefined {
  const value = span.attributes[attribute.name];
  return (isOfType(value, attribute) ? value : undefined) as ValueOf<A> | undefined;
}

function isOfType(value: unknown, attribute: Attribute): boolean {
  const type = attribute.kind === 'label' ? 'string' : attribute.type;
  if (type === 'string[]') return Array.isArray(value);
  if (type === 'int') return Number.isSafeInteger(value) && isPossible(attribute.name, value as number);
  if (type === 'double') return typeof value === 'number' && isPossible(attribute.name, value);
  return typeof value === type;
}

/** A time in ms since 1970, cut, not rounded: what began in this millisecond began in it. */
export function msOf(unixNano: string): number {
  return Number(unixNano.slice(0, -6));
}

/** The years 0 to 9999: others have more digits, and would not sort. */
const [firstMs, lastMs] = [-62_167_219_200_000, 253_402_300_799_999];

function within(ms: number): number {
  return Math.max(firstMs, Math.min(ms, lastMs));
}

export function isoOf(ms: number): string {
  return new Date(within(ms)).toISOString();
}

/** A span's times. One that ends before it began, as two clocks may have it, has no length. */
export function timesOf(span: SpanFact): Times {
  const started = msOf(span.start_unix_nano);
  return timesFrom(started, Math.max(started, msOf(span.end_unix_nano)));
}

export interface Times {
  readonly started_at: string;
  readonly completed_at: string | null;
  readonly duration_ms: number | null;
}

/** @param completedMs undefined: not yet. */
export function timesFrom(startedMs: number, completedMs?: number): Times {
  const started_at = isoOf(startedMs);
  if (completedMs === undefined) return { started_at, completed_at: null, duration_ms: null };
  const completed = Math.max(startedMs, completedMs);
  return { started_at, completed_at: isoOf(completed), duration_ms: within(completed) - within(startedMs) };
}

/** By start, then by id: the same on every machine, in whatever order they came. */
export function byStart(a: SpanFact, b: SpanFact): number {
  const [one, other] = [a.start_unix_nano, b.start_unix_nano];
  // Whole numbers, too big for a number: the longer one is the greater.
  return one.length - other.length || compare(one, other) || compare(a.id, b.id);
}

/** By code unit: a locale would order them differently elsewhere. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
