/** Sums of money of which a part may not be known. */

/** Micro-USD; null as long as nothing is known: that is not nothing. In whole nano-USD, so that the order does not matter. (C01) */
export function sumMicroUsd(amounts: Iterable<number | null>): number | null {
  let nano: number | null = null;
  for (const amount of amounts) if (amount !== null) nano = (nano ?? 0) + Math.round(amount * 1000);
  return nano === null ? null : nano / 1000;
}
