/** Windows and periods of one length in those of another: which hours a day has, which day an hour is in. Pure. */
import { beginOf, dateOf, hourOf, lengthOf, weekOf } from '../periods.ts';
import type { Between, Job } from './memory-store.ts';

export type Unit = 'hour' | 'date' | 'week';

const nameAt = { hour: hourOf, date: dateOf, week: weekOf };

/** What a job makes at a time. */
export const unitOf: Readonly<Record<Job, Unit>> = {
  hour: 'hour',
  history: 'hour',
  'day-so-far': 'date',
  day: 'date',
  week: 'week',
};

/** The period of a job that a moment is in. */
export function periodOf(job: Job, ms: number): string {
  return nameAt[unitOf[job]](ms);
}

/** The periods of a job that are in one of another, the first first. */
export function periodsIn(job: Job, period: string): string[] {
  const periods: string[] = [];
  const end = beginOf(period) + lengthOf(period);
  for (let at = beginOf(period); at < end; at += lengthOf(periods.at(-1) as string)) periods.push(periodOf(job, at));
  return periods;
}

/** Whether a period of the one is never longer than one of the other. */
export function isWithin(inner: Unit, outer: Unit): boolean {
  const order = ['hour', 'date', 'week'];
  return order.indexOf(inner) <= order.indexOf(outer);
}

/**
 * The first and the last hour, day or week of a window; where it is open, what sorts before and after all of them. Its ends may be
 * periods of any length, and are in it whole: to `2026-02-15` is to `2026-02-15T23`. @throws RangeError that names what is no period
 */
export function bounds(unit: Unit, { from, to }: Between): { readonly first: string; readonly last: string } {
  return {
    first: from === undefined ? '' : nameAt[unit](beginOf(from)),
    last: to === undefined ? '~' : nameAt[unit](beginOf(to) + lengthOf(to) - 1),
  };
}
