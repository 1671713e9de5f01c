/** Plain arithmetic and plain formats, on purpose not those of the documents that they are held against. */
import type { WayDay } from '../record.ts';

export const dollars = (micro: number) =>
  micro > 0 && micro < 50 ? '<$0.0001' : `$${(micro / 1e6).toFixed(micro >= 1e6 ? 2 : 4)}`;
export const percent = (of1: number) => `${(100 * of1).toFixed(1)} %`;
export const seconds = (ms: number) =>
  ms < 1000 ? `${Math.round(ms)} ms` : ms < 9995 ? `${(ms / 1000).toFixed(2)} s` : `${Math.round(ms / 1000)} s`;
export const plus = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);
export const middle = (sorted: readonly number[]) => sorted[Math.ceil(sorted.length / 2) - 1] as number;
export const add = (date: string, n: number) => new Date(Date.parse(date) + n * 86_400_000).toISOString().slice(0, 10);

/** As ISO 8601 counts: the 4th of January is always in the first week, which begins on a Monday. */
export function mondayOf(week: string): string {
  const fourth = `${week.slice(0, 4)}-01-04`;
  return add(fourth, 7 * (Number(week.slice(6)) - 1) - ((new Date(fourth).getUTCDay() + 6) % 7));
}

export function weekOfDay(date: string): string {
  const thursday = add(date, 3 - ((new Date(date).getUTCDay() + 6) % 7));
  const first = mondayOf(`${thursday.slice(0, 4)}-W01`);
  const week = 1 + Math.floor((Date.parse(thursday) - Date.parse(first)) / (7 * 86_400_000));
  return `${thursday.slice(0, 4)}-W${String(week).padStart(2, '0')}`;
}

/** What a bucket of store/histogram.ts stands for: its middle, in 2 % steps from 64 on. */
const inside = (bucket: number) => (bucket < 64 ? bucket : Math.round(64 * 1.02 ** (bucket - 64 + 0.5)));

/** One value after the other, within 1 %: from the text that is kept. */
export function values<Of extends string>(rows: readonly Record<Of, string>[], of: Of): number[] {
  return rows
    .flatMap((row) => {
      const flat = JSON.parse(row[of]) as number[];
      return flat.flatMap((bucket, at) =>
        at % 2 === 0 ? Array<number>(flat[at + 1] as number).fill(inside(bucket)) : [],
      );
    })
    .sort((a, b) => a - b);
}

/** The same by day, of those that have any. */
export function eachDay<Of extends string>(byDay: readonly (readonly Record<Of, string>[])[], of: Of): number[][] {
  return byDay.map((rows) => values(rows, of)).filter((day) => day.length > 0);
}

export const endedOf = (rows: readonly Pick<WayDay, 'ended'>[]) => plus(rows.map(({ ended }) => ended));
export const failedOf = (rows: readonly Pick<WayDay, 'failed'>[]) => plus(rows.map(({ failed }) => failed));
