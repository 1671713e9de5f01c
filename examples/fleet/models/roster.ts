/** Which model does what, and what it costs. */
import type { Format } from '../model-server/answers.ts';

export interface Rostered {
  provider: 'openai' | 'anthropic' | 'house';
  /** USD per million tokens; undefined where nobody knows. The fleet's own sums are made with it, not its telemetry. */
  price?: { input: number; output: number };
  /** Default: it does. */
  tellsTokens?: boolean;
}

/** Prices: developers.openai.com/api/docs/pricing and platform.claude.com/docs, November 2026. */
export const roster: Readonly<Record<string, Rostered>> = {
  'gpt-4o-mini': { provider: 'openai', price: { input: 0.15, output: 0.6 } },
  'gpt-4.1-nano': { provider: 'openai', price: { input: 0.1, output: 0.4 } },
  'gpt-4.1-mini': { provider: 'openai', price: { input: 0.4, output: 1.6 } },
  'claude-haiku-4-5': { provider: 'anthropic', price: { input: 1, output: 5 } },
  'text-embedding-3-small': { provider: 'openai', price: { input: 0.02, output: 0 } },
  // Our own: the new one is on no price list yet, the old one does not tell how many tokens it used.
  'house-preview': { provider: 'house' },
  'house-classic': { provider: 'house', tellsTokens: false },
};

/** The model that is asked first, by what is wanted. */
export const usualModel = {
  plan: 'gpt-4o-mini',
  decision: 'gpt-4.1-nano',
  code: 'gpt-4.1-nano',
  research: 'gpt-4.1-nano',
  review: 'gpt-4o-mini',
} as const satisfies Record<Format, string>;

/** For what must be right. */
export const carefulModel = 'claude-haiku-4-5';

/** Stands in for one that does not answer. */
export const fallbackModel = 'gpt-4.1-mini';

export const embeddingModel = 'text-embedding-3-small';

/** USD; 0 where no price is known. */
export function costOf(model: string, tokens: { input: number; output: number }): number {
  const price = roster[model]?.price;
  return price ? (tokens.input * price.input + tokens.output * price.output) / 1e6 : 0;
}
