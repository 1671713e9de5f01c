/** The days that a question is about, as people name them. */
import type { Option, Options } from '../../cli/command.ts';
import { text } from '../../cli/options.ts';
import { oneLine } from '../../words.ts';
import { beginOf, dateOf } from '../periods.ts';

/** Both are days, and both are of it. */
export interface Days {
  readonly from: string;
  readonly to: string;
}

const dayMs = 86_400_000;

/** Ten years: more is a slip of the hand. */
const mostDays = 3660;

export const spanOptions: readonly Option[] = [
  ['--on <day>', 'one day, in UTC: 2026-02-15'],
  ['--month <month>', 'a month: 2026-01'],
  ['--from <day>', 'from this day on'],
  ['--to <day>', 'until this day, which is part of it'],
];

/** Undefined: none was named. @throws RangeError for what is no day, and for two times at once. */
export function daysNamed(options: Options, newest: string): Days | undefined {
  const [on, month, from, to] = ['on', 'month', 'from', 'to'].map((name) => text(options, name));
  if ([on, month, from ?? to].filter((one) => one !== undefined).length > 1)
    throw new RangeError('Cannot look at several times at once: give one of --on, --month, or --from with --to.');
  if (on !== undefined) return { from: day('--on', on), to: on };
  if (month !== undefined) return monthDays(month);
  if (from === undefined && to === undefined) return undefined;
  const last = to === undefined ? newest : day('--to', to);
  const first = from === undefined ? dateOf(beginOf(last) - 27 * dayMs) : day('--from', from);
  if (first > last)
    throw new RangeError(`Cannot look from ${first} to ${last}: it ends before it begins. Change one of them.`);
  if (datesIn({ from: first, to: last }).length > mostDays)
    throw new RangeError(`Cannot look from ${first} to ${last}: that is more than ${mostDays} days. Look at fewer.`);
  return { from: first, to: last };
}

/** @throws RangeError for what is no month. */
export function monthDays(month: string): Days {
  if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(month))
    throw new RangeError(`Cannot read the month "${oneLine(month)}": write it as 2026-01.`);
  const [year, number] = month.split('-').map(Number) as [number, number];
  return { from: `${month}-01`, to: dateOf(Date.UTC(year, number, 0)) };
}

export function monthBefore(month: string): string {
  return dateOf(beginOf(monthDays(month).from) - dayMs).slice(0, 7);
}

export function datesIn({ from, to }: Days): string[] {
  const [begin, end] = [beginOf(from), beginOf(to)];
  return Array.from({ length: Math.min(mostDays + 1, (end - begin) / dayMs + 1) }, (_, i) => dateOf(begin + i * dayMs));
}

/** `2026-02-15`, `2026-02-01 to 2026-02-28`. */
export function spanText({ from, to }: Days): string {
  return from === to ? from : `${from} to ${to}`;
}

/** `on 2026-02-15`, `from 2026-02-01 to 2026-02-28`. */
export function during(span: Days): string {
  return `${span.from === span.to ? 'on' : 'from'} ${spanText(span)}`;
}

function day(option: string, given: string): string {
  if (/^\d{4}-\d\d-\d\d$/.test(given)) return dateOf(beginOf(given));
  throw new RangeError(`Cannot read ${option} "${oneLine(given)}": write a day as 2026-02-15.`);
}
