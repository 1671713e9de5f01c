import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { Refusal } from './refusal.ts';

/** A hook that runs before the body is read. @throws Refusal */
export function bearer(token: string) {
  return async ({ headers }: FastifyRequest): Promise<void> => {
    const [, given] = /^Bearer ([\w.~+/=-]+)$/i.exec(headers.authorization ?? '') ?? [];
    if (given !== undefined && same(given, token)) return;
    const seen = headers.authorization === undefined ? 'no token came with it' : 'its token is not ours';
    throw new Refusal(
      'unauthenticated',
      `Cannot let the request in: ${seen}. Send "authorization: Bearer …" with the token of the ledger.`,
    );
  };
}

/** Takes the same time for every wrong one, also for one of another length. */
function same(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return expected !== '' && timingSafeEqual(digest(given), digest(expected));
}
