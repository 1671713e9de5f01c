import type { Sorted } from '../analysis/interval.ts';

/** How many durations of each length: from it come percentiles within 1 %, and it can be added to, merged and taken from. */
export class Histogram {
  readonly #counts: Map<number, number>;

  constructor(counts: Iterable<readonly [number, number]> = []) {
    this.#counts = new Map(counts);
  }

  static parse(text: string): Histogram {
    const flat = JSON.parse(text) as number[];
    return new Histogram(
      flat.flatMap((bucket, at) => (at % 2 === 0 ? [[bucket, flat[at + 1] as number] as const] : [])),
    );
  }

  /** @param times negative: taken away. */
  add(durationMs: number, times: number): void {
    this.#add(bucketOf(durationMs), times);
  }

  merge(other: Histogram): void {
    for (const [bucket, times] of other.#counts) this.#add(bucket, times);
  }

  /** What another one wrote: hundreds of them are added up for one answer. */
  mergeText(text: string): void {
    const flat = JSON.parse(text) as number[];
    for (let at = 0; at < flat.length; at += 2) this.#add(flat[at] as number, flat[at + 1] as number);
  }

  #add(bucket: number, times: number): void {
    const sum = (this.#counts.get(bucket) ?? 0) + times;
    if (sum === 0) this.#counts.delete(bucket);
    else this.#counts.set(bucket, sum);
  }

  /** Of shares from 0 (the least) to 1 (the greatest), in ascending order: the smallest length that so many are not above. Null: there is none. */
  percentiles(shares: readonly number[]): (number | null)[] {
    const sorted = [...this.#counts].sort(([a], [b]) => a - b);
    const total = sorted.reduce((sum, [, times]) => sum + times, 0);
    let at = -1;
    let passed = 0;
    return shares.map((share) => {
      const rank = Math.max(1, Math.ceil(total * share));
      while (passed < rank && at < sorted.length - 1) passed += (sorted[++at] as [number, number])[1];
      return total === 0 ? null : lengthOf((sorted[at] as [number, number])[0]);
    });
  }

  /** All of them in ascending order, as if one after the other stood in a list. */
  sorted(): Sorted {
    const buckets = [...this.#counts].sort(([a], [b]) => a - b);
    let passed = 0;
    const ends = buckets.map(([, times]) => (passed += times));
    return {
      length: passed,
      at(index) {
        if (index < 0 || index >= passed) return undefined;
        let [low, high] = [0, ends.length - 1];
        while (low < high) {
          const middle = (low + high) >> 1;
          if ((ends[middle] as number) > index) high = middle;
          else low = middle + 1;
        }
        return lengthOf((buckets[low] as [number, number])[0]);
      },
    };
  }

  /** How many there are, and how many of them are not above a length, but for 1 %. */
  upTo(durationMs: number): { readonly count: number; readonly total: number } {
    const last = bucketOf(durationMs);
    let [count, total] = [0, 0];
    for (const [bucket, times] of this.#counts) {
      total += times;
      if (bucket <= last) count += times;
    }
    return { count, total };
  }

  /** Buckets and counts in turn, in the order of the buckets. */
  toString(): string {
    return JSON.stringify([...this.#counts].sort(([a], [b]) => a - b).flat());
  }
}

/** Below it each millisecond has a bucket of its own. */
const exactMs = 64;
/** How much longer each bucket reaches than the one before it: its middle is 1 % from its ends. */
const growth = Math.log(1.02);

export function bucketOf(durationMs: number): number {
  if (durationMs < exactMs) return Math.max(0, Math.round(durationMs));
  return exactMs + Math.floor(Math.log(durationMs / exactMs) / growth);
}

function lengthOf(bucket: number): number {
  if (bucket < exactMs) return bucket;
  return Math.round(exactMs * Math.exp((bucket - exactMs + 0.5) * growth));
}
