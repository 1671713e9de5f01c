/**
 * Hours of which the ledger seems to lack work. Others tell it: Prometheus, which counted tasks of which there is no row, or, where Prometheus does not
 * tell, the hours around, that were full. Only what each of them has is said; why, nobody knows from here. Pure. (M01)
 */
import { beginOf, lengthOf } from '../periods.ts';
import type { MetricHour } from '../record.ts';
import type { LedgerHours } from './ledger-hours.ts';

export interface LostHours {
  /** In which Prometheus counted more tasks than there are rows for, in order. */
  readonly fewer: readonly string[];
  /** Tasks that began and ended in these hours, by Prometheus; and those that the ledger has of them. */
  readonly counted: number;
  readonly there: number;
  /** Without any row, between hours with many, of which Prometheus does not tell. */
  readonly silent: readonly string[];
}

/** Of an hour, less than a tenth may lack; of a day, 20 tasks: so many a process takes with it that dies before it has sent them. */
const [leastShare, fewestLost] = [0.1, 20];

/** From so much of an hour on, Prometheus was there all the time: a restart is none. */
const wholeFrom = 0.95;

/** Next to so many rows an hour without one is no chance. */
const many = 20;

/**
 * A counted task has a row that began in the same hour, or before: its sender may have been silent for a while. So what the ledger has of an hour and
 * Prometheus has not counted yet is there for later hours, and only what is left without a row is lacking.
 * What began while Prometheus was away is counted in the next hour, as what it hears first, or never.
 * @param hours of the day, in order, and before them the last one of the day before. @param rows of Prometheus, of the same hours
 * @param before tasks that began just before the day: they may be counted in it. @param cutoffMs what ended later has no row yet
 */
export function lostHours(
  [eve, ...hours]: readonly string[],
  rows: readonly MetricHour[],
  ledger: LedgerHours,
  before: number,
  cutoffMs: number,
): LostHours {
  const counts = (metric: string): Counted => {
    const all = rows.filter((row) => row.metric === metric && Object.keys(row.labels).length === 0);
    return new Map(all.map((row) => [row.hour, row]));
  };
  const [started, completed, failed] = [counts('tasks_started'), counts('tasks_completed'), counts('tasks_failed')];
  const tasksIn = (of: Counted, hour: string) => of.get(hour)?.value ?? 0;
  let [spare, uncounted] = [before, 0];
  const lacking = hours.flatMap((hour, at) => {
    const begun = tasksIn(started, hour);
    const { tasks } = ledger.of(hour);
    // What has not ended has no row yet: no more began and ended than either says, nor than tasks take so long.
    const over = begun * (1 - ledger.longerThan(cutoffMs - beginOf(hour) - lengthOf(hour)));
    const counted = Math.min(over, tasksIn(completed, hour) + tasksIn(failed, hour));
    const lost = counted - tasks - spare - uncounted;
    const [more, fewer] = [Math.max(0, begun - tasks - uncounted), Math.max(0, tasks - begun)];
    const isWhole = isWholeHour(started.get(hour));
    spare = Math.max(0, spare - more) + (isWhole ? fewer : 0);
    uncounted = isWhole ? 0 : fewer;
    // After an hour in which nobody was heard, what is heard may be of any hour before.
    const isHeard = typeof started.get(hours[at - 1] ?? `${eve}`)?.value === 'number';
    return isHeard && lost > 0 && lost >= leastShare * counted ? [{ hour, lost, counted, there: tasks }] : [];
  });
  const sum = (of: (one: (typeof lacking)[number]) => number) => lacking.reduce((all, one) => all + of(one), 0);
  const told = sum(({ lost }) => lost) < fewestLost ? [] : lacking;
  return {
    fewer: told.map(({ hour }) => hour),
    counted: told.length === 0 ? 0 : Math.round(sum((one) => one.counted)),
    there: told.length === 0 ? 0 : sum((one) => one.there),
    silent: silentOnes(hours, started, ledger),
  };
}

type Counted = ReadonlyMap<string, MetricHour>;

/** While it was away, tasks began that nobody has counted. */
function isWholeHour(row: MetricHour | undefined): boolean {
  return row !== undefined && row.coverage >= wholeFrom;
}

/** Where Prometheus was there, and agents send it what they do, an hour in which none sent is one in which none worked. */
function silentOnes(hours: readonly string[], started: Counted, ledger: LedgerHours): string[] {
  const rows = hours.map((hour) => ledger.of(hour).rows);
  const isToldOf = [...started.values()].some(({ value }) => value !== null);
  return hours.filter((hour, at) => {
    const gap = started.get(hour)?.gap;
    if (rows[at] !== 0 || gap === null || (gap === 'nothing sent' && isToldOf)) return false;
    const isAny = (count: number) => count > 0;
    const [last, next] = [rows.slice(0, at).findLast(isAny), rows.slice(at).find(isAny)];
    return (last ?? 0) >= many && (next ?? 0) >= many;
  });
}
