/** The days of a span that are remembered, and those that are not: a day of which nothing is known is no day on which nothing happened. */
import { beginOf, dateOf } from '../periods.ts';
import type { Snapshot } from '../record.ts';
import { listed } from '../store/listed.ts';
import type { MemoryStore } from '../store/memory-store.ts';
import { type Days, datesIn, spanText } from './span.ts';

const dayMs = 86_400_000;

/** So many notes; the rest are counted. */
const mostNotes = 8;

export interface Known extends Days {
  /** Oldest first. */
  readonly days: readonly Snapshot[];
  readonly missing: readonly string[];
  /** What is not known, in whole sentences. */
  readonly notes: readonly string[];
}

/** The first and the last day that there is. Undefined: nothing is remembered yet. */
export async function bounds(memory: Pick<MemoryStore, 'done'>): Promise<Days | undefined> {
  const all = [...(await memory.done('day')), ...(await memory.done('day-so-far'))].sort();
  const [from, to] = [all[0], all.at(-1)];
  return from !== undefined && to !== undefined ? { from, to } : undefined;
}

/** What is looked at where no time is named. @throws Error where nothing is remembered yet. */
export async function newestDay(memory: Pick<MemoryStore, 'done'>): Promise<string> {
  const all = await bounds(memory);
  if (!all) throw new Error(`Cannot tell anything yet: ${reach(all)}`);
  return all.to;
}

/** @param what e.g. `the cost`. @throws Error where no day of it is known. */
export async function known(memory: MemoryStore, span: Days, what: string): Promise<Known> {
  const days = await listed(memory, span);
  if (days.length === 0)
    throw new Error(`Cannot tell ${what}: nothing is known of ${spanText(span)}; ${reach(await bounds(memory))}`);
  const there = new Set(days.map(({ date }) => date));
  const missing = datesIn(span).filter((date) => !there.has(date));
  return { ...span, days, missing, notes: [...missingNotes(missing, await bounds(memory)), ...partly(days)] };
}

/** What a person can do where nothing is remembered at all. */
export function reach(all: Days | undefined): string {
  if (!all) return 'the memory is empty. Days come to be each night, or by "npm run memory -- snapshot --date <day>".';
  return `the memory begins on ${all.from} and ends on ${all.to}.`;
}

/** Neighbours as one: `2026-02-03 to 2026-02-05, 2026-02-09`. */
export function stretches(dates: readonly string[]): string {
  const ranges: [string, string][] = [];
  for (const date of dates) {
    const last = ranges.at(-1);
    if (last && dateOf(beginOf(last[1]) + dayMs) === date) last[1] = date;
    else ranges.push([date, date]);
  }
  return ranges.map(([from, to]) => spanText({ from, to })).join(', ');
}

function missingNotes(missing: readonly string[], all: Days | undefined): string[] {
  if (missing.length === 0) return [];
  const beyond = all && missing.some((date) => date < all.from || date > all.to) ? ` ${upper(reach(all))}` : '';
  return [`Nothing is known of ${stretches(missing)}.${beyond}`];
}

/** Days that were told before they were over, or measured in part. */
function partly(days: readonly Snapshot[]): string[] {
  const open = days.flatMap(({ date, state, through }) =>
    state === 'open' ? [`${date}: known until ${through.slice(11, 16)} UTC; the day is closed in the next.`] : [],
  );
  const notes = [...open, ...sameGaps(days).map(({ gap, dates }) => `${stretches(dates)}: ${gap}`)];
  const rest = notes.length - mostNotes;
  return rest > 0 ? [...notes.slice(0, mostNotes), `… and ${rest} more such notes: --json has them all.`] : notes;
}

/** What is said of several days is said once, in the order in which it is first said. */
export function sameGaps(days: readonly Snapshot[]): { readonly gap: string; readonly dates: readonly string[] }[] {
  const all = days.flatMap(({ date, gaps }) => gaps.map((gap) => ({ date, gap })));
  return [...Map.groupBy(all, ({ gap }) => gap)].map(([gap, of]) => ({ gap, dates: of.map(({ date }) => date) }));
}

function upper(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
