/** Numbers of a kind of work as a page tells them: with the interval that holds them in 95 of 100 cases. */
import { type Estimate, quantileEstimate, type Sorted, shareEstimate } from '../../analysis/interval.ts';
import { share } from '../../cli/words.ts';
import { fewest } from '../consolidate/sureness.ts';

const confidence = 0.95;

export function success({ ended, failed }: { readonly ended: number; readonly failed: number }): string {
  return between(shareEstimate(ended - failed, ended, confidence), share);
}

/** Of few values there is a median, and nobody would rely on it. */
export function median(sorted: Sorted): Estimate | undefined {
  return sorted.length < fewest ? undefined : quantileEstimate(sorted, 0.5, confidence);
}

export function between(estimate: Estimate | undefined, said: (value: number) => string): string {
  if (!estimate) return '-';
  const end = (value: number) => (Number.isFinite(value) ? said(value) : '?');
  return `${said(estimate.value)} (${end(estimate.low)} to ${end(estimate.high)})`;
}
