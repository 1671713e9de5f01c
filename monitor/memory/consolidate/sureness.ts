/** How sure a claim is that was one of many. */

/** Nobody is surer than this of what he has only seen. */
const most = 0.99;

/** What a claim must have to be made: one false one in twenty weeks, among all claims of its kind. */
export const enough = 0.95;

/** Observations that a side must have before it is compared. */
export const fewest = 20;

/**
 * The confidence with which a claim holds although `among` of them were looked at (Bonferroni), 0 where it does not hold at all.
 * @param holds whether an interval of this confidence bears it: what a wider one bears, a narrower one does.
 */
export function sureness(holds: (confidence: number) => boolean, among: number): number {
  if (holds(single(most, among))) return most;
  let [low, high] = [0, most];
  if (!holds(single(low, among))) return 0;
  // Hundredths are told; thousandths are enough to round them.
  while (high - low > 0.0005) {
    const middle = (low + high) / 2;
    if (holds(single(middle, among))) low = middle;
    else high = middle;
  }
  return Math.floor(low * 100) / 100;
}

/** Of one interval, the most that is asked of it. */
export function surest(among: number): number {
  return single(most, among);
}

function single(together: number, among: number): number {
  return 1 - (1 - together) / Math.max(1, among);
}
