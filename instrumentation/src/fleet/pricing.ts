import { diag } from '@opentelemetry/api';
import { type Cost, costOf } from '../cost/cost.ts';
import { findPrice, loadPrices, type PriceTable } from '../cost/price-table.ts';
import type { Usage } from '../cost/usage.ts';
import { readSetting } from '../settings.ts';

export interface PricedCall {
  provider: string;
  model: string;
  /** The model that answered, where it said so: its price counts. */
  answeredBy: string | undefined;
  /** Service tier, where it has a price of its own. */
  tier: string | undefined;
  /** When the call began: its day's price counts. */
  at: Date;
}

let table: PriceTable | undefined;

/** What one call cost, at its day's price; FLEETSCOPE_PRICES_FILE adds to the shipped ones. Never a silent zero. (C01) */
export function priced({ provider, model, answeredBy, tier, at }: PricedCall, usage: Usage): Cost {
  table ??= load();
  const of = { provider, at, tier };
  const price = (answeredBy && findPrice(table, { ...of, model: answeredBy })) || findPrice(table, { ...of, model });
  return costOf(usage, price);
}

function load(): PriceTable {
  const loaded = loadPrices(readSetting('FLEETSCOPE_PRICES_FILE'));
  for (const warning of loaded.warnings) diag.warn(warning);
  return loaded.table;
}
