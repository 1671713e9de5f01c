/** So many events that it takes three bad ones to go beyond a share: one is a mishap, two may be. 0.02 → 100. */
export function fewest(share: number): number {
  return Math.ceil(2 / share - 1e-9);
}
