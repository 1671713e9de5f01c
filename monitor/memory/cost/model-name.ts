/** One name for a model, whoever wrote it: `gpt-4o-2024-08-06`, `openai/gpt-4o`, `Claude Haiku 4.5`. */
import { readModelId } from '../../../instrumentation/src/cost/model-id.ts';
import { findPrice, type PriceTable } from '../../../instrumentation/src/cost/price-table.ts';

export interface ModelName {
  readonly name: string;
  /** Whether the price table knows it on that day. */
  readonly isKnown: boolean;
}

/** That of the price table; of what is not in it, the id without its date and what gateways put around it. */
export function modelName(table: PriceTable, provider: string | undefined, written: string, date: string): ModelName {
  // Until the end of the day: a price that begins on it is known.
  const at = new Date(`${date}T23:59:59.999Z`);
  const id = written.trim().replaceAll(/\s+/g, '-');
  const price = findPrice(table, { provider, model: id, at });
  if (price) return { name: price.model, isKnown: true };
  return { name: readModelId(id).spellings.at(-1) ?? id, isKnown: false };
}
