/** Intervals that say how sure a number is. No distribution is assumed, nothing is drawn by chance: the same rows give the same. */

/** From and to, both in it. An end that the sample is too small for is infinite. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

export interface Estimate extends Interval {
  readonly value: number;
}

/** Values in ascending order: a list, or what answers as one. */
export interface Sorted {
  readonly length: number;
  at(index: number): number | undefined;
}

/** The smallest value that a share `of1` of them is not above; of no values: undefined. */
export function quantile(sorted: Sorted, of1: number): number | undefined {
  return sorted.at(Math.max(0, Math.ceil(sorted.length * of1) - 1));
}

/**
 * A quantile between two of the values, as the binomial law allows: https://en.wikipedia.org/wiki/Order_statistic
 * @param effect of the design, as of `shareEstimate`: then between the two that Wilson's interval of its share names (R. S. Woodruff, 1952)
 */
export function quantileEstimate(sorted: Sorted, of1: number, confidence: number, effect = 1): Estimate | undefined {
  const value = quantile(sorted, of1);
  if (value === undefined) return undefined;
  const n = sorted.length;
  const [low, high] = effect > 1 ? fewerRanks(n, of1, confidence, effect) : ranks(n, of1, (1 - confidence) / 2);
  return {
    value,
    low: low < 1 ? Number.NEGATIVE_INFINITY : (sorted.at(low - 1) as number),
    high: high > sorted.length ? Number.POSITIVE_INFINITY : (sorted.at(high - 1) as number),
  };
}

/**
 * How many of `total` in 1: Wilson's interval, which holds for few and for none, too.
 * @param effect of the design (`designEffect`): so many tell as much as one that is alone
 */
export function shareEstimate(count: number, total: number, confidence: number, effect = 1): Estimate | undefined {
  if (total === 0) return undefined;
  const share = count / total;
  const { low, high } = wilson(share, total / effect, confidence);
  return { value: share, low: count === 0 ? 0 : Math.max(0, low), high: count === total ? 1 : Math.min(1, high) };
}

function wilson(share: number, total: number, confidence: number): Interval {
  const z = zOf(confidence);
  const middle = (share + z ** 2 / (2 * total)) / (1 + z ** 2 / total);
  const reach = (z / (1 + z ** 2 / total)) * Math.sqrt((share * (1 - share)) / total + z ** 2 / (4 * total ** 2));
  return { low: middle - reach, high: middle + reach };
}

/**
 * By how much a share varies more from cluster to cluster (days) than chance alone has it, from 1: a bad day is one event, however many tasks it strikes.
 * Of one cluster nothing is known: 1. https://en.wikipedia.org/wiki/Design_effect
 */
export function designEffect(clusters: readonly { readonly count: number; readonly total: number }[]): number {
  const some = clusters.filter(({ total }) => total > 0);
  const [count, total] = [sum(some.map((one) => one.count)), sum(some.map((one) => one.total))];
  if (some.length < 2 || count === 0 || count === total) return 1;
  const share = count / total;
  const squares = sum(some.map((one) => (one.count - share * one.total) ** 2));
  return Math.max(1, ((some.length / (some.length - 1)) * squares) / (total * share * (1 - share)));
}

function sum(values: readonly number[]): number {
  return values.reduce((all, one) => all + one, 0);
}

/** `after − before`, each with its own interval: Zou and Donner's MOVER, for two shares that of Newcombe. */
export function difference(before: Estimate, after: Estimate): Estimate {
  const value = after.value - before.value;
  return {
    value,
    low: value - Math.hypot(after.value - after.low, before.high - before.value),
    high: value + Math.hypot(after.high - after.value, before.value - before.low),
  };
}

/** `after / before − 1`: 0.5 is half as much again. Of what is not above 0 there is none. */
export function relativeChange(before: Estimate, after: Estimate): Estimate | undefined {
  if (before.value <= 0 || after.value <= 0) return undefined;
  const { value, low, high } = difference(logarithm(before), logarithm(after));
  return { value: Math.expm1(value), low: Math.expm1(low), high: Math.expm1(high) };
}

/** Of relative changes the mean, each with its weight: by MOVER, too, which holds for any sum (Zou, Huang and Zhang, 2009). */
export function meanChange(all: readonly { readonly change: Estimate; readonly weight: number }[]): Estimate {
  const whole = sum(all.map(({ weight }) => weight));
  const logs = all.map(({ change, weight }) => {
    const { value, low, high } = change;
    const [middle, from, to] = [value, low, high].map((one) => Math.log1p(one) * (weight / whole));
    return { value: middle as number, low: from as number, high: to as number };
  });
  const value = sum(logs.map((one) => one.value));
  const low = value - Math.hypot(...logs.map((one) => one.value - one.low));
  const high = value + Math.hypot(...logs.map((one) => one.high - one.value));
  return { value: Math.expm1(value), low: Math.expm1(low), high: Math.expm1(high) };
}

function logarithm({ value, low, high }: Estimate): Estimate {
  return { value: Math.log(value), low: low <= 0 ? Number.NEGATIVE_INFINITY : Math.log(low), high: Math.log(high) };
}

/** By how many standard deviations the middle `confidence` of a normal law reaches. Error below 5e-4 (Abramowitz and Stegun 26.2.23). */
export function zOf(confidence: number): number {
  const t = Math.sqrt(-2 * Math.log((1 - confidence) / 2));
  return t - (2.515517 + 0.802853 * t + 0.010328 * t ** 2) / (1 + 1.432788 * t + 0.189269 * t ** 2 + 0.001308 * t ** 3);
}

/** The ranks, from 1, between which the quantile lies but for `tail` on either side. 0 and n + 1: beyond the sample. */
function ranks(n: number, of1: number, tail: number): [number, number] {
  if (n > exactUpTo) {
    const [middle, reach] = [n * of1, zOf(1 - 2 * tail) * Math.sqrt(n * of1 * (1 - of1))];
    return [Math.floor(middle - reach), Math.ceil(middle + reach) + 1];
  }
  // P(at most k of n lie below the quantile), k from 0.
  let below = 0;
  let low = 0;
  let high = n + 1;
  let term = n * Math.log1p(-of1);
  const step = Math.log(of1) - Math.log1p(-of1);
  for (let k = 0; k <= n; k++) {
    if (k > 0) term += Math.log((n - k + 1) / k) + step;
    below += Math.exp(term);
    if (below <= tail) low = k + 1;
    if (below >= 1 - tail) {
      high = k + 1;
      break;
    }
  }
  return [low, high];
}

/** The same where so many of them tell as much as one that is alone. */
function fewerRanks(n: number, of1: number, confidence: number, effect: number): [number, number] {
  const { low, high } = wilson(of1, n / effect, confidence);
  return [Math.floor(n * low), Math.ceil(n * high) + 1];
}

/** Beyond it, the normal law is as good as the binomial one. */
const exactUpTo = 2000;
