import type { RateLimit } from '../fleet/rate-limit.ts';

const names = (['requests', 'tokens'] as const).flatMap((type) => [
  { type, limit: `x-ratelimit-limit-${type}`, remaining: `x-ratelimit-remaining-${type}` },
  { type, limit: `anthropic-ratelimit-${type}-limit`, remaining: `anthropic-ratelimit-${type}-remaining` },
]);

/** What the headers of an answer, good or bad, say of the limits: OpenAI's and its likes, and Anthropic's. */
export function rateLimits(headers: Headers | undefined): RateLimit[] {
  if (typeof headers?.get !== 'function') return [];
  return names.flatMap(({ type, ...named }) => {
    const [limit, remaining] = [headers.get(named.limit), headers.get(named.remaining)];
    return limit && remaining ? { type, limit: Number(limit), remaining: Number(remaining) } : [];
  });
}
