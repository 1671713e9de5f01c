const firstMs = 1_000;
const longestMs = 30_000;
/** A process that ran this long is healthy again: its next crash counts as the first. */
export const healthyAfterMs = 60_000;

/** How long to wait before the nth restart in a row: 1 s, 2 s, 4 s … 30 s. */
export function restartDelayMs(crashesInARow: number): number {
  if (!Number.isInteger(crashesInARow) || crashesInARow < 1)
    throw new RangeError(`Cannot count crashes: need a whole number from 1, got ${crashesInARow}.`);
  return Math.min(longestMs, firstMs * 2 ** (crashesInARow - 1));
}
