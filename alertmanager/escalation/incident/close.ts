/** The end of an incident, and what it makes pointless. */
import type { Policy } from '../policy/policy.ts';
import type { Delivery, Incident } from './incident.ts';
import { change, tell, told, waits } from './outbox.ts';
import type { Turn } from './turn.ts';

/** It is over: whoever was told hears so. A message that is on its way is followed by its own (deliver.ts). */
export function resolve(turn: Turn, by: string, why?: string): void {
  const { draft, now } = turn;
  draft.state = 'resolved';
  draft.resolved = { by, at: now };
  delete draft.snoozedUntil;
  delete draft.flapping;
  turn.record(by, 'resolved', { ...(why !== undefined && { why }) });
  for (const target of told(draft)) tell(turn, 'resolved', target.step, target);
}

/** Takes back what waits and would no longer be true. */
export function cancelPointless(turn: Turn): void {
  for (const delivery of turn.draft.deliveries) {
    if (delivery.state !== 'waiting') continue;
    const reason = pointless(turn, delivery);
    if (reason) cancel(turn, delivery, reason);
  }
}

/** Why a message is no longer to be sent. */
export function pointless({ policy, draft }: Turn, { message, step }: Delivery): string | undefined {
  if (message === 'resolved') return draft.state === 'resolved' ? undefined : 'opened again before it was sent';
  if (draft.state === 'resolved') return 'resolved before it was sent';
  if (message === 'acknowledged')
    return draft.state === 'open' ? 'no longer acknowledged when it was to be sent' : undefined;
  if (message === 'alert' && draft.state !== 'open' && !isLasting(policy, draft, step))
    return `${draft.state} before it was sent`;
  return undefined;
}

export function cancel(turn: Turn, delivery: Delivery, reason: string): void {
  const { key, channel, attempts } = delivery;
  change(turn.draft, key, { state: 'failed', reason });
  turn.record('policy', 'cancelled', { why: reason, data: { key, channel } });
  // An attempt without an answer may have been taken.
  if (attempts > 0) followUp(turn, delivery);
}

/** After a message that arrived when it was no longer true: what is. */
export function followUp(turn: Turn, delivery: Delivery): void {
  const message = truth(turn, delivery);
  if (message && !waits(turn.draft, delivery, message)) tell(turn, message, delivery.step, delivery);
}

function truth({ policy, draft }: Turn, { message, step }: Delivery): Delivery['message'] | undefined {
  if (draft.state === 'resolved') return message === 'resolved' ? undefined : 'resolved';
  // It would take this receiver's incident for closed.
  if (message === 'resolved') return 'alert';
  if (draft.state === 'acknowledged' && message === 'alert' && !isLasting(policy, draft, step)) return 'acknowledged';
  return undefined;
}

/** Whether a step of the incident's comes even when it is acknowledged. */
function isLasting(policy: Policy, { severity }: Pick<Incident, 'severity'>, step: number): boolean {
  return policy.severities[severity].steps[step]?.evenAcknowledged ?? false;
}
