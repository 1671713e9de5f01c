import { Histogram } from '../../store/histogram.ts';
import { count } from '../../words.ts';
import { datesOf } from '../periods.ts';
import type { Snapshot } from '../record.ts';

/** Days added up: seven of a week, or as many as are known. Null: of no day is it known. */
export interface WeekTotal {
  /** Those of which the ledger knows. */
  readonly days: number;
  /** Of these, those that it has whole: of the others the sums have what is left. */
  readonly whole_days: number;
  /** Those of which it is known what they cost; a day on which nothing ended cost nothing. */
  readonly cost_days: number;
  /** Those of which the escalation service knew. */
  readonly incident_days: number;
  readonly ended: number;
  readonly failed: number;
  readonly success_rate: number | null;
  /** Of what ended well, within 1 %. */
  readonly p95_ms: number | null;
  readonly cost_micro_usd: number | null;
  readonly failed_micro_usd: number | null;
  readonly unpriced_calls: number;
  readonly approvals_asked: number;
  readonly incidents_raised: number | null;
}

export function weekTotal(week: string, snapshots: readonly Snapshot[]): WeekTotal {
  const dates = new Set(datesOf(week));
  return totalOf(snapshots.filter(({ date }) => dates.has(date)));
}

/** What an average of days, and a change of it, may rest on: of a day that lost a part nobody knows how much work it was. */
export function onlyWhole(all: readonly Snapshot[]): Snapshot[] {
  return all.filter(({ ledger }) => ledger === 'known');
}

/** `7 of 7 days, 3 of them in part`. */
export function daysOfWeek({ days, whole_days }: WeekTotal): string {
  return `${days} of 7 days${whole_days < days ? `, ${days - whole_days} of them in part` : ''}`;
}

/** `6 (of 2 days)`: of fewer days than the rest of the total. */
export function ofDays(said: string, known: number, { days }: WeekTotal): string {
  return known < days ? `${said} (of ${count(known, 'day')})` : said;
}

export function totalOf(all: readonly Snapshot[]): WeekTotal {
  // Zeros of a ledger that has lost a day are no numbers; incidents are known of it all the same.
  const days = all.filter(({ ledger }) => ledger !== 'gone');
  const sum = (of: (day: Snapshot) => number) => days.reduce((total, day) => total + of(day), 0);
  const known = (of: (day: Snapshot) => number | null, among: readonly Snapshot[] = days) => {
    const values = among.flatMap((day) => of(day) ?? []);
    return values.length === 0 ? null : values.reduce((total, value) => total + value, 0);
  };
  const durations = new Histogram();
  for (const { work, rest } of days) {
    for (const one of work) durations.mergeText(one.durations);
    // Days that were remembered before there was a rest have none.
    if (rest) durations.mergeText(rest.work_durations);
  }
  const [ended, failed] = [sum(({ tasks }) => tasks.completed + tasks.failed), sum(({ tasks }) => tasks.failed)];
  return {
    ...{
      days: days.length,
      whole_days: onlyWhole(days).length,
      ended,
      failed,
      success_rate: ended === 0 ? null : 1 - failed / ended,
    },
    cost_days: days.filter(({ cost, tasks }) => cost.micro_usd !== null || tasks.completed + tasks.failed === 0).length,
    incident_days: all.filter(({ incidents }) => incidents.raised !== null).length,
    p95_ms: durations.percentiles([0.95])[0] ?? null,
    cost_micro_usd: known(({ cost }) => cost.micro_usd),
    failed_micro_usd: known(({ cost }) => cost.failed_micro_usd),
    unpriced_calls: sum(({ cost }) => cost.unpriced_calls),
    approvals_asked: sum(({ approvals }) => approvals.asked),
    incidents_raised: known(({ incidents }) => incidents.raised, all),
  };
}
