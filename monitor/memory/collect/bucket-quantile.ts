/** A quantile of a classic histogram, as Prometheus' `histogram_quantile` reads it (promql/quantile.go). Pure. */

export interface Bucket {
  /** The last one has no end. */
  readonly upTo: number;
  /** Of all observations up to there. */
  readonly count: number;
}

/** Evenly spread within its bucket; above the last bound, that bound. Undefined: of nothing, or of no whole histogram. */
export function bucketQuantile(buckets: readonly Bucket[], of1: number): number | undefined {
  const sorted = buckets.toSorted((a, b) => a.upTo - b.upTo);
  // A bucket that lacks what a lower one has was read a moment earlier.
  let least = 0;
  const counts = sorted.map(({ count }) => {
    least = Math.max(least, count);
    return least;
  });
  const last = sorted.at(-1);
  if (sorted.length < 2 || last?.upTo !== Number.POSITIVE_INFINITY || least === 0) return undefined;
  const rank = of1 * least;
  const at = counts.findIndex((count) => count >= rank);
  const upTo = (sorted[at] as Bucket).upTo;
  const [from, before] = at === 0 ? [0, 0] : [(sorted[at - 1] as Bucket).upTo, counts[at - 1] as number];
  if (upTo === Number.POSITIVE_INFINITY) return from;
  if (at === 0 && upTo <= 0) return upTo;
  return from + ((upTo - from) * (rank - before)) / ((counts[at] as number) - before);
}
