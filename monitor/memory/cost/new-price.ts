/** What a call costs by the table of today, and why that cannot be said of some. Pure. (B05) */
import { costOf } from '../../../instrumentation/src/cost/cost.ts';
import type { Price, Rates } from '../../../instrumentation/src/cost/price.ts';
import { findPrice, type PriceQuery, type PriceTable } from '../../../instrumentation/src/cost/price-table.ts';
import type { ModelDay } from '../record.ts';
import { type Call, usageOf } from './call.ts';

export type NewPrice = { readonly nanoUsd: number } | { readonly left: Left };

/**
 * Why it is left as it was recorded.
 * - `no price`: the table has none for that model, day and service tier.
 * - `cached tokens not kept`: the row is older than their being kept, and cached tokens have another price.
 * - `counts contradict`: more cached tokens than input, say.
 * - `calls gone`: the ledger has deleted them, and the sums of their day do not tell what the price depends on.
 */
export type Left = 'no price' | 'cached tokens not kept' | 'counts contradict' | 'calls gone';

/** Rounded to whole nano-USD as the ledger rounds each call, so that an unchanged price changes nothing. */
export function newPrice(table: PriceTable, call: Call): NewPrice {
  const { provider, model, at, tier } = call;
  const query = { provider, model, at, tier };
  const price = findPrice(table, query);
  if (!price) return { left: 'no price' };
  const usage = usageOf(call) ?? (isFlat(table, query, price) ? { input: call.input, output: call.output } : undefined);
  if (!usage) return { left: 'cached tokens not kept' };
  const cost = costOf(usage, price);
  return cost.kind === 'priced' ? { nanoUsd: Math.round(cost.usd * 1e9) } : { left: 'counts contradict' };
}

/** Of a day's sum: exact only where each token has one price, whatever call it was of, and none was rounded. */
export function newPriceOfDay(table: PriceTable, date: string, { model, cost }: ModelDay): NewPrice {
  const query = { model, at: new Date(`${date}T00:00:00Z`) };
  const price = findPrice(table, query);
  if (!price) return { left: 'no price' };
  const { input, output } = price.rates;
  if (!isFlat(table, query, price) || input % picoPerNano !== 0n || output % picoPerNano !== 0n)
    return { left: 'calls gone' };
  const pico = BigInt(cost.input_tokens) * input + BigInt(cost.output_tokens) * output;
  return { nanoUsd: Number(pico / picoPerNano) };
}

const picoPerNano = 1000n;

/** Which tier a call had was not kept either; these are the ones that providers sell. */
const tiers = ['batch', 'flex', 'priority'];

/** Whether what is not known of old rows makes no difference: cached tokens, service tier; of sums, the length of each call. */
function isFlat(table: PriceTable, query: PriceQuery, { rates, longContext }: Price): boolean {
  const isOne = ({ input, cacheRead, cacheWrite, cacheWrite1h }: Rates) =>
    [cacheRead, cacheWrite, cacheWrite1h].every((rate) => rate === input);
  return isOne(rates) && !longContext && !tiers.some((tier) => findPrice(table, { ...query, tier }));
}
