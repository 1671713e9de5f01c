import type { ModelJson, RatesJson, TieredRatesJson } from './price-file.ts';

/**
 * What one token costs, in pico-USD (10⁻¹² USD). USD per million tokens with six decimals is a whole number of them,
 * and BigInt because a year's sum outgrows 2⁵³ of them, which is 9007 USD.
 */
export interface Rates {
  input: bigint;
  output: bigint;
  cacheRead: bigint;
  cacheWrite: bigint;
  cacheWrite1h: bigint;
}

/** The price of one model on one day and service tier, and where it stands in the table. */
export interface Price {
  provider: string;
  model: string;
  /** First day it is valid, UTC. */
  from: string;
  tier: string;
  rates: Rates;
  /** For the whole call once its input is more than `above` tokens. */
  longContext: { above: number; rates: Rates } | undefined;
}

/** A model's prices from one day on, by service tier. */
export interface DatedPrice {
  fromMs: number;
  byTier: Map<string, Price>;
}

export const standardTier = 'standard';

/** The dated prices of a checked entry, oldest first. */
export function readPrices(provider: string, model: string, { prices }: ModelJson): DatedPrice[] {
  return prices.map(({ from, tiers = {}, ...standard }) => {
    const price = (tier: string, json: TieredRatesJson): [string, Price] => [
      tier,
      { provider, model, from, tier, rates: readRates(json), longContext: readLongContext(json) },
    ];
    const others = Object.entries(tiers).map(([tier, json]) => price(tier.toLowerCase(), json));
    return { fromMs: Date.parse(from), byTier: new Map([price(standardTier, standard), ...others]) };
  });
}

function readLongContext({ longContext }: TieredRatesJson): Price['longContext'] {
  return longContext && { above: longContext.above, rates: readRates(longContext) };
}

// A missing price falls back to a known one, never to zero: a cached token is an input token.
function readRates(json: RatesJson): Rates {
  const input = picoUsdPerToken(json.input);
  const cacheWrite = json.cacheWrite === undefined ? input : picoUsdPerToken(json.cacheWrite);
  return {
    input,
    output: picoUsdPerToken(json.output),
    cacheRead: json.cacheRead === undefined ? input : picoUsdPerToken(json.cacheRead),
    cacheWrite,
    cacheWrite1h: json.cacheWrite1h === undefined ? cacheWrite : picoUsdPerToken(json.cacheWrite1h),
  };
}

function picoUsdPerToken(usdPerMillion: string): bigint {
  const [whole = '', decimals = ''] = usdPerMillion.split('.');
  return BigInt(whole + decimals.padEnd(6, '0'));
}
