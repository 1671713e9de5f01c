/** Who is logged in to the page: a signed cookie, nothing on the server. A new API token or signing key ends all of them. */
import { createHmac } from 'node:crypto';
import { sameSecret } from '../../../../service/bearer.ts';
import type { Instant } from '../../clock.ts';

export interface SignedSessions {
  /** The value of Set-Cookie. */
  begin(name: string): string;
  end(): string;
  /** Who it is, from the Cookie header; undefined: nobody, or too long ago. */
  who(cookies: string | undefined): string | undefined;
}

const cookie = 'fleetscope_session';
const lifetimeMs = 12 * 3_600_000;

export function signedSessions(deps: {
  signingKey: string;
  apiToken: string;
  secure: boolean;
  now: () => Instant;
}): SignedSessions {
  const { signingKey, apiToken, secure, now } = deps;
  const key = createHmac('sha256', signingKey).update(`fleetscope session 1\n${apiToken}`).digest();
  const signed = (payload: string) => createHmac('sha256', key).update(payload).digest('base64url');
  const set = (value: string, maxAgeSeconds: number) =>
    `${cookie}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${maxAgeSeconds}${secure ? '; Secure' : ''}`;

  return {
    begin(name) {
      const payload = `${(now() + lifetimeMs).toString(36)}.${Buffer.from(name).toString('base64url')}`;
      return set(`${payload}.${signed(payload)}`, lifetimeMs / 1000);
    },
    end: () => set('', 0),
    who(cookies = '') {
      const [, payload = '', expiry = '', name = '', signature = ''] =
        new RegExp(`(?:^|; )${cookie}=((\\w{1,12})\\.([\\w-]{1,400}))\\.([\\w-]{43})(?:;|$)`).exec(cookies) ?? [];
      if (!payload || !sameSecret(signature, signed(payload)) || now() >= Number.parseInt(expiry, 36)) return undefined;
      return Buffer.from(name, 'base64url').toString();
    },
  };
}

/** So many wrong tokens a minute from one address; then wrong ones wait. Addresses that did nothing are not kept. */
export function openAttempts(now: () => Instant, most = 10, windowMs = 60_000) {
  const wrong = new Map<string, { since: Instant; count: number }>();
  const current = (address: string) => {
    const seen = wrong.get(address);
    return seen && now() - seen.since < windowMs ? seen : undefined;
  };
  return {
    mayTry: (address: string) => (current(address)?.count ?? 0) < most,
    failed(address: string) {
      const seen = current(address) ?? { since: now(), count: 0 };
      if (wrong.size > 10_000) wrong.clear();
      wrong.set(address, { ...seen, count: seen.count + 1 });
    },
  };
}
