/** Two months side by side: changes in words, with how sure they are. Pure. */
import { difference, type Estimate } from '../../analysis/interval.ts';
import { share } from '../../words.ts';
import { type Outcome, outcomeOf } from '../consolidate/work-week.ts';
import { successShare } from '../knowledge/measured.ts';
import type { Snapshot } from '../record.ts';

const names = [
  ...['January', 'February', 'March', 'April', 'May', 'June', 'July'],
  ...['August', 'September', 'October', 'November', 'December'],
];

/** `January 2026` */
export function monthName(month: string): string {
  return `${names[Number(month.slice(5)) - 1]} ${month.slice(0, 4)}`;
}

/** Of a month: what ended in it and failed, day by day, because a bad day is one event. */
export function monthOutcome(days: readonly Snapshot[]): Outcome {
  return outcomeOf(
    days.map(({ date, tasks: { completed, failed } }) => ({ date, day: { ended: completed + failed, failed } })),
  );
}

/** `91.2 to 92.7 %`: where the share lies in 95 of 100 cases. */
export function between({ low, high }: Estimate): string {
  return `${(low * 100).toFixed(1)} to ${share(high)}`;
}

export interface ShareChange {
  /** `3.4 points less`; where both may as well be equal: `not to be told apart`. */
  readonly text: string;
  /** `2.5 to 4.3 points`, the smaller first. */
  readonly range: string;
  /** Undefined: it may be chance. */
  readonly points: number | undefined;
}

/** Of the share that went well. Undefined: of one of them it is not known, or of too few days. */
export function successChange(now: Outcome, before: Outcome | undefined): ShareChange | undefined {
  const [is, was] = [successShare(now), before && successShare(before)];
  if (!is || !was) return undefined;
  const { value, low, high } = difference(was, is);
  const point = (of: number) => (Math.abs(of) * 100).toFixed(1);
  if (low <= 0 && high >= 0)
    return { text: 'not to be told apart', range: `${point(low)} less to ${point(high)} more`, points: undefined };
  const [least, most] = value > 0 ? [low, high] : [high, low];
  return {
    text: `${point(value)} points ${value > 0 ? 'more' : 'less'}`,
    range: `${point(least)} to ${point(most)}`,
    points: value * 100,
  };
}

/** `12.0 % more`; undefined: it cannot be told. */
export function changed(now: number | null, before: number | null | undefined): string | undefined {
  if (now === null || !before) return undefined;
  const by = now / before - 1;
  return Math.abs(by) < 0.0005 ? 'not more' : `${share(Math.abs(by))} ${by > 0 ? 'more' : 'less'}`;
}

/** Of shares that are no counts, as of money: `1.2 points more`. */
export function points(now: number | null, before: number | null): string | undefined {
  if (now === null || before === null) return undefined;
  const by = (now - before) * 100;
  return Math.abs(by) < 0.05 ? 'not more' : `${Math.abs(by).toFixed(1)} points ${by > 0 ? 'more' : 'less'}`;
}

/** Months differ in length, and in how much of them is known. */
export function perDay(sum: number | null, days: number): number | null {
  return sum === null || days === 0 ? null : sum / days;
}
