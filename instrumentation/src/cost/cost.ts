import type { Price, Rates } from './price.ts';
import type { Usage } from './usage.ts';

/** In pico-USD (10⁻¹² USD), exact. They add up to the total, and each token is in one of them. */
export interface CostParts {
  /** Input that was neither read from nor written to a cache. */
  input: bigint;
  output: bigint;
  cacheRead: bigint;
  cacheWrite: bigint;
}

/** `unknown` is not zero: the tokens were used and somebody will be billed. */
export type Cost =
  | { kind: 'priced'; parts: CostParts; picoUsd: bigint; usd: number; price: Price; longContext: boolean }
  | { kind: 'unknown'; reason: string }
  | { kind: 'invalid'; reason: string };

/**
 * What one call cost, from its usage in canonical form and the price that `findPrice` gave. Cached tokens are priced as
 * cached and taken out of the input; reasoning is priced as the output it is part of. Counts that contradict each other
 * are named as `invalid` rather than priced.
 */
export function costOf(usage: Usage, price: Price | undefined): Cost {
  const reason = contradiction(usage);
  if (reason) return { kind: 'invalid', reason };
  if (!price) return { kind: 'unknown', reason: 'no price for this model, day and service tier' };
  const longContext = price.longContext !== undefined && usage.inputTokens > price.longContext.above;
  const parts = partsOf(usage, (longContext && price.longContext?.rates) || price.rates);
  const picoUsd = parts.input + parts.output + parts.cacheRead + parts.cacheWrite;
  return { kind: 'priced', parts, picoUsd, usd: toUsd(picoUsd), price, longContext };
}

/** The nearest double, in USD. The one place where money becomes a float: add up pico-USD, then convert. */
export function toUsd(picoUsd: bigint): number {
  return Number(`${picoUsd}e-12`);
}

function partsOf(usage: Usage, rates: Rates): CostParts {
  const uncached = usage.inputTokens - usage.cacheReadTokens - usage.cacheWriteTokens;
  const written5m = usage.cacheWriteTokens - usage.cacheWrite1hTokens;
  return {
    input: BigInt(uncached) * rates.input,
    output: BigInt(usage.outputTokens) * rates.output,
    cacheRead: BigInt(usage.cacheReadTokens) * rates.cacheRead,
    cacheWrite: BigInt(written5m) * rates.cacheWrite + BigInt(usage.cacheWrite1hTokens) * rates.cacheWrite1h,
  };
}

function contradiction(usage: Usage): string | undefined {
  for (const field of counts) {
    if (!Number.isSafeInteger(usage[field]) || usage[field] < 0)
      return `${field} is ${usage[field]}, not a whole number from 0`;
  }
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, cacheWrite1hTokens, reasoningTokens } = usage;
  if (cacheReadTokens + cacheWriteTokens > inputTokens)
    return `${cacheReadTokens} tokens read from and ${cacheWriteTokens} written to the cache are more than the ${inputTokens} of the input that includes them`;
  if (cacheWrite1hTokens > cacheWriteTokens)
    return `${cacheWrite1hTokens} tokens written for an hour are more than the ${cacheWriteTokens} written that include them`;
  if (reasoningTokens > outputTokens)
    return `${reasoningTokens} reasoning tokens are more than the ${outputTokens} of the output that includes them`;
  return undefined;
}

const counts = [
  'inputTokens',
  'outputTokens',
  'cacheReadTokens',
  'cacheWriteTokens',
  'cacheWrite1hTokens',
  'reasoningTokens',
] as const satisfies (keyof Usage)[];
