import type { Model, Provider } from './models.ts';

export interface Limit {
  /** Calls in a minute. */
  requests: number;
  /** Input and output tokens in a minute. */
  tokens: number;
}

/** What the headers of an answer say. */
export interface Allowance extends Limit {
  requestsLeft: number;
  tokensLeft: number;
  /** Until the minute is over. */
  resetMs: number;
  /** Time of day of that. */
  resetAtMs: number;
}

// High enough never to be met on one machine; a fault lowers it.
const generous: Limit = { requests: 1_000_000, tokens: 2_000_000_000 };

const minuteMs = 60_000;

/** Counts each model's calls and tokens in minutes that begin with its first call. */
export class RateLimits {
  readonly #minutes = new Map<string, { startMs: number; requests: number; tokens: number }>();

  /** Counts one call; `taken` is false when the minute was full, and then it is not counted. */
  take(model: Model, lowered: Partial<Limit>, nowMs: number): { taken: boolean; allowance: Allowance } {
    const limit = { ...generous, ...lowered };
    let minute = this.#minutes.get(model.id);
    if (!minute || nowMs >= minute.startMs + minuteMs) {
      minute = { startMs: nowMs, requests: 0, tokens: 0 };
      this.#minutes.set(model.id, minute);
    }
    const taken = minute.requests < limit.requests && minute.tokens < limit.tokens;
    if (taken) minute.requests += 1;
    const resetAtMs = minute.startMs + minuteMs;
    const allowance = {
      ...limit,
      requestsLeft: Math.max(0, limit.requests - minute.requests),
      tokensLeft: Math.max(0, limit.tokens - minute.tokens),
      resetMs: resetAtMs - nowMs,
      resetAtMs,
    };
    return { taken, allowance };
  }

  /** The tokens of an answer count once it is there, as the number is not known before. */
  spend(model: Model, tokens: number): void {
    const minute = this.#minutes.get(model.id);
    if (minute) minute.tokens += tokens;
  }

  /** New minutes for all, e.g. when the limit has changed. */
  restart(): void {
    this.#minutes.clear();
  }
}

/** The headers in which each provider tells what is left. */
export function limitHeaders(provider: Provider, allowance: Allowance): Record<string, string> {
  const { requests, requestsLeft, tokens, tokensLeft, resetMs, resetAtMs } = allowance;
  if (provider === 'openai')
    return {
      'x-ratelimit-limit-requests': String(requests),
      'x-ratelimit-limit-tokens': String(tokens),
      'x-ratelimit-remaining-requests': String(requestsLeft),
      'x-ratelimit-remaining-tokens': String(tokensLeft),
      'x-ratelimit-reset-requests': `${resetMs / 1000}s`,
      'x-ratelimit-reset-tokens': `${resetMs / 1000}s`,
    };
  const reset = new Date(resetAtMs).toISOString();
  return {
    'anthropic-ratelimit-requests-limit': String(requests),
    'anthropic-ratelimit-requests-remaining': String(requestsLeft),
    'anthropic-ratelimit-requests-reset': reset,
    'anthropic-ratelimit-tokens-limit': String(tokens),
    'anthropic-ratelimit-tokens-remaining': String(tokensLeft),
    'anthropic-ratelimit-tokens-reset': reset,
  };
}
