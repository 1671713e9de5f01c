/** Numbers of a kind of work as a page tells them: with the interval that holds them in 95 of 100 cases. */
import type { Estimate } from '../../analysis/interval.ts';
import { share } from '../../words.ts';
import { type DayValues, quantileOfDays } from '../consolidate/day-values.ts';
import { fewest } from '../consolidate/sureness.ts';
import { failedShare, type Outcome } from '../consolidate/work-week.ts';

const confidence = 0.95;

/** Of few days it has no interval: how much days differ is not known. */
export function success(outcome: Outcome): string {
  const { ended, failed } = outcome;
  const found = successShare(outcome);
  return found || ended === 0 ? between(found, share) : share(1 - failed / ended);
}

/** What went well, in 1, as sure as its days bear. Undefined: nothing ended, or on too few days to say. */
export function successShare(outcome: Outcome): Estimate | undefined {
  const failed = failedShare(outcome, confidence);
  return failed && { value: 1 - failed.value, low: 1 - failed.high, high: 1 - failed.low };
}

/** Of few values there is a median, and nobody would rely on it. */
export function median(values: DayValues): Estimate | undefined {
  return values.length < fewest ? undefined : quantileOfDays(values, 0.5, confidence);
}

export function between(estimate: Estimate | undefined, said: (value: number) => string): string {
  if (!estimate) return '-';
  const end = (value: number) => (Number.isFinite(value) ? said(value) : '?');
  return `${said(estimate.value)} (${end(estimate.low)} to ${end(estimate.high)})`;
}
