/**
 * Chances and intervals the long way: laws are added up piece by piece and ends are searched for, where the code that is held against them has formulas. What
 * is decided and not computed stands here once more, and is not judged by it: that three days are the fewest, that from five on an effect of two is believed, that from 2000
 * values on the law is normal. Whether these are good decisions is for the made-up worlds of fairness.test.ts to say.
 */

export interface Ends {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Of one day, how many of its own are counted. */
export interface DayShare {
  readonly count: number;
  readonly total: number;
}

/** Where a growing function reaches a value. */
function search(of: (at: number) => number, value: number, low: number, high: number): number {
  let [from, to] = [low, high];
  for (let i = 0; i < 60; i++) {
    const middle = (from + to) / 2;
    if (of(middle) < value) from = middle;
    else to = middle;
  }
  return (from + to) / 2;
}

/** Simpson's rule. */
function area(of: (at: number) => number, to: number, pieces = 400): number {
  const step = to / pieces;
  let sum = of(0) + of(to);
  for (let i = 1; i < pieces; i++) sum += of(i * step) * (i % 2 === 1 ? 4 : 2);
  return (sum * step) / 3;
}

const reaches = new Map<string, number>();

function remembered(key: string, made: () => number): number {
  const found = reaches.get(key) ?? made();
  reaches.set(key, found);
  return found;
}

/** Standard deviations on either side of the middle that hold this much of the normal law. */
export function normalReach(confidence: number): number {
  const within = (z: number) => area((at) => Math.exp((-at * at) / 2), z) * Math.sqrt(2 / Math.PI);
  return remembered(`z ${confidence}`, () => search(within, confidence, 0, 8));
}

/** The same of Student's law, which is that of the tangent of an angle. */
export function studentReach(confidence: number, freedom: number): number {
  const density = (angle: number) => Math.cos(angle) ** (freedom - 1);
  const whole = area(density, Math.PI / 2);
  const angle = () => search((to) => area(density, to) / whole, confidence, 0, Math.PI / 2);
  return remembered(`t ${confidence} ${freedom}`, () => Math.sqrt(freedom) * Math.tan(angle()));
}

/** As many tasks as tell what one alone does. Undefined: of so few days nobody knows. */
export function alone(days: readonly DayShare[], confidence: number): number | undefined {
  const some = days.filter(({ total }) => total > 0);
  if (some.length < 3) return undefined;
  const sum = (of: (one: DayShare) => number) => some.reduce((all, one) => all + of(one), 0);
  const [count, total] = [sum((one) => one.count), sum((one) => one.total)];
  if (count === 0 || count === total) return 1;
  const share = count / total;
  // The squares, each by itself.
  const squares =
    sum((one) => one.count ** 2) -
    2 * share * sum((one) => one.count * one.total) +
    share ** 2 * sum((one) => one.total ** 2);
  const effect = Math.max(1, ((some.length / (some.length - 1)) * squares) / (count * (1 - share)));
  if (effect <= 2 && some.length >= 5) return effect;
  return effect * Math.max(1, studentReach(confidence, some.length - 1) / normalReach(confidence)) ** 2;
}

/** Of the first as many, where another period shows that days differ more: by the likeness of two tasks of a day. */
export function aloneBeside(
  days: readonly DayShare[],
  other: readonly DayShare[],
  confidence: number,
): number | undefined {
  const [own, theirs] = [days, other].map((side) => alone(side, confidence));
  if (own === undefined || theirs === undefined) return undefined;
  const meanSize = (side: readonly DayShare[]) =>
    side.reduce((sum, { total }) => sum + total, 0) / side.filter(({ total }) => total > 0).length;
  const likeness = theirs <= 2 ? 0 : (theirs - 1) / Math.max(1, meanSize(other) - 1);
  return Math.max(own, 1 + Math.min(theirs - 1, likeness * (meanSize(days) - 1)));
}

/** The shares from which what was seen is just so many standard deviations away. */
export function shareEnds(share: number, total: number, confidence: number): Ends {
  const z = normalReach(confidence);
  const distance = (at: number) => (share - at) / Math.sqrt((at * (1 - at)) / total);
  return {
    value: share,
    low: share === 0 ? 0 : search((at) => -distance(at), -z, 1e-12, share),
    high: share === 1 ? 1 : search((at) => -distance(at), z, share, 1 - 1e-12),
  };
}

/** @param effect default: that of its own days */
export function shareOfDays(
  days: readonly DayShare[],
  confidence: number,
  effect = alone(days, confidence),
): Ends | undefined {
  const [count, total] = [days.reduce((sum, one) => sum + one.count, 0), days.reduce((sum, one) => sum + one.total, 0)];
  return effect === undefined ? undefined : shareEnds(count / total, total / effect, confidence);
}

/** How much more the second is than the first: Newcombe's square and add. */
export function moreBy(one: Ends, other: Ends): Ends {
  const value = other.value - one.value;
  return {
    value,
    low: value - Math.sqrt((other.value - other.low) ** 2 + (one.high - one.value) ** 2),
    high: value + Math.sqrt((other.high - other.value) ** 2 + (one.value - one.low) ** 2),
  };
}

/** As a share of the first. */
export function moreTimes(one: Ends, other: Ends): Ends {
  const log = ({ value, low, high }: Ends) => ({
    value: Math.log(value),
    low: Math.log(Math.max(0, low)),
    high: Math.log(high),
  });
  const { value, low, high } = moreBy(log(one), log(other));
  return { value: Math.exp(value) - 1, low: Math.exp(low) - 1, high: Math.exp(high) - 1 };
}

/** Of what each of some has more, as a share, the mean: the product of powers. */
export function meanTimes(all: readonly { readonly more: Ends; readonly weight: number }[]): Ends {
  const whole = all.reduce((sum, { weight }) => sum + weight, 0);
  const times = (of: (more: Ends) => number) =>
    all.reduce((product, { more, weight }) => product * (1 + of(more)) ** (weight / whole), 1);
  const middle = times((more) => more.value);
  const reach = (end: 'low' | 'high') =>
    Math.sqrt(
      all.reduce(
        (sum, { more, weight }) => sum + ((weight / whole) * Math.log((1 + more[end]) / (1 + more.value))) ** 2,
        0,
      ),
    );
  return {
    value: middle - 1,
    low: middle / Math.exp(reach('low')) - 1,
    high: middle * Math.exp(reach('high')) - 1,
  };
}

/** @param byDay all values, day by day */
export function quantileOfDays(
  byDay: readonly (readonly number[])[],
  of1: number,
  confidence: number,
  effect = alone(notAbove(byDay, of1), confidence),
): Ends | undefined {
  const sorted = byDay.flat().sort((a, b) => a - b);
  const n = sorted.length;
  if (n === 0) return undefined;
  const value = sorted[Math.max(1, Math.ceil(n * of1)) - 1] as number;
  if (effect === undefined) return undefined;
  const [low, high] = ranks(n, of1, confidence, effect);
  return { value, low: low < 1 ? -Infinity : (sorted[low - 1] as number), high: sorted[high - 1] ?? Infinity };
}

/** Of each day, how many are not above the quantile of all. */
export function notAbove(byDay: readonly (readonly number[])[], of1: number): DayShare[] {
  const sorted = byDay.flat().sort((a, b) => a - b);
  const value = sorted[Math.max(1, Math.ceil(sorted.length * of1)) - 1] as number;
  return byDay.map((day) => ({ count: day.filter((one) => one <= value).length, total: day.length }));
}

function ranks(n: number, of1: number, confidence: number, effect: number): [number, number] {
  if (effect > 1) {
    const { low, high } = shareEnds(of1, n / effect, confidence);
    return [Math.floor(n * low), Math.ceil(n * high) + 1];
  }
  if (n > 2000) {
    const reach = normalReach(confidence) * Math.sqrt(n * of1 * (1 - of1));
    return [Math.floor(n * of1 - reach), Math.ceil(n * of1 + reach) + 1];
  }
  const below = cumulated(n, of1);
  const tail = (1 - confidence) / 2;
  return [below.filter((chance) => chance <= tail).length, below.findIndex((chance) => chance >= 1 - tail) + 1];
}

const laws = new Map<string, readonly number[]>();

/** The chance that at most so many of n are below the quantile: one value after the other falls on either side. */
function cumulated(n: number, of1: number): readonly number[] {
  const known = laws.get(`${n} ${of1}`);
  if (known) return known;
  let law = new Float64Array(n + 1);
  law[0] = 1;
  for (let i = 1; i <= n; i++)
    for (let k = i; k >= 0; k--) law[k] = (law[k] as number) * (1 - of1) + (k > 0 ? (law[k - 1] as number) * of1 : 0);
  let sum = 0;
  law = law.map((chance) => (sum += chance));
  laws.set(`${n} ${of1}`, [...law]);
  return [...law];
}
