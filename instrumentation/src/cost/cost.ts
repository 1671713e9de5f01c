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
  const all = withZeros(usage);
  const reason = contradiction(all);
  if (reason) return { kind: 'invalid', reason };
  if (!price) return { kind: 'unknown', reason: 'no price for this model, day and service tier' };
  const longContext = price.longContext !== undefined && usage.input > price.longContext.above;
  const parts = partsOf(all, (longContext && price.longContext?.rates) || price.rates);
  const picoUsd = parts.input + parts.output + parts.cacheRead + parts.cacheWrite;
  return { kind: 'priced', parts, picoUsd, usd: toUsd(picoUsd), price, longContext };
}

/** The nearest double, in USD. The one place where money becomes a float: add up pico-USD, then convert. */
export function toUsd(picoUsd: bigint): number {
  return Number(`${picoUsd}e-12`);
}

function withZeros({ input, output, ...details }: Usage): Required<Usage> {
  return {
    input,
    output,
    cacheRead: details.cacheRead ?? 0,
    cacheWrite: details.cacheWrite ?? 0,
    cacheWrite1h: details.cacheWrite1h ?? 0,
    reasoning: details.reasoning ?? 0,
  };
}

function partsOf({ input, output, cacheRead, cacheWrite, cacheWrite1h }: Required<Usage>, rates: Rates): CostParts {
  return {
    input: BigInt(input - cacheRead - cacheWrite) * rates.input,
    output: BigInt(output) * rates.output,
    cacheRead: BigInt(cacheRead) * rates.cacheRead,
    cacheWrite: BigInt(cacheWrite - cacheWrite1h) * rates.cacheWrite + BigInt(cacheWrite1h) * rates.cacheWrite1h,
  };
}

function contradiction(usage: Required<Usage>): string | undefined {
  for (const [kind, tokens] of Object.entries(usage)) {
    if (!Number.isSafeInteger(tokens) || tokens < 0) return `${kind} is ${tokens}, not a whole number from 0`;
  }
  const { input, output, cacheRead, cacheWrite, cacheWrite1h, reasoning } = usage;
  if (cacheRead + cacheWrite > input)
    return `${cacheRead} tokens read from and ${cacheWrite} written to the cache are more than the ${input} of the input that includes them`;
  if (cacheWrite1h > cacheWrite)
    return `${cacheWrite1h} tokens written for an hour are more than the ${cacheWrite} written that include them`;
  if (reasoning > output)
    return `${reasoning} reasoning tokens are more than the ${output} of the output that includes them`;
  return undefined;
}
