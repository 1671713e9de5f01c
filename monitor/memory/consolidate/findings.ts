/** Everything that a week shows, from the snapshots until its end. Pure: the same snapshots give the same findings, to the byte. */
import { beginOf, dateOf, datesOf, weekOf } from '../periods.ts';
import type { Finding, Snapshot } from '../record.ts';
import { agentTask } from './agent-task.ts';
import { changes } from './change.ts';
import { errorCourses, errorFindings } from './errors.ts';
import { held, lessons } from './lessons.ts';
import { modelChoice } from './model-choice.ts';
import { batchSize, toolChoice } from './way-choice.ts';

const dayMs = 86_400_000;

/**
 * @param snapshots of all days until the week's end, oldest first; later ones are not looked at.
 * @param earlier findings of the weeks before: what was learnt of them is held against this week.
 */
export function findingsOf(week: string, snapshots: readonly Snapshot[], earlier: readonly Finding[]): Finding[] {
  const dates = datesOf(week);
  const end = dates.at(-1) as string;
  const until = snapshots.filter(({ date, state }) => date <= end && state === 'final');
  const within = (from: readonly string[]) => until.filter(({ date }) => from.includes(date));
  const [now, before] = [within(dates), within(datesOf(weekBefore(week)))];
  const past = earlier.filter((finding) => finding.week < week);
  const known = held(lessons(past, weekBefore(week)));
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
