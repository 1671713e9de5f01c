/** The deliveries of an incident: who has been told, who is to be told next. */
import type { Delivery, Incident } from './incident.ts';
import type { Draft, Turn } from './turn.ts';
import { isSame, type Target } from './whom.ts';

/** Puts a message into the outbox. `at`: not before. */
export function tell(turn: Turn, message: Delivery['message'], step: number, target: Target, at = turn.now): void {
  const { draft, now } = turn;
  const delivery: Delivery = {
    key: `${draft.id}/${nextNumber(draft)}`,
    message,
    step,
    channel: target.channel,
    ...(target.person !== undefined && { person: target.person }),
    state: 'waiting',
    attempts: 0,
    createdAt: now,
    attemptAt: at,
  };
  draft.deliveries = pruned([...draft.deliveries, delivery]);
}

/** Everybody who has heard of it since they last heard that it was over, in the order in which they were told. */
export function told({ deliveries }: Pick<Incident, 'deliveries'>): Told[] {
  const heard: Told[] = [];
  for (const delivery of deliveries) {
    const at = heard.findIndex((target) => isSame(target, delivery));
    if (isNews(delivery) && mayHaveArrived(delivery) && at < 0) heard.push(receiverOf(delivery));
    if (delivery.message === 'resolved' && delivery.state !== 'failed' && at >= 0) heard.splice(at, 1);
  }
  return heard;
}

/** Everybody who has ever heard of it. */
export function everTold({ deliveries }: Pick<Incident, 'deliveries'>): Told[] {
  return told({ deliveries: deliveries.filter(isNews) });
}

export type Told = Target & { readonly step: number };

function isNews({ message }: Delivery): boolean {
  return message !== 'resolved';
}

function receiverOf({ channel, person, step }: Delivery): Told {
  return { channel, ...(person !== undefined && { person }), step };
}

/** Sent for sure, or tried more than once: a request without an answer may have been taken. */
function mayHaveArrived({ state, attempts }: Delivery): boolean {
  return state === 'sent' || (state !== 'sending' && attempts > 1);
}

/** Whether a message of these kinds waits for a target: one that is written when it is sent tells all that is new by then. */
export function waits({ deliveries }: Draft, target: Target, ...messages: Delivery['message'][]): boolean {
  return deliveries.some(
    (delivery) => delivery.state === 'waiting' && messages.includes(delivery.message) && isSame(delivery, target),
  );
}

/** Replaces one delivery. */
export function change(draft: Draft, key: string, changes: Partial<Delivery>): void {
  draft.deliveries = draft.deliveries.map((delivery) =>
    delivery.key === key ? { ...delivery, ...changes } : delivery,
  );
}

/** The number of the next delivery, 1 for the first. The newest is never forgotten. */
export function nextNumber({ deliveries }: Pick<Incident, 'deliveries'>): number {
  const newest = deliveries.at(-1);
  return newest ? numberOf(newest) + 1 : 1;
}

export function numberOf({ key }: Pick<Delivery, 'key'>): number {
  return Number(key.slice(key.lastIndexOf('/') + 1));
}

/** An incident that lasts for weeks is told again and again: the document must not grow for ever. */
const mostDeliveries = 200;

/** Without the oldest of those that are done, but each receiver's first and newest: later messages refer to them. */
function pruned(deliveries: readonly Delivery[]): readonly Delivery[] {
  const tooMany = deliveries.length - mostDeliveries;
  if (tooMany <= 0) return deliveries;
  const done = deliveries.filter(({ state }) => state === 'sent' || state === 'failed');
  const sent = done.filter(({ state }) => state === 'sent');
  const kept = sent.filter(
    (each) =>
      sent.find((other) => isSame(other, each)) === each || sent.findLast((other) => isSame(other, each)) === each,
  );
  const gone = new Set(done.filter((each) => !kept.includes(each)).slice(0, tooMany));
  return deliveries.filter((each) => !gone.has(each));
}
