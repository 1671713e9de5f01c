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

/** Round shares from below the least to 1: a rate near 1 that is drawn from 0 shows nothing. */
export function shareTicks(least: number): number[] {
  const step = Math.max(0.01, decimal(Math.max(0, 1 - least) / 4 || 0.01));
  const count = Math.ceil((1 - least) / step - 1e-9) || 1;
  return Array.from({ length: count + 1 }, (_, i) => Number(Math.max(0, 1 - (count - i) * step).toPrecision(12)));
}

/** 1, 2 or 5 times a power of ten, not below. */
function decimal(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return Number(((([1, 2, 5].find((one) => one * power >= least - 1e-12) ?? 10) as number) * power).toPrecision(12));
}

/** From `least` to `greatest`, onto pixels from `from` to `to`; what lies beyond ends at the edge. */
export function linear(
  [least, greatest]: readonly [number, number],
  from: number,
  to: number,
): (value: number) => number {
  const long = greatest - least;
  return (value) => rounded(from + (long === 0 ? 0 : Math.min(1, Math.max(0, (value - least) / long))) * (to - from));
}

/** A line that is broken where a value is not known; a value between two of these is a dot. */
export function linePath(points: readonly (readonly [x: number, y: number] | null)[]): string {
  return points
    .map((point, at) => point && `${points[at - 1] ? 'L' : 'M'}${point[0]} ${point[1]}`)
    .filter((part) => part !== null)
    .join('');
}

/** Between two lines, broken where they are. A single day is as wide as `alone` on either side. */
export function bandPath(
  points: readonly (readonly [x: number, low: number, high: number] | null)[],
  alone: number,
): string {
  const runs: (readonly [number, number, number])[][] = [];
  points.forEach((point, at) => {
    if (!point) return;
    if (points[at - 1]) runs.at(-1)?.push(point);
    else runs.push([point]);
  });
  return runs
    .map((run) => {
      const [first] = run as [readonly [number, number, number]];
      const wide =
        run.length > 1 ? run : [-alone, alone].map((by) => [rounded(first[0] + by), first[1], first[2]] as const);
      const there = wide.map(([x, , high]) => `${x} ${high}`);
      const back = wide.toReversed().map(([x, low]) => `${x} ${low}`);
      return `M${[...there, ...back].join('L')}Z`;
    })
    .join('');
}

/** A tenth of a pixel is enough, and the same on every machine. */
export function rounded(value: number): number {
  return Math.round(value * 10) / 10 + 0;
}
