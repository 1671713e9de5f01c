/** What becomes of messages: taken by a sender, sent, tried again, given up, or left behind by a sender that died. */

import type { Instant } from '../clock.ts';
import { cancel, followUp, pointless } from './close.ts';
import { type Event, Refused } from './event.ts';
import type { Delivery } from './incident.ts';
import { change } from './outbox.ts';
import type { Turn } from './turn.ts';

type Of<Kind extends Event['kind']> = Extract<Event, { kind: Kind }>;

/** A sender takes it. @throws Refused if it waits no longer: another has it, or nobody needs it. */
export function claim({ draft }: Turn, delivery: Delivery, until: Instant): void {
  const { key, state, attempts } = delivery;
  if (state !== 'waiting') throw new Refused(`Cannot send ${key}: it is ${state}. Take the next one.`);
  change(draft, key, { state: 'sending', attempts: attempts + 1, attemptAt: until });
}

/** It has arrived, whatever was thought of it meanwhile. */
export function sent(turn: Turn, { key, reference }: Of<'sent'>): void {
  const { draft, now } = turn;
  const delivery = find(turn, key);
  const { channel, person, message, attempts, state } = delivery;
  change(draft, key, { state: 'sent', sentAt: now, ...(reference !== undefined && { reference }) });
  const data = {
    key,
    message,
    attempts,
    ...(person !== undefined && { person }),
    ...(reference !== undefined && { reference }),
  };
  turn.record(channel, state === 'sent' ? 'sent twice' : 'sent', { data });
  followUp(turn, delivery);
}

export function notSent(turn: Turn, { key, reason, retryAt }: Of<'notSent'>): void {
  const delivery = find(turn, key);
  if (delivery.state === 'sent') throw new Refused(`Cannot give up ${key}: it was sent. Leave it.`);
  if (delivery.state === 'failed') return;
  if (retryAt !== undefined) {
    again(turn, delivery, retryAt, 'not sent, tried again', reason);
    return;
  }
  const { channel, person, attempts } = delivery;
  change(turn.draft, key, { state: 'failed', reason: short(reason) });
  const data = { key, attempts, ...(person !== undefined && { person }) };
  turn.record(channel, 'not sent', { why: short(reason), data });
}

/** Takes back what a dead sender left. */
export function settle(turn: Turn): void {
  for (const delivery of turn.draft.deliveries) {
    if (delivery.state === 'sending' && delivery.attemptAt <= turn.now)
      again(turn, delivery, turn.now, 'sender gone', 'whoever sent it has not answered in time');
  }
}

function again(
  turn: Turn,
  delivery: Delivery,
  at: Instant,
  what: 'not sent, tried again' | 'sender gone',
  reason: string,
) {
  const { key, channel, attempts } = delivery;
  change(turn.draft, key, { state: 'waiting', attemptAt: at, reason: short(reason) });
  turn.record(channel, what, { why: short(reason), data: { key, attempts, next: at } });
  const moot = pointless(turn, delivery);
  if (moot) cancel(turn, delivery, moot);
}

function find({ draft }: Turn, key: string): Delivery {
  const delivery = draft.deliveries.find((each) => each.key === key);
  if (!delivery) throw new Refused(`Cannot find the message ${key} of ${draft.id}. It may have been forgotten.`);
  return delivery;
}

/** A receiver may answer with a page. */
function short(reason: string): string {
  return reason.length > 500 ? `${reason.slice(0, 499)}…` : reason;
}
