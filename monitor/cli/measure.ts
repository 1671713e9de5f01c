import type { Measured } from '../analysis/compare.ts';
import type { Measure } from '../analysis/trend.ts';
import { duration, money, share } from '../words.ts';

/** A number of an analysis in its own unit. */
export function measure(name: Measured['measure'] | Measure, number: number | null): string {
  if (number === null) return '-';
  if (name === 'error_rate') return share(number);
  if (name === 'executions') return `${number}`;
  return /_ms$/.test(name) ? duration(number) : money(number);
}
