/**
 * The chance that Student's t is at least this far from 0, on either side. Exact for an even number of degrees of freedom, where its
 * distribution is a finite sum (Abramowitz and Stegun, 26.7.4).
 * @param freedom even, from 2 on.
 */
export function studentTails(t: number, freedom: number): number {
  const square = freedom / (freedom + t * t);
  const sine = Math.sqrt(1 - square);
  let [term, sum] = [1, 1];
  for (let k = 1; k < freedom / 2; k++) {
    term *= (square * (2 * k - 1)) / (2 * k);
    sum += term;
  }
  return Math.min(1, Math.max(0, 1 - sine * sum));
}
