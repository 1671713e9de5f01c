/**
 * History by the prices of today: of each call that the ledger still has, and of days whose calls are gone, where their sums suffice. Changes nothing: what comes of
 * it is a record of its own (repricings.ts). The same rows and the same table give the same answer. (B05, C01)
 */
import type { PriceTable } from '../../../instrumentation/src/cost/price-table.ts';
import type { Ledger } from '../../store/store.ts';
import { beginOf } from '../periods.ts';
import type { MemoryStore } from '../store/memory-store.ts';
import { type Call, callOf } from './call.ts';
import { type Left, type NewPrice, newPrice, newPriceOfDay } from './new-price.ts';

export interface RepriceOptions {
  readonly ledger: Pick<Ledger, 'stepsBetween'>;
  /** Undefined: nothing is remembered of days whose calls are gone. */
  readonly memory?: Pick<MemoryStore, 'snapshot'> | undefined;
  readonly table: PriceTable;
  /** Days in UTC, both in it. */
  readonly from: string;
  readonly through: string;
}

/** A model on a day. Money is micro-USD, exact to the nano-USD. */
export interface RepricedDay {
  readonly date: string;
  /** As the ledger names it. */
  readonly model: string;
  readonly calls: number;
  /** As it was recorded. Null: nothing was known. */
  readonly old_micro_usd: number | null;
  /** Calls that are left as they were are in it with what was recorded of them. */
  readonly new_micro_usd: number | null;
  readonly difference_micro_usd: number;
  /** Calls with tokens and no price, before and now. */
  readonly old_unpriced_calls: number;
  readonly new_unpriced_calls: number;
  /** Calls that could not be priced anew, by the reason. */
  readonly left: { readonly [Why in Left]?: number };
}

const dayMs = 86_400_000;

/** Models on days of which something changes or is left, in order; the others cost what they did. */
export async function reprice(options: RepriceOptions): Promise<RepricedDay[]> {
  const found: RepricedDay[] = [];
  for (let ms = beginOf(options.from); ms <= beginOf(options.through); ms += dayMs) {
    const sums = await sumsOf(options, ms);
    const days = [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, sum]) => sum.day());
    found.push(...days.filter(isTold));
  }
  return found;
}

async function sumsOf({ ledger, memory, table }: RepriceOptions, ms: number): Promise<Map<string, Sum>> {
  const date = new Date(ms).toISOString().slice(0, 10);
  const sums = new Map<string, Sum>();
  const sum = (model: string) => {
    const found = sums.get(model) ?? new Sum(date, model);
    sums.set(model, found);
    return found;
  };
  let isThere = false;
  const window = { sinceIso: new Date(ms).toISOString(), untilIso: new Date(ms + dayMs).toISOString() };
  for await (const step of ledger.stepsBetween(window)) {
    isThere = true;
    const call = callOf(step);
    if (call) sum(call.model).add(call, hasTokens(call) ? newPrice(table, call) : { left: 'no price' });
  }
  // Rows of a day are deleted run by run: where one is left, those of the others are not made up for.
  if (isThere) return sums;
  for (const model of (await memory?.snapshot(date))?.models ?? [])
    sum(model.model).addDay(model.calls, model.cost, newPriceOfDay(table, date, model));
  return sums;
}

/** One without tokens has nothing that a price is for. */
function hasTokens({ input, output }: Call): boolean {
  return input + output > 0;
}

/** Whole nano-USD: in which order calls come does not matter. */
class Sum {
  readonly #date: string;
  readonly #model: string;
  #calls = 0;
  readonly #nano = { old: 0, new: 0 };
  readonly #known = { old: false, new: false };
  readonly #unpriced = { old: 0, new: 0 };
  readonly #left: { [Why in Left]?: number } = {};

  constructor(date: string, model: string) {
    this.#date = date;
    this.#model = model;
  }

  add(call: Call, price: NewPrice): void {
    this.#add(1, call.nanoUsd, call.isUnpriced ? 1 : 0, price, hasTokens(call));
  }

  addDay(
    calls: number,
    cost: { micro_usd: number | null; unpriced_calls: number; input_tokens: number; output_tokens: number },
    price: NewPrice,
  ): void {
    const nano = cost.micro_usd === null ? null : Math.round(cost.micro_usd * 1000);
    this.#add(calls, nano, cost.unpriced_calls, price, cost.input_tokens + cost.output_tokens > 0);
  }

  #add(calls: number, nano: number | null, unpriced: number, price: NewPrice, isTold: boolean): void {
    this.#calls += calls;
    const isLeft = 'left' in price;
    const now = isLeft ? nano : price.nanoUsd;
    if (isLeft && isTold) this.#left[price.left] = (this.#left[price.left] ?? 0) + calls;
    this.#unpriced.old += unpriced;
    if (isLeft) this.#unpriced.new += unpriced;
    for (const [when, amount] of [
      ['old', nano],
      ['new', now],
    ] as const) {
      this.#known[when] ||= amount !== null;
      this.#nano[when] += amount ?? 0;
    }
  }

  day(): RepricedDay {
    const money = (when: 'old' | 'new') => (this.#known[when] ? this.#nano[when] / 1000 : null);
    return {
      ...{ date: this.#date, model: this.#model, calls: this.#calls },
      ...{ old_micro_usd: money('old'), new_micro_usd: money('new') },
      difference_micro_usd: (this.#nano.new - this.#nano.old) / 1000,
      ...{ old_unpriced_calls: this.#unpriced.old, new_unpriced_calls: this.#unpriced.new, left: this.#left },
    };
  }
}

function isTold(day: RepricedDay): boolean {
  const { old_micro_usd, new_micro_usd, old_unpriced_calls, new_unpriced_calls, left } = day;
  return old_micro_usd !== new_micro_usd || old_unpriced_calls !== new_unpriced_calls || Object.keys(left).length > 0;
}
