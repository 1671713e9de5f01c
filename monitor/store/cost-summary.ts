import type { Cost } from './store.ts';
import { type Countable, Sums } from './summary.ts';

/** Executions, calls or runs by what they are called, and what else was spent. */
export class CostSummary {
  readonly #named = new Map<string, Sums>();
  readonly #rest = new Sums();

  /** @param name null or empty: it has none. */
  count(name: string | null, row: Countable): void {
    this.#of(name).count(row, 1);
  }

  add(name: string | null, sums: Sums): void {
    this.#of(name).add(sums);
  }

  /** What the names do not tell: its money counts, and it does not. */
  countRest(row: Countable): void {
    this.#rest.count(row, 1);
  }

  addRest(sums: Sums): void {
    this.#rest.add(sums);
  }

  /** The dearest first, then by name. */
  rows(): Cost[] {
    const rest = this.#rest;
    if (rest.priced + rest.input_tokens + rest.output_tokens + rest.unpriced_calls > 0) {
      const { priced, cost_nano_usd, input_tokens, output_tokens, unpriced_calls } = rest;
      this.#of(null).add(
        Object.assign(new Sums(), { priced, cost_nano_usd, input_tokens, output_tokens, unpriced_calls }),
      );
    }
    return [...this.#named].map(costOf).sort(dearestFirst);
  }

  #of(name: string | null): Sums {
    const found = this.#named.get(name ?? '') ?? new Sums();
    this.#named.set(name ?? '', found);
    return found;
  }
}

function costOf([name, sums]: [string, Sums]): Cost {
  const { total: times, failed, cost, input_tokens, output_tokens, unpriced_calls } = sums;
  return { name: name || null, times, failed, cost_micro_usd: cost, input_tokens, output_tokens, unpriced_calls };
}

/** What is not known comes last. */
function dearestFirst(a: Cost, b: Cost): number {
  const [one, other] = [a.name ?? '', b.name ?? ''];
  return (b.cost_micro_usd ?? -1) - (a.cost_micro_usd ?? -1) || (one < other ? -1 : 1);
}
