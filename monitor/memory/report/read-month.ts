/** What a month is told from: rows of the store, and nothing else. */

import { errorStatuses } from '../ask/error-status.ts';
import { type ErrorRow, errorRows } from '../ask/errors.ts';
import { bounds, reach } from '../ask/known.ts';
import { type Days, datesIn, monthBefore, monthDays, spanText } from '../ask/span.ts';
import { type Lesson, lessons } from '../consolidate/lessons.ts';
import { beginOf, datesOf, weekOf } from '../periods.ts';
import type { Decision, PastDay, Snapshot } from '../record.ts';
import { listed } from '../store/listed.ts';
import type { MemoryStore } from '../store/memory-store.ts';
import { pastDays } from '../store/past-days.ts';
import type { DayState } from './chart.ts';

export interface Month {
  /** `2026-01` */
  readonly month: string;
  readonly dates: readonly string[];
  /** Of each of the dates. */
  readonly states: readonly DayState[];
  /** Those that are known, oldest first. */
  readonly days: readonly Snapshot[];
  /** Those within the memory's reach of which nothing is known. */
  readonly missing: readonly string[];
  /** The first and the last day of the memory. */
  readonly reach: Days;
  /** Known days of the month before. */
  readonly before: readonly Snapshot[];
  readonly errors: readonly ErrorRow[];
  /** Fingerprints that were not seen on any earlier day. */
  readonly newErrors: ReadonlySet<string>;
  readonly decisions: readonly Decision[];
  /** As they stood at the end of the last week that ended in the month; undefined: none was consolidated. */
  readonly learnt: { readonly week: string; readonly lessons: readonly Lesson[] } | undefined;
}

/** @throws Error where no day of it is known. */
export async function readMonth(memory: MemoryStore, month: string): Promise<Month> {
  const span = monthDays(month);
  const earlier = monthDays(monthBefore(month));
  // A day that the ledger has lost is one of which nothing is known: zeros would be drawn.
  const isKnown = ({ ledger }: PastDay) => ledger !== 'gone';
  const two = (await listed(memory, { from: earlier.from, to: span.to })).filter(isKnown);
  const past = (await pastDays(memory, { to: span.to })).filter(isKnown);
  const days = two.filter(({ date }) => date >= span.from);
  const whole = await bounds(memory);
  if (days.length === 0 || !whole)
    throw new Error(`Cannot tell of ${month}: nothing is known of ${spanText(span)}; ${reach(whole)}`);
  const known = new Set(days.map(({ date }) => date));
  const stateOf = (date: string): DayState => {
    if (known.has(date)) return 'known';
    return date < whole.from || date > whole.to ? 'beyond' : 'unknown';
  };
  const dates = datesIn(span);
  const week = (await memory.done('week')).filter((one) => endsIn(one, month)).at(-1);
  return {
    ...{ month, dates, states: dates.map(stateOf), days, reach: whole },
    missing: dates.filter((date) => stateOf(date) === 'unknown'),
    before: two.filter(({ date }) => date <= earlier.to),
    errors: errorRows(days, await errorStatuses(memory, past, span.to, ({ date }) => date >= span.from)),
    newErrors: seenFirst(past, span.from),
    decisions: await memory.decisions(span),
    learnt: week === undefined ? undefined : { week, lessons: lessons(await memory.findings(week), week) },
  };
}

/** A week is told when it ends. */
export function endsIn(week: string, month: string): boolean {
  return weekOf(beginOf(week)) === week && (datesOf(week).at(-1) as string).startsWith(month);
}

/** Where nothing is known of the time before, nothing is called new. */
function seenFirst(all: readonly PastDay[], from: string): Set<string> {
  const earlier = all.filter(({ date }) => date < from);
  const old = new Set(earlier.flatMap(({ errors }) => errors.map((one) => one.fingerprint)));
  const now = all.filter(({ date }) => date >= from).flatMap(({ errors }) => errors.map((one) => one.fingerprint));
  return new Set(earlier.length === 0 ? [] : now.filter((one) => !old.has(one)));
}
