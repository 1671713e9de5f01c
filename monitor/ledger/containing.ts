/** Which of many intervals lasts from before another one until after it, and is the shortest: of n and m in (n + m) log n. */

interface Interval {
  readonly startMs: number;
  readonly endMs: number;
}

/** For each of `inner` the shortest of `outer` that it is inside of; of two that are as long, the first. None: it is not in the map. */
export function containing<Inner extends Interval, Outer extends Interval>(
  inner: readonly Inner[],
  outer: readonly Outer[],
): Map<Inner, Outer> {
  const found = new Map<Inner, Outer>();
  if (outer.length === 0) return found;
  const shortest = new Shortest(outer);
  const places = outer.map((_, place) => place).sort((a, b) => startOf(outer, a) - startOf(outer, b));
  let begun = 0;
  for (const one of inner.toSorted((a, b) => a.startMs - b.startMs)) {
    for (; begun < places.length && startOf(outer, places[begun]) <= one.startMs; begun++)
      shortest.add(places[begun] as number);
    const place = shortest.endingFrom(one.endMs);
    if (place !== undefined) found.set(one, outer[place] as Outer);
  }
  return found;
}

function startOf(all: readonly Interval[], place: number | undefined): number {
  return (all[place as number] as Interval).startMs;
}

/** A Fenwick tree over ends, the latest first: of all that end so late or later, the shortest. */
class Shortest {
  readonly #all: readonly Interval[];
  /** Each end once. */
  readonly #ends: readonly number[];
  readonly #least: (number | undefined)[];

  constructor(all: readonly Interval[]) {
    this.#all = all;
    this.#ends = [...new Set(all.map(({ endMs }) => endMs))].sort((a, b) => b - a);
    this.#least = new Array<number | undefined>(this.#ends.length + 1).fill(undefined);
  }

  add(place: number): void {
    const { endMs } = this.#all[place] as Interval;
    for (let at = this.#countFrom(endMs); at < this.#least.length; at += at & -at)
      this.#least[at] = this.#shorter(this.#least[at], place);
  }

  endingFrom(ms: number): number | undefined {
    let found: number | undefined;
    for (let at = this.#countFrom(ms); at > 0; at -= at & -at) {
      const other = this.#least[at];
      if (other !== undefined) found = this.#shorter(found, other);
    }
    return found;
  }

  /** How many ends are not before it. */
  #countFrom(ms: number): number {
    let [low, high] = [0, this.#ends.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#ends[middle] as number) >= ms) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #shorter(one: number | undefined, other: number): number {
    if (one === undefined) return other;
    return (this.#length(one) - this.#length(other) || one - other) <= 0 ? one : other;
  }

  #length(place: number): number {
    const { startMs, endMs } = this.#all[place] as Interval;
    return endMs - startMs;
  }
}
