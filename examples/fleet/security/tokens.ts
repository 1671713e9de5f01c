import { createHmac, timingSafeEqual } from 'node:crypto';

/** Who asks, as a token says. */
export interface Claims {
  user: string;
  /** One of few: `developer`, `lead`, `admin`. */
  userClass: string;
}

/** `ana.lead.<signature>`. */
export function signToken({ user, userClass }: Claims, secret: string): string {
  return `${user}.${userClass}.${signature(`${user}.${userClass}`, secret)}`;
}

/** What a token says of itself; not yet believed. */
export function claimsOf(token: string): Claims {
  const [user = '', userClass = ''] = token.split('.');
  return { user: user || 'nobody', userClass: /^(developer|lead|admin)$/.test(userClass) ? userClass : 'unknown' };
}

/** @throws AuthenticationError for a token that we did not sign. */
export function verifyToken(token: string, secret: string): Claims {
  const claims = claimsOf(token);
  const expected = Buffer.from(signToken(claims, secret));
  const given = Buffer.from(token);
  if (expected.length === given.length && timingSafeEqual(expected, given)) return claims;
  throw new AuthenticationError('Cannot take the command: its token is not one of ours. Sign in again.');
}

export class AuthenticationError extends Error {
  override name = 'AuthenticationError';
}

function signature(text: string, secret: string): string {
  return createHmac('sha256', secret).update(text).digest('base64url');
}
