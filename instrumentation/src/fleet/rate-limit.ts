import { apiRateLimitUtilization } from '../catalog/llm.ts';
import { given } from './given.ts';
import { record } from './record.ts';

/** What an API said of its limit. */
export interface RateLimit {
  /** Requests (or tokens) it allows. */
  limit: number;
  remaining: number;
  resetSeconds?: number;
  /** Default: `requests`. */
  type?: 'requests' | 'tokens';
}

/** How much of the limit is used up, as the last answer said. */
export function recordRateLimit(api: string, said: RateLimit): void {
  const { limit, remaining, type = 'requests' } = given(said);
  if (!(limit > 0) || !(remaining >= 0)) return;
  const used = Math.min(1, Math.max(0, 1 - remaining / limit));
  record(apiRateLimitUtilization, used, { 'api.name': api, 'api.rate_limit.type': type });
}
