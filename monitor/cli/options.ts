/** Options that several commands share, and how they are read. */
import type { Window } from '../store/store.ts';
import { oneLine } from '../words.ts';
import type { Given, Option, Options } from './command.ts';
import { moment } from './moment.ts';

const mostRows = 1000;

export const windowOptions: readonly Option[] = [
  ['--since <time>', 'that began at or after it: 2h, 7d, today, 2026-02-15, 2026-02-15T10:00Z'],
  ['--until <time>', 'that began before it'],
];

/** For a list whose rows have the ids by which it is continued. */
export const pageOptions = (rows: number): readonly Option[] => [
  ['--limit <n>', `at most so many, up to ${mostRows}; default: ${rows}`],
  ['--before <id>', 'the next ones, after that row'],
];

/** @throws RangeError for a time that is none, and for an end before the beginning. */
export function windowOf({ options, now }: Pick<Given, 'options' | 'now'>, defaultSince?: string): Window {
  const since = text(options, 'since') ?? defaultSince;
  const until = text(options, 'until');
  const window = {
    ...(since !== undefined && { sinceIso: moment(since, now) }),
    ...(until !== undefined && { untilIso: moment(until, now) }),
  };
  if (window.sinceIso && window.untilIso && window.sinceIso >= window.untilIso)
    throw new RangeError(`Cannot look from ${since} until ${until}: it ends before it begins. Change one of them.`);
  return window;
}

/** `--limit`, and the row after which to go on. */
export function pageOf(options: Options, rows: number): { limit: number; before?: string } {
  const before = text(options, 'before');
  return {
    limit: wholeNumber('--limit', text(options, 'limit') ?? `${rows}`, mostRows),
    ...(before !== undefined && { before }),
  };
}

/** @throws RangeError unless it is a whole number from 1 to the most. */
export function wholeNumber(what: string, given: string, most: number): number {
  const number = /^\d{1,9}$/.test(given) ? Number(given) : 0;
  if (number < 1 || number > most)
    throw new RangeError(`Cannot use ${what} "${oneLine(given)}": give a whole number from 1 to ${most}.`);
  return number;
}

/** One of a few words. @throws RangeError that names them. */
export function oneOf<Word extends string>(what: string, given: string, words: readonly Word[]): Word {
  const word = words.find((word) => word === given);
  if (!word) throw new RangeError(`Cannot use ${what} "${oneLine(given)}": give one of ${words.join(', ')}.`);
  return word;
}

/** An option's text; undefined: it was not given. */
export function text(options: Options, name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
}
