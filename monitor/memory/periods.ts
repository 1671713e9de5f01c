/** Hours, days and weeks in UTC, how they are written, and when each is closed: the one moment that what is remembered of it depends on. Pure. */
import { lateSampleHours } from '../../stack.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** A push, its queue and its way through the Collector are over by then; so is the scrape of the hour's end. */
const settleMs = 10 * 60_000;

/** The day is told before it is over, so that whoever is awake reads it. (M01) */
const soFarHour = 23;

export function hourOf(ms: number): string {
  const hour = Math.floor((ms - Math.floor(ms / dayMs) * dayMs) / hourMs);
  return `${dateOf(ms)}T${hour < 10 ? '0' : ''}${hour}`;
}

/** The one that was asked for last: hours are asked for one after the other, by the ten thousand. */
let last = { day: Number.NaN, text: '' };

export function dateOf(ms: number): string {
  const day = Math.floor(ms / dayMs);
  if (day !== last.day) last = { day, text: new Date(ms).toISOString().slice(0, 10) };
  return last.text;
}

/** ISO 8601: weeks begin on Monday, and belong to the year that their Thursday is in. */
export function weekOf(ms: number): string {
  const midnight = Math.floor(ms / dayMs) * dayMs;
  const thursday = midnight + (3 - ((new Date(midnight).getUTCDay() + 6) % 7)) * dayMs;
  const year = new Date(thursday).getUTCFullYear();
  const number = 1 + Math.floor((thursday - Date.UTC(year, 0, 1)) / (7 * dayMs));
  return `${year}-W${String(number).padStart(2, '0')}`;
}

/** When a period begins, in ms since 1970. @throws RangeError that names what is no period. */
export function beginOf(period: string): number {
  const week = /^(\d{4})-W(\d{2})$/.exec(period);
  if (week) {
    const fourth = Date.UTC(Number(week[1]), 0, 4);
    const begin = fourth - ((new Date(fourth).getUTCDay() + 6) % 7) * dayMs + (Number(week[2]) - 1) * 7 * dayMs;
    if (weekOf(begin) === period) return begin;
  }
  const time = /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}))?$/.exec(period);
  if (time) {
    const [year, month, day, hour] = [time[1], time[2], time[3], time[4] ?? 0].map(Number) as [
      number,
      number,
      number,
      number,
    ];
    // Unlike Date.UTC, which takes the year 1 for 1901.
    const begin = new Date(0).setUTCFullYear(year, month - 1, day) + hour * 3_600_000;
    // Asked for each row that is kept: no text is made of it to see whether there is such a day.
    const found = new Date(begin);
    if (found.getUTCFullYear() === year && found.getUTCMonth() === month - 1 && found.getUTCDate() === day && hour < 24)
      return begin;
  }
  throw new RangeError(
    `Cannot read the period "${period}": it is no hour, day or week. Write 2026-02-15T09, 2026-02-15 or 2026-W07.`,
  );
}

export function lengthOf(period: string): number {
  if (period.includes('W')) return 7 * dayMs;
  return period.length === 10 ? dayMs : hourMs;
}

/** Nothing that comes later is in it, however late it is made. */
export function cutoffOf(period: string): number {
  const end = beginOf(period) + lengthOf(period);
  return period.includes('T') ? end + settleMs : end + lateSampleHours * hourMs;
}

/** Of the day that is told before it is over. */
export function soFarCutoffOf(date: string): number {
  return beginOf(date) + soFarHour * hourMs;
}

/** The seven days of a week. */
export function datesOf(week: string): string[] {
  const begin = beginOf(week);
  return Array.from({ length: 7 }, (_, i) => dateOf(begin + i * dayMs));
}
