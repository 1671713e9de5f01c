import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';

/** Takes the same time for every wrong one, also for one of another length. */
export function sameSecret(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return expected !== '' && timingSafeEqual(digest(given), digest(expected));
}

/**
 * A hook that runs before the body is read. `whose` ends the sentence for who has none, e.g. `the API token`; `refuse` makes of
 * it what the service answers 401 for.
 */
export function bearer(token: string, whose: string, refuse: (message: string) => Error) {
  return async ({ headers }: Pick<FastifyRequest, 'headers'>): Promise<void> => {
    const [, given] = /^Bearer ([\w.~+/=-]+)$/i.exec(headers.authorization ?? '') ?? [];
    if (given !== undefined && sameSecret(given, token)) return;
    const seen = headers.authorization === undefined ? 'no token came with it' : 'its token is not ours';
    throw refuse(`Cannot let the request in: ${seen}. Send "authorization: Bearer …" with ${whose}.`);
  };
}
