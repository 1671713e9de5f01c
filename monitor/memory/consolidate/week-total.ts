import { Histogram } from '../../store/histogram.ts';
import { datesOf } from '../periods.ts';
import type { Snapshot } from '../record.ts';

/** Days added up: seven of a week, or as many as are known. Null: of no day is it known. */
export interface WeekTotal {
  readonly days: number;
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

export function totalOf(days: readonly Snapshot[]): WeekTotal {
  const sum = (of: (day: Snapshot) => number) => days.reduce((total, day) => total + of(day), 0);
  const known = (of: (day: Snapshot) => number | null) => {
    const values = days.flatMap((day) => of(day) ?? []);
    return values.length === 0 ? null : values.reduce((total, value) => total + value, 0);
  };
  const durations = new Histogram();
  for (const { work } of days) for (const one of work) durations.mergeText(one.durations);
  const [ended, failed] = [sum(({ tasks }) => tasks.completed + tasks.failed), sum(({ tasks }) => tasks.failed)];
  return {
    ...{ days: days.length, ended, failed, success_rate: ended === 0 ? null : 1 - failed / ended },
    p95_ms: durations.percentiles([0.95])[0] ?? null,
    cost_micro_usd: known(({ cost }) => cost.micro_usd),
    failed_micro_usd: known(({ cost }) => cost.failed_micro_usd),
    unpriced_calls: sum(({ cost }) => cost.unpriced_calls),
    approvals_asked: sum(({ approvals }) => approvals.asked),
    incidents_raised: known(({ incidents }) => incidents.raised),
  };
}
