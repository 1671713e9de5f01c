/** Errors that come again and again, that are gone, and that have come back. Told from the days on which each was seen. */
import type { ErrorDay, Finding, PastDay } from '../record.ts';
import { keyOf } from './key.ts';
import { daysOfAPattern, type Silence, silencesOf } from './silences.ts';

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

/** @param snapshots all that there are, oldest first; what is later than the day `until` is not looked at */
export function errorCourses(snapshots: readonly PastDay[], until: string): ErrorCourse[] {
  const remembered = snapshots.filter(({ date }) => date <= until);
  const seen = new Map<string, { date: string; error: ErrorDay }[]>();
  for (const { date, errors } of remembered)
    for (const error of errors) {
      const all = seen.get(error.fingerprint) ?? [];
      if (all.push({ date, error }) === 1) seen.set(error.fingerprint, all);
    }
  const sorted = [...seen].sort(([a], [b]) => (a < b ? -1 : 1));
  const silences = silencesOf(
    remembered,
    sorted.map(([, all]) => ({
      days: all.map(({ date }) => date),
      agents: new Set(all.flatMap(({ error }) => error.agents)),
    })),
  );
  return sorted.map(([fingerprint, all], i) => {
    const [first, last] = [all[0], all.at(-1)] as [{ error: ErrorDay }, { error: ErrorDay }];
    return {
      ...{ fingerprint, error_type: last.error.error_type, error_message: last.error.error_message },
      ...{ first_at: first.error.first_at, last_at: last.error.last_at, days: all.map(({ date }) => date) },
      times: all.reduce((sum, { error }) => sum + error.times, 0),
      cost_micro_usd: costOf(all.map(({ error }) => error)),
      silences: silences[i] as Silence[],
      sessions: [...new Set([...last.error.sessions, ...first.error.sessions])].slice(0, 5),
    };
  });
}

/** Null: nothing is known of it, which is not nothing. */
function costOf(errors: readonly ErrorDay[]): number | null {
  const costs = errors.flatMap(({ cost_micro_usd }) => cost_micro_usd ?? []);
  return costs.length === 0 ? null : costs.reduce((sum, cost) => sum + cost, 0);
}

const absence =
  'chance of so many days at work without it, after the 28 days before (rule of succession), Bonferroni over all silences that could have begun in them';
const counted = 'days on which it was seen';

/** Of the week that ends with the last of `dates`. */
export function errorFindings(
  week: string,
  courses: readonly ErrorCourse[],
  snapshots: readonly PastDay[],
  dates: readonly string[],
): Finding[] {
  const inWeek = Map.groupBy(
    snapshots.filter(({ date }) => dates.includes(date)).flatMap(({ errors }) => errors),
    (error) => error.fingerprint,
  );
  const [begin, end] = [dates[0], dates.at(-1)] as [string, string];
  return courses.flatMap((course): Finding[] => {
    const { fingerprint, error_type } = course;
    const now = inWeek.get(fingerprint) ?? [];
    const times = now.reduce((sum, error) => sum + error.times, 0);
    const cost_micro_usd = costOf(now);
    const finding = (kind: 'recurring-error' | 'returned-error' | 'quiet-error', more: Partial<Finding>): Finding => ({
      ...{ week, key: keyOf('error', fingerprint, kind), kind, direction: 1 },
      numbers: { times, days: now.length, ...(cost_micro_usd === null ? {} : { cost_micro_usd }) },
      words: { fingerprint, error_type: error_type ?? 'error' },
      ...{ sample: times, effect: now.length, low: null, high: null, confidence: 0.99, method: counted },
      evidence: [`error:${fingerprint}`, ...new Set(now.flatMap(({ sessions }) => sessions.slice(0, 1)))].slice(0, 5),
      ...more,
    });
    const back = course.silences.find(({ until }) => until !== null && until >= begin && until <= end);
    // Told once: in the week in which the silence became long enough to mean something.
    const gone = course.silences.find(({ until, known_on }) => until === null && known_on >= begin && known_on <= end);
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
      ...(gone
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
