/** Signed links in messages: who got the message may answer it, for a time, once, without an account. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Message } from '../channels/channel.ts';
import type { Instant } from '../clock.ts';
import type { Incident } from '../incident/incident.ts';
import type { Store } from '../store/store.ts';
import { incidentIdPattern } from './incident-id.ts';
import { Problem } from './problem.ts';

export type LinkAction = 'acknowledge' | 'resolve';

export interface Links {
  /** Of one delivery. They work for a day from now. */
  linksFor(incident: Pick<Incident, 'id'>, deliveryKey: string): Message['links'];
  /** @throws Problem 400 malformed, 403 forged or made for something else, 410 expired. */
  read(action: string, token: string): Link;
  /** Before it is acted on. @throws Problem 410 when it was used before. */
  use(link: Link, store: Pick<Store, 'spend'>): Promise<void>;
}

interface Link {
  readonly action: LinkAction;
  readonly incident: string;
  readonly deliveryKey: string;
}

const names: Readonly<Record<string, LinkAction>> = { a: 'acknowledge', r: 'resolve' };
const remedy = 'Open the incident on the page of all incidents and answer it there.';

/** @throws Error for a public address that no link can begin with. */
export function openLinks(deps: {
  signingKey: string;
  publicUrl: string;
  now: () => Instant;
  lifetimeMs?: number;
}): Links {
  const { signingKey, now, lifetimeMs = 24 * 3_600_000 } = deps;
  if (!/^https?:\/\//i.test(deps.publicUrl) || !URL.canParse(deps.publicUrl))
    throw new Error(
      `Cannot make links: "${deps.publicUrl}" is no address of HTTP. Set FLEETSCOPE_ESCALATION_URL, e.g. https://ops.example.org.`,
    );
  const base = deps.publicUrl.replace(/\/+$/, '');
  const signed = (payload: string) => createHmac('sha256', signingKey).update(`fleetscope link 1\n${payload}`).digest();

  /** `<letter> <seconds> <delivery key>`, which begins with the incident's id; then its HMAC. */
  function tokenOf(letter: string, deliveryKey: string): string {
    const expiry = Math.ceil((now() + lifetimeMs) / 1000).toString(36);
    const payload = Buffer.from(`${letter} ${expiry} ${deliveryKey}`).toString('base64url');
    return `${payload}.${signed(payload).toString('base64url')}`;
  }

  return {
    linksFor({ id }, deliveryKey) {
      if (!deliveryKey.startsWith(`${id}/`))
        throw new RangeError(`Cannot make links: the delivery ${deliveryKey} is none of the incident ${id}.`);
      return {
        page: `${base}/incidents/${id}`,
        acknowledge: `${base}/links/acknowledge/${tokenOf('a', deliveryKey)}`,
        resolve: `${base}/links/resolve/${tokenOf('r', deliveryKey)}`,
      };
    },

    read(action, token) {
      const [, payload = '', signature = ''] = /^([\w-]{20,200})\.([\w-]{43})$/.exec(token) ?? [];
      if (!payload) throw new Problem(400, `Cannot follow the link: it is not whole. ${remedy}`);
      if (!timingSafeEqual(Buffer.from(signature, 'base64url'), signed(payload)))
        throw new Problem(403, `Cannot follow the link: it was changed, or its key is no longer ours. ${remedy}`);
      const [letter = '', expiry = '', deliveryKey = ''] = Buffer.from(payload, 'base64url').toString().split(' ');
      const incident = deliveryKey.slice(0, deliveryKey.indexOf('/'));
      const made = names[letter];
      if (!made || !incidentIdPattern.test(incident))
        throw new Problem(400, `Cannot follow the link: another version made it. ${remedy}`);
      if (made !== action) throw new Problem(403, `Cannot follow the link: it was made for another answer. ${remedy}`);
      if (now() >= Number.parseInt(expiry, 36) * 1000)
        throw new Problem(410, `Cannot follow the link: its time is over. ${remedy}`);
      return { action: made, incident, deliveryKey };
    },

    async use({ action, deliveryKey }, store) {
      // Once for the delivery, not for the token: a message that was sent twice holds two. Whatever was made until now is
      // over by then.
      if (!(await store.spend(`link ${action} ${deliveryKey}`, now() + lifetimeMs + 1000)))
        throw new Problem(410, `Cannot follow the link: it was used already. ${remedy}`);
    },
  };
}
