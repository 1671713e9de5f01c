/**
 * The chance that Student's t is at least this far from 0, on either side. Exact: for a whole number of degrees of freedom its distribution is a finite
 * sum (Abramowitz and Stegun, 26.7.3 and 26.7.4).
 * @param freedom whole, from 1 on.
 */
export function studentTails(t: number, freedom: number): number {
  const square = freedom / (freedom + t * t);
  const sine = Math.sqrt(1 - square);
  const isEven = freedom % 2 === 0;
  let term = isEven ? 1 : Math.sqrt(square);
  let sum = freedom === 1 ? 0 : term;
  for (let k = isEven ? 2 : 3; k < freedom; k += 2) {
    term *= (square * (k - 1)) / k;
    sum += term;
  }
  const within = isEven ? sine * sum : (2 / Math.PI) * (Math.atan(Math.abs(t) / Math.sqrt(freedom)) + sine * sum);
  return Math.min(1, Math.max(0, 1 - within));
}

/** How far from 0 this chance is left, on both sides together. */
export function studentLimit(chance: number, freedom: number): number {
  let [low, high] = [0, 1];
  while (studentTails(high, freedom) > chance) high *= 2;
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (studentTails(middle, freedom) > chance) low = middle;
    else high = middle;
  }
  return high;
}
