/** Everything that a week shows, from the snapshots until its end. Pure: the same snapshots give the same findings, to the byte. */
import { beginOf, dateOf, datesOf, weekOf } from '../periods.ts';
import type { Finding, PastDay, Snapshot } from '../record.ts';
import { agentTask } from './agent-task.ts';
import { changes } from './change.ts';
import { errorCourses, errorFindings } from './errors.ts';
import { held, lessons } from './lessons.ts';
import { modelChoice } from './model-choice.ts';
import { batchSize, toolChoice } from './way-choice.ts';

const dayMs = 86_400_000;

/**
 * @param snapshots of the week and the one before, oldest first; others are not looked at.
 * @param earlier findings of the weeks before: what was learnt of them is held against this week.
 * @param past all days until the week's end, oldest first: errors come back after months.
 */
export function findingsOf(
  week: string,
  snapshots: readonly Snapshot[],
  earlier: readonly Finding[],
  past: readonly PastDay[] = snapshots,
): Finding[] {
  const dates = datesOf(week);
  const end = dates.at(-1) as string;
  const isFinal = ({ date, state }: PastDay) => date <= end && state === 'final';
  const until = past.filter(isFinal);
  const within = (from: readonly string[]) => snapshots.filter((day) => from.includes(day.date) && isFinal(day));
  const [now, before] = [within(dates), within(datesOf(weekBefore(week)))];
  const found = earlier.filter((finding) => finding.week < week);
  const known = held(lessons(found, weekBefore(week)));
  return [
    ...agentTask(week, now, known),
    ...modelChoice(week, now, known),
    ...batchSize(week, now, known),
    ...toolChoice(week, now, known),
    ...changes(week, before, now),
    ...errorFindings(week, errorCourses(until, end), until, dates),
  ].sort((a, b) => (a.key < b.key ? -1 : 1));
}

export function weekBefore(week: string): string {
  return weekOf(beginOf(week) - 7 * dayMs);
}

/** The days of a week of which nothing is known. */
export function missingDays(week: string, snapshots: readonly Snapshot[]): string[] {
  const known = new Set(snapshots.map(({ date }) => date));
  return datesOf(week).filter((date) => !known.has(date));
}

export function lastDayOf(week: string): string {
  return dateOf(beginOf(week) + 6 * dayMs);
}
