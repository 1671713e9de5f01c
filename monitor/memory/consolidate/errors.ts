/** Errors that come again and again, that are gone, and that have come back. Told from the days on which each was seen. */

import { beginOf, dateOf } from '../periods.ts';
import type { ErrorDay, Finding, Snapshot } from '../record.ts';
import { enough } from './sureness.ts';

const dayMs = 86_400_000;

/** A pattern, not an accident: on so many days of the week. */
const daysOfAPattern = 3;
/** An error that comes every day may have a quiet day; so many days of the past tell how quiet it usually is. */
const pastDays = 28;
/** Less than this without it is no absence that means anything. */
const fewestQuietDays = 7;

/** What is known of one fingerprint, from all days until the end of the week. */
export interface ErrorCourse {
  readonly fingerprint: string;
  readonly error_type: string | null;
  /** The newest. */
  readonly error_message: string | null;
  readonly first_at: string;
  readonly last_at: string;
  readonly times: number;
  readonly cost_micro_usd: number | null;
  /** Days on which it was seen, in order. */
  readonly days: readonly string[];
  /** Silences that were too long to be chance: the day it was last seen before, and the day it came back; null: it has not. */
  readonly silences: readonly Silence[];
  /** Session ids of the newest, the first and the last day among them. */
  readonly sessions: readonly string[];
}

export interface Silence {
  readonly after: string;
  readonly until: string | null;
  /** That it is no chance, given how often it came before. */
  readonly confidence: number;
}

/**
 * @param snapshots all that there are, oldest first, until the day `until`. A day that nobody measured is no quiet day: only days with a snapshot
 * count.
 */
export function errorCourses(snapshots: readonly Snapshot[], until: string): ErrorCourse[] {
  const remembered = snapshots.map(({ date }) => date).filter((date) => date <= until);
  const seen = new Map<string, { date: string; error: ErrorDay }[]>();
  for (const { date, errors } of snapshots)
    if (date <= until)
      for (const error of errors) {
        const all = seen.get(error.fingerprint) ?? [];
        all.push({ date, error });
        seen.set(error.fingerprint, all);
      }
  return [...seen]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([fingerprint, all]) => {
      const [first, last] = [all[0], all.at(-1)] as [{ error: ErrorDay }, { error: ErrorDay }];
      const costs = all.flatMap(({ error: { cost_micro_usd } }) => cost_micro_usd ?? []);
      const days = all.map(({ date }) => date);
      return {
        ...{ fingerprint, error_type: last.error.error_type, error_message: last.error.error_message },
        ...{ first_at: first.error.first_at, last_at: last.error.last_at, days },
        times: all.reduce((sum, { error }) => sum + error.times, 0),
        cost_micro_usd: costs.length === 0 ? null : costs.reduce((sum, cost) => sum + cost, 0),
        silences: silences(days, remembered),
        sessions: [...new Set([...last.error.sessions, ...first.error.sessions])].slice(0, 5),
      };
    });
}

/** Gaps between the days on which it was seen, and after the last one. */
function silences(days: readonly string[], remembered: readonly string[]): Silence[] {
  const place = new Map(remembered.map((date, i) => [date, i]));
  return days.flatMap((after, i) => {
    const until = days[i + 1] ?? null;
    // Days that are not among those remembered are later than all of them.
    const [at, next] = [after, until].map((date) => place.get(date ?? '') ?? remembered.length) as [number, number];
    const quiet = next - at - 1;
    // Of years and hundreds of errors most days end here.
    if (quiet < fewestQuietDays) return [];
    const from = dateOf(beginOf(after) - (pastDays - 1) * dayMs);
    const past = remembered.slice(Math.max(0, at + 1 - pastDays), at + 1).filter((date) => date >= from);
    const withIt = days.slice(Math.max(0, i + 1 - pastDays), i + 1).filter((date) => date >= from).length;
    // The chance of so many days without it, if it went on as before. One day with it more and one without: of little that is known, little is sure.
    const chance = (1 - withIt / (past.length + 1)) ** quiet;
    const confidence = Math.min(0.99, Math.floor((1 - chance) * 100) / 100);
    const means = withIt >= daysOfAPattern && confidence >= enough;
    return means ? [{ after, until, confidence }] : [];
  });
}

const absence = 'chance of so many days without it, at the rate of the 28 days before';
const counted = 'days on which it was seen';

/** Of the week that ends with the last of `dates`. */
export function errorFindings(
  week: string,
  courses: readonly ErrorCourse[],
  snapshots: readonly Snapshot[],
  dates: readonly string[],
): Finding[] {
  const inWeek = snapshots.filter(({ date }) => dates.includes(date));
  const [begin, end] = [dates[0], dates.at(-1)] as [string, string];
  return courses.flatMap((course): Finding[] => {
    const { fingerprint, error_type } = course;
    const now = inWeek.flatMap(({ errors }) => errors.filter((error) => error.fingerprint === fingerprint));
    const times = now.reduce((sum, error) => sum + error.times, 0);
    const costs = now.flatMap(({ cost_micro_usd }) => cost_micro_usd ?? []);
    const finding = (kind: 'recurring-error' | 'returned-error' | 'quiet-error', more: Partial<Finding>): Finding => ({
      ...{ week, key: `error/${fingerprint}/${kind}`, kind, direction: 1 },
      numbers: { times, days: now.length, cost_micro_usd: costs.reduce((sum, cost) => sum + cost, 0) },
      words: { fingerprint, error_type: error_type ?? 'error' },
      ...{ sample: times, effect: now.length, low: null, high: null, confidence: 0.99, method: counted },
      evidence: [`error:${fingerprint}`, ...new Set(now.flatMap(({ sessions }) => sessions.slice(0, 1)))].slice(0, 5),
      ...more,
    });
    const back = course.silences.find(({ until }) => until !== null && until >= begin && until <= end);
    const gone = course.silences.find(({ until }) => until === null);
    // Told once: in the week in which the silence became long enough to mean something.
    const isNews =
      gone &&
      silences(
        course.days,
        snapshots.map(({ date }) => date).filter((date) => date < begin),
      ).at(-1)?.until !== null;
    return [
      ...(back
        ? [
            finding('returned-error', {
              ...{ confidence: back.confidence, method: absence },
              words: {
                fingerprint,
                error_type: error_type ?? 'error',
                gone_after: back.after,
                back_on: back.until ?? '',
              },
            }),
          ]
        : []),
      ...(now.length >= daysOfAPattern ? [finding('recurring-error', {})] : []),
      ...(gone && isNews
        ? [
            finding('quiet-error', {
              ...{
                confidence: gone.confidence,
                method: absence,
                // What is told is told from the days on which it came.
                sample: course.days.length,
                evidence: [`error:${fingerprint}`, ...course.sessions.slice(0, 2)],
              },
              words: { fingerprint, error_type: error_type ?? 'error', gone_after: gone.after },
            }),
          ]
        : []),
    ];
  });
}
