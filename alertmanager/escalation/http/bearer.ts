import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { Problem } from './problem.ts';

/** Takes the same time for every wrong one, also for one of another length. */
export function sameSecret(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return expected !== '' && timingSafeEqual(digest(given), digest(expected));
}

/** A hook that runs before the body is read. `refused` counts. @throws Problem 401 */
export function bearer(token: string, whose: string, refused: () => void = () => {}) {
  return async ({ headers }: FastifyRequest): Promise<void> => {
    const [, given] = /^Bearer ([\w.~+/=-]+)$/i.exec(headers.authorization ?? '') ?? [];
    if (given !== undefined && sameSecret(given, token)) return;
    refused();
    const seen = headers.authorization === undefined ? 'no token came with it' : 'its token is not ours';
    throw new Problem(401, `Cannot let the request in: ${seen}. Send "authorization: Bearer …" with ${whose}.`);
  };
}
