import type { LedgerRow } from '../../examples/fleet/model-server/ledger.ts';
import prices from '../../instrumentation/src/cost/prices.json' with { type: 'json' };

/**
 * What the provider would bill, in USD, from the file of prices and the server's own count: not by the code that is tested.
 * Undefined: the model has no price.
 */
export function bill({ provider, model, tokens }: LedgerRow): number | undefined {
  const listed = prices.providers[provider].models as Record<string, { prices: Record<string, unknown>[] }>;
  const price = listed[model]?.prices.at(-1);
  if (!price) return undefined;
  const plain = tokens.input - tokens.cachedInput - tokens.cacheWrittenInput;
  const usd = (kind: string) => Number(price[kind] ?? price.input);
  return (
    (plain * usd('input') +
      tokens.cachedInput * usd('cacheRead') +
      tokens.cacheWrittenInput * usd('cacheWrite') +
      tokens.output * usd('output')) /
    1e6
  );
}
