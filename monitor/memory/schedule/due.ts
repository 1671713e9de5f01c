/**
 * What is to be made now. Pure: a period is due when it is closed, not done, and its sources still have it. What was missed is due for
 * that reason alone, so that nothing has to remember that it was missed. (M01, M03)
 */

import { historyHours } from '../collect/history-file.ts';
import { weekBefore } from '../consolidate/findings.ts';
import { beginOf, cutoffOf, dateOf, datesOf, hourOf, soFarCutoffOf, weekOf } from '../periods.ts';
import type { Job } from '../store/memory-store.ts';
import type { Made } from '../store/table.ts';

export interface Known {
  /** Periods that are done, by job. */
  readonly done: Readonly<Record<Job, ReadonlySet<string>>>;
  /** ms since 1970: by the slowest clock that has a say. */
  readonly nowMs: number;
  /** When the first sample was taken that anybody has, ms since 1970. The day that it is in is the first one. */
  readonly sinceMs: number;
  /** How far back the sources keep, ms: what is older would be made of a part, and is not made. */
  readonly keptMs: number;
}

export interface Due {
  readonly job: Job;
  readonly period: string;
  /** When it was closed, ms since 1970. */
  readonly closedMs: number;
}

/** Of what was closed at the same moment, in this order: the later are made of the earlier. */
export const order: readonly Job[] = ['hour', 'history', 'day-so-far', 'day', 'week'];

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Two clocks that differ by less than what is waited for after an hour have closed nothing of which a sample is missing. */
const slackMs = 10 * 60_000;

const closedAt: Readonly<Record<Job, (period: string) => number>> = {
  hour: cutoffOf,
  history: historyCutoffOf,
  'day-so-far': soFarMadeAt,
  day: cutoffOf,
  week: cutoffOf,
};

/**
 * What is done, though it is not over by any clock: one was ahead when it was made, and the rest of it is missing. It is to be made again.
 * Only what sources have for as long again: a clock that is years behind, as after a battery has run out, undoes nothing.
 */
export function early({ done, keptMs }: Pick<Known, 'done' | 'keptMs'>, latestMs: number): Made[] {
  const isEarly = (ms: number) => ms > latestMs + slackMs && ms < latestMs + keptMs / 2;
  return order.flatMap((job) =>
    [...done[job]].filter((period) => isEarly(closedAt[job](period))).map((period) => ({ job, period })),
  );
}

/** In the order in which somebody who was never away would have made them. Some wait for others among them: `waitsFor`. */
export function due(known: Known): Due[] {
  const { done, nowMs } = known;
  const from = reach(known);
  const all: Due[] = [];
  const add = (job: Job, period: string, closedMs: number) => {
    if (closedMs <= nowMs && !done[job].has(period)) all.push({ job, period, closedMs });
  };
  for (let at = from; at < nowMs; at += hourMs) {
    const hour = hourOf(at);
    // What the day has read anew, nobody reads again.
    if (!done.day.has(dateOf(at))) add('hour', hour, cutoffOf(hour));
    if (!done.history.has(hour) && historyHours(hour)[0] === hour) add('history', hour, historyCutoffOf(hour));
  }
  for (let at = from; at < nowMs; at += dayMs) {
    const date = dateOf(at);
    const isOver = done.day.has(date) || nowMs >= cutoffOf(date);
    if (!isOver) add('day-so-far', date, soFarMadeAt(date));
    add('day', date, cutoffOf(date));
  }
  for (const week of weeksOf(known)) add('week', week, cutoffOf(week));
  const rank = ({ job }: Due) => order.indexOf(job);
  return all.sort((a, b) => a.closedMs - b.closedMs || rank(a) - rank(b) || (a.period < b.period ? -1 : 1));
}

/**
 * Whether it is to wait for another period, which is not done and still can be: of what would be made without it, more would differ than
 * the time at which it was made. What can never be made holds nothing up, and is said to be missing.
 */
export function waitsFor({ job, period }: Pick<Due, 'job' | 'period'>, known: Known): boolean {
  const { done } = known;
  const isOpen = (date: string) => !done.day.has(date) && canBeMade(date, known);
  const isMissing = (hour: string) => !done.hour.has(hour) && isOpen(dateOf(beginOf(hour)));
  if (job === 'history') return historyHours(period).some(isMissing);
  if (job === 'day-so-far') return hoursSoFar(period).some((hour) => beginOf(hour) >= reach(known) && isMissing(hour));
  // What is unusual is judged by the days before.
  if (job === 'day') return isOpen(dateOf(beginOf(period) - dayMs));
  // What was learnt before is held against the week.
  if (job === 'week') return datesOf(period).some(isOpen) || isWeekOpen(weekBefore(period), known);
  return false;
}

/** The day of the first sample, or the first one that the sources still have whole. */
function reach({ nowMs, sinceMs, keptMs }: Known): number {
  const oldest = Math.ceil((nowMs - keptMs) / dayMs) * dayMs;
  return Math.max(Math.floor(sinceMs / dayMs) * dayMs, oldest);
}

function canBeMade(date: string, known: Known): boolean {
  return beginOf(date) >= reach(known);
}

/** Weeks of which a day is done, or will be first: they rest on what is remembered, and are made however old they are. */
function weeksOf(known: Known): string[] {
  const dates = [...known.done.day];
  for (let at = reach(known); at < known.nowMs; at += dayMs) dates.push(dateOf(at));
  return [...new Set(dates.map((date) => weekOf(beginOf(date))))];
}

function isWeekOpen(week: string, known: Known): boolean {
  const { done } = known;
  return !done.week.has(week) && datesOf(week).some((date) => done.day.has(date) || canBeMade(date, known));
}

/** The six hours are closed. */
function historyCutoffOf(hour: string): number {
  return cutoffOf(historyHours(hour).at(-1) as string);
}

/** When the last hour is closed that it tells of. */
function soFarMadeAt(date: string): number {
  return cutoffOf(hoursSoFar(date).at(-1) as string);
}

function hoursSoFar(date: string): string[] {
  const hours = Math.floor((soFarCutoffOf(date) - beginOf(date)) / hourMs);
  return Array.from({ length: hours }, (_, i) => hourOf(beginOf(date) + i * hourMs));
}
