/** Silences of an error that are too long to be chance. A day on which nobody worked who could have had it is no quiet day. */
import { beginOf, dateOf } from '../periods.ts';
import type { PastDay } from '../record.ts';
import { enough } from './sureness.ts';

const dayMs = 86_400_000;

/** A pattern, not an accident: on so many days. */
export const daysOfAPattern = 3;
/** An error that comes every day may have a quiet day; so many days of the past tell how quiet it usually is. */
const pastDays = 28;
/** Less than this without it is no absence that means anything. */
const fewestQuietDays = 7;

export interface Silence {
  readonly after: string;
  /** Null: it has not come back. */
  readonly until: string | null;
  /** The day on which it had become long enough to mean something. */
  readonly known_on: string;
  /** That it is no chance, given how often it came before, and how many silences could have begun in that time. */
  readonly confidence: number;
}

/** Days on which an error was seen, in order, and all agents that had it. */
export interface Seen {
  readonly days: readonly string[];
  readonly agents: ReadonlySet<string>;
}

/**
 * Of several errors, each with its own.
 * @param snapshots oldest first; a day without one is no quiet day, and later days than these are not looked at
 */
export function silencesOf(snapshots: readonly PastDay[], errors: readonly Seen[]): Silence[][] {
  const starts = new Map(snapshots.map(({ date }) => [date, dateOf(beginOf(date) - (pastDays - 1) * dayMs)]));
  const recent = errors.map(({ days }) => daysBefore(days, starts));
  const among = beginnings(errors, recent, snapshots, starts);
  const calendarOf = calendars(snapshots);
  return errors.map((error, i) => {
    // Too few days to be a pattern are most of them, and need no calendar.
    if (!recent[i]?.some((days) => days >= daysOfAPattern)) return [];
    return longOnes(error.days, recent[i], calendarOf(error), starts, among);
  });
}

/** By day: on how many of the last `pastDays` days it was seen, this one among them. */
function daysBefore(days: readonly string[], starts: ReadonlyMap<string, string>): number[] {
  let first = 0;
  return days.map((date, at) => {
    const from = starts.get(date) as string;
    while ((days[first] as string) < from) first++;
    return at - first + 1;
  });
}

/** By date: how many silences could have begun in the `pastDays` days until then, of all errors. Later days do not change it. */
function beginnings(
  errors: readonly Seen[],
  recent: readonly (readonly number[])[],
  snapshots: readonly PastDay[],
  starts: ReadonlyMap<string, string>,
): ReadonlyMap<string, number> {
  const on = new Map<string, number>();
  for (const [i, { days }] of errors.entries())
    for (const [at, date] of days.entries())
      if ((recent[i]?.[at] as number) >= daysOfAPattern) on.set(date, (on.get(date) ?? 0) + 1);
  const dates = snapshots.map(({ date }) => date);
  let [first, sum] = [0, 0];
  return new Map(
    dates.map((date) => {
      sum += on.get(date) ?? 0;
      while ((dates[first] as string) < (starts.get(date) as string)) sum -= on.get(dates[first++] as string) ?? 0;
      return [date, sum];
    }),
  );
}

interface Calendar {
  readonly dates: readonly string[];
  readonly place: ReadonlyMap<string, number>;
}

/** Days on which one of an error's agents ended something. Of the same agents it is made once. */
function calendars(snapshots: readonly PastDay[]): (error: Seen) => Calendar {
  // A day with more kinds of errors than it holds, or rows that are lost, may have had it. Days that were remembered before there was a rest have none.
  const whole = snapshots.filter(({ ledger, rest }) => ledger !== 'part' && (!rest || rest.errors === 0));
  const worked = whole.map(({ date, agents, work }) => ({
    date,
    by: new Set([
      ...agents.flatMap(({ agent_name, completed, failed }) => (completed + failed > 0 ? [agent_name] : [])),
      ...work.flatMap(({ agent_name, ended }) => (ended > 0 ? [agent_name] : [])),
    ]),
  }));
  const made = new Map<string, Calendar>();
  return ({ days, agents }) => {
    const names = [...agents].sort();
    const key = JSON.stringify(names);
    const of =
      made.get(key) ??
      calendar(
        // Where nobody says whose it was, anybody could have had it.
        worked.flatMap(({ date, by }) =>
          (names.length === 0 ? by.size > 0 : names.some((one) => by.has(one))) ? date : [],
        ),
      );
    made.set(key, of);
    return days.every((date) => of.place.has(date)) ? of : calendar([...new Set([...of.dates, ...days])].sort());
  };
}

function calendar(dates: readonly string[]): Calendar {
  return { dates, place: new Map(dates.map((date, i) => [date, i])) };
}

/** Gaps between the days on which it was seen, and after the last one. */
function longOnes(
  days: readonly string[],
  recent: readonly number[],
  { dates, place }: Calendar,
  starts: ReadonlyMap<string, string>,
  among: ReadonlyMap<string, number>,
): Silence[] {
  return days.flatMap((after, i) => {
    const until = days[i + 1] ?? null;
    const at = place.get(after) as number;
    const quiet = (until === null ? dates.length : (place.get(until) as number)) - at - 1;
    const withIt = recent[i] as number;
    // Of years and hundreds of errors most days end here.
    if (quiet < fewestQuietDays || withIt < daysOfAPattern) return [];
    const from = starts.get(after) as string;
    let past = 1;
    while (past <= at && (dates[at - past] as string) >= from) past++;
    // The chance of so many days without it, if it went on as before; of little that is known, little is sure (Laplace's rule of succession, with one
    // day more without it).
    let [chance, known_on] = [1, ''];
    for (let day = 0; day < quiet; day++) {
      chance *= (past + 1 - withIt + day) / (past + 1 + day);
      const isLong = day + 1 >= fewestQuietDays && chance * (among.get(after) ?? 1) <= 1 - enough;
      if (isLong && known_on === '') known_on = dates[at + 1 + day] as string;
    }
    if (known_on === '') return [];
    const sure = Math.floor((1 - chance * (among.get(after) ?? 1)) * 100 + 1e-9) / 100;
    return [{ after, until, known_on, confidence: Math.min(0.99, sure) }];
  });
}
