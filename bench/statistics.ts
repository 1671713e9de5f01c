/** What the rounds of one measurement come to. `low` and `high` hold the middle half of them. */
export interface Summary {
  median: number;
  low: number;
  high: number;
  rounds: number;
}

/** Of at least one value. @throws RangeError without any. */
export function summarize(values: readonly number[]): Summary {
  return {
    median: quantile(values, 0.5),
    low: quantile(values, 0.25),
    high: quantile(values, 0.75),
    rounds: values.length,
  };
}

/** Linear between neighbours, as R and NumPy do by default. `share`: 0 to 1. */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new RangeError('Cannot summarize: no round was measured.');
  const sorted = values.toSorted((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const below = sorted[Math.floor(at)] as number;
  const above = sorted[Math.ceil(at)] as number;
  return below + (above - below) * (at - Math.floor(at));
}

/**
 * Each round against the same round of the baseline: 1 means equal. A machine that is slower for a while is slower for
 * both, and most of it cancels out.
 */
export function ratios(values: readonly number[], baseline: readonly number[]): number[] {
  if (values.length !== baseline.length)
    throw new RangeError(`Cannot compare: ${values.length} rounds with ${baseline.length}.`);
  return values.map((value, round) => value / (baseline[round] as number));
}

/** How much y rises for each x: the least squares. @throws RangeError without two different x. */
export function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanX, meanY] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))];
  const spread = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  if (!(spread > 0)) throw new RangeError('Cannot say how it grows: it was measured at one moment only.');
  return points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / spread;
}
