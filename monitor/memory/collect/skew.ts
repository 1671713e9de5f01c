/** How far a value is from others on a scale on which those are spread evenly to both sides. Pure. */

export type Curve = 'none' | 'root' | 'logarithm';

export interface Bent {
  /** In standard deviations. */
  away(value: number): number;
  /** What lies so many of them to either side, as it is measured. */
  within(away: number): readonly [low: number, high: number];
}

/** Below a microsecond nothing is measured. */
const least = 1e-6;

const curves: Readonly<Record<Curve, readonly [bend: (value: number) => number, back: (bent: number) => number]>> = {
  none: [(value) => value, (bent) => bent],
  root: [(value) => Math.sqrt(Math.max(0, value)), (bent) => Math.max(0, bent) ** 2],
  logarithm: [(value) => Math.log(Math.max(least, value)), (bent) => Math.exp(bent)],
};

/** The root of what comes by chance, one by one, has this standard deviation, however many come (M. S. Bartlett, 1936). */
const ofCounts = 0.5;
/** Four in five of a normal law are within so many standard deviations. */
const fourInFive = 1.2816;
/** Of what hardly ever comes nobody knows how much it can be: two or three times the most that was seen is nothing unusual. */
const ofRare = 0.5;

/** @param values at least one @param isCount of things that are counted one by one */
export function bend(curve: Curve, values: readonly number[], isCount: boolean): Bent {
  const [bend, back] = curves[curve];
  const sorted = values.map(bend).sort((a, b) => a - b);
  const middle = quantileOf(sorted, 0.5);
  const away = sorted.map((one) => Math.abs(one - middle)).sort((a, b) => a - b);
  const mad = quantileOf(away, 0.5);
  const mean = away.reduce((sum, one) => sum + one, 0) / away.length;
  // Buckets and prices come in steps: half of the days may be nearer than chance has them.
  const usual =
    mad > 0
      ? Math.max(1.4826 * mad, quantileOf(away, 0.8) / fourInFive)
      : Math.max(1.2533 * mean, ofRare * (away.at(-1) as number), quantileOf(away, 0.8) / fourInFive);
  const scale = Math.max(usual, isCount && curve === 'root' ? ofCounts : 0, Number.MIN_VALUE);
  return {
    away: (value) => Math.abs(bend(value) - middle) / scale,
    within: (far) => [back(middle - far * scale), back(middle + far * scale)],
  };
}

function quantileOf(sorted: readonly number[], of1: number): number {
  const at = of1 * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(at)] as number, sorted[Math.ceil(at)] as number];
  return below + (at - Math.floor(at)) * (above - below);
}
