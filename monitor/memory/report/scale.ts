/** Scales and paths of charts. Pure. */

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** What a clock is divided by. */
const clock = [
  ...[1, 2, 5, 10, 15, 30].map((of) => of * second),
  ...[1, 2, 5, 10, 15, 30].map((of) => of * minute),
  ...[1, 2, 6, 12, 24].map((of) => of * hour),
];

/**
 * Round numbers from 0 to above the greatest, at most `most` steps apart.
 * @param of `count`: whole numbers; `time`: ms, by the clock; `amount`: any
 */
export function ticks(greatest: number, of: 'count' | 'time' | 'amount', most = 4): number[] {
  const least = greatest > 0 ? greatest / most : 1;
  const step = of === 'time' ? (clock.find((one) => one >= least) ?? decimal(least)) : decimal(least);
  const whole = of === 'count' ? Math.max(1, step) : of === 'time' && greatest < second ? decimal(least) : step;
  const count = Math.max(1, Math.ceil(greatest / whole - 1e-9));
  return Array.from({ length: count + 1 }, (_, i) => Number((i * whole).toPrecision(12)));
}

/** 1, 2 or 5 times a power of ten, not below. */
function decimal(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return Number(((([1, 2, 5].find((one) => one * power >= least - 1e-12) ?? 10) as number) * power).toPrecision(12));
}

/** From 0 to `domain`, onto pixels from `from` to `to`. */
export function linear(domain: number, from: number, to: number): (value: number) => number {
  return (value) => rounded(from + (domain === 0 ? 0 : value / domain) * (to - from));
}

/** A line that is broken where a value is not known; a value between two of these is a dot. */
export function linePath(points: readonly (readonly [x: number, y: number] | null)[]): string {
  return points
    .map((point, at) => point && `${points[at - 1] ? 'L' : 'M'}${point[0]} ${point[1]}`)
    .filter((part) => part !== null)
    .join('');
}

/** A tenth of a pixel is enough, and the same on every machine. */
export function rounded(value: number): number {
  return Math.round(value * 10) / 10 + 0;
}
