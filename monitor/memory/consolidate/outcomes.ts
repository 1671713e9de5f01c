import type { Decision } from '../record.ts';

/** `41 went well, 3 failed`: what came of decisions, without what came of none. */
export function outcomes(decisions: readonly Decision[]): string {
  const of = (outcome: Decision['outcome']) => decisions.filter((one) => one.outcome === outcome).length;
  const told = [
    [of('success'), 'went well'],
    [of('failure'), 'failed'],
    [of('unknown'), 'not over when the day was closed'],
  ] as const;
  return told.flatMap(([times, what]) => (times > 0 ? [`${times} ${what}`] : [])).join(', ');
}
