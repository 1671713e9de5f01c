/** What runs will cost, by what runs like them did cost. Pure. */
import type { Orchestration } from '../ledger/record.ts';
import { quantile, zOf } from './interval.ts';
import { mulberry32 } from './mulberry32.ts';

export interface CostEstimate {
  /** Runs it rests on. */
  readonly sample: number;
  /** Runs like them of whose money nothing or not all is known: they are not in it. */
  readonly unknown: number;
  /** One run: the middle one, and what nine in ten stay under. */
  readonly p50_micro_usd: number;
  readonly p90_micro_usd: number;
  /** So many of them together: expected, and what it lies between. */
  readonly runs: number;
  readonly expected_micro_usd: number;
  readonly low_micro_usd: number;
  readonly high_micro_usd: number;
}

export interface EstimateOptions {
  /** How many are to run. Default: 1. */
  readonly runs?: number;
  /** Default: 0.9. */
  readonly confidence?: number;
  /** Of fewer, too much has not been seen yet. Default: 10, 2 at least. */
  readonly minimumSample?: number;
}

/**
 * Of runs that have ended, failed ones included: some will fail again. Draws as many runs as there are to be from those
 * that were, two thousand times, always the same ones. Undefined: fewer are known than the minimum. (R05)
 */
export function estimateCost(
  like: Iterable<Pick<Orchestration, 'status' | 'cost_micro_usd' | 'unpriced_calls'>>,
  { runs = 1, confidence = 0.9, minimumSample = 10 }: EstimateOptions = {},
): CostEstimate | undefined {
  let unknown = 0;
  const known: number[] = [];
  for (const { status, cost_micro_usd, unpriced_calls } of like) {
    if (status === 'running') continue;
    if (cost_micro_usd === null || unpriced_calls > 0) unknown += 1;
    else known.push(cost_micro_usd);
  }
  if (known.length < Math.max(2, minimumSample)) return undefined;
  const costs = Float64Array.from(known).sort();
  const mean = costs.reduce((sum, cost) => sum + cost, 0) / costs.length;
  const [low, high] = range(costs, mean, runs, confidence);
  return {
    ...{ sample: costs.length, unknown },
    ...{ p50_micro_usd: at(costs, 0.5), p90_micro_usd: at(costs, 0.9) },
    ...{ runs, expected_micro_usd: mean * runs, low_micro_usd: low, high_micro_usd: high },
  };
}

const draws = 2000;
/** Of more, another sample differs by its mean alone, which is as good as normal, and drawing it takes long. */
const resampledUpTo = 100;
/** Beyond it a sum is as good as normal, and drawing it takes long. */
const drawnUpTo = 200;

/** What the sum lies between: as the runs to come stray, and as their mean does, which is known from a sample only. */
function range(costs: Float64Array, mean: number, runs: number, confidence: number): [number, number] {
  const expected = mean * runs;
  const wider = widening(costs.length, confidence);
  const variance = costs.reduce((sum, cost) => sum + (cost - mean) ** 2, 0) / costs.length;
  if (runs > drawnUpTo) {
    const reach = zOf(confidence) * Math.sqrt(variance * runs + (variance * runs ** 2) / costs.length);
    return [Math.max(0, expected - reach * wider), expected + reach * wider];
  }
  const random = mulberry32(0x5eed);
  const sample = costs.length;
  const isSmall = sample <= resampledUpTo;
  const from = isSmall ? new Float64Array(sample) : costs;
  const reach = runs * Math.sqrt(variance / sample);
  const sums = new Float64Array(draws);
  // Up to half a million draws: nothing is made or called in them that need not be.
  for (let draw = 0; draw < draws; draw++) {
    // The sample might as well have been another one.
    if (isSmall) for (let i = 0; i < sample; i++) from[i] = costs[(random() * sample) | 0] as number;
    let sum = isSmall ? 0 : reach * normal(random);
    for (let run = 0; run < runs; run++) sum += from[(random() * sample) | 0] as number;
    sums[draw] = sum;
  }
  sums.sort();
  const [low, high] = [at(sums, (1 - confidence) / 2), at(sums, (1 + confidence) / 2)];
  return [Math.max(0, expected - (expected - low) * wider), expected + (high - expected) * wider];
}

/** A small sample strays less than what it is of, and hides how much: by `n / (n − 1)`, and Student's t instead of the normal law. */
function widening(sample: number, confidence: number): number {
  const z = zOf(confidence);
  const free = sample - 1;
  // Abramowitz and Stegun 26.7.5.
  const t =
    z +
    (z ** 3 + z) / (4 * free) +
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * free ** 2) +
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * free ** 3);
  return (t / z) * Math.sqrt(sample / free);
}

function at(sorted: Float64Array, of1: number): number {
  return quantile(sorted, of1) as number;
}

/** Box and Muller's. */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
