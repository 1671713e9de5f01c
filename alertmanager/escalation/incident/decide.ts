/** What follows from an event, all of it. Pure: the caller owns the clock, the store, the senders. */

import type { Instant } from '../clock.ts';
import type { Policy } from '../policy/policy.ts';
import { acknowledge, assign, note, resolveBy, snooze } from './answer.ts';
import { cancelPointless } from './close.ts';
import { claim, notSent, sent, settle } from './deliver.ts';
import { dueAt } from './due.ts';
import { type Event, Refused } from './event.ts';
import type { Incident } from './incident.ts';
import { advance } from './ladder.ts';
import { rebased } from './rebase.ts';
import { blank, opens, receive } from './receive.ts';
import { answerHook, claimHook, endHook, find, followHooks } from './remedy.ts';
import { type Turn, takeTurn } from './turn.ts';

/**
 * The next document, one version on: the event, every step that is due by now, every message and remedy that follows. Alerts on
 * no incident, or on one that was resolved too long ago, open another. A tick that changes nothing gives back the same object:
 * there is nothing to save.
 * @throws Refused what cannot be done to it.
 */
export function decide(policy: Policy, incident: Incident | undefined, event: Event, now: Instant): Incident {
  const before = incident && rebased(incident, now);
  if (event.kind === 'alerts' && (!before || opens(policy, before, event, now)))
    return follow(takeTurn(policy, blank(event, now), now), event);
  if (!incident || !before) throw new Refused(`Cannot ${event.kind}: there is no such incident. List them.`);

  // Of two machines, one is a little behind: it does not turn time back.
  const turn = takeTurn(policy, { ...before, version: incident.version + 1 }, Math.max(now, before.changedAt));
  if (before !== incident) turn.record('policy', 'clock set back', { data: { from: incident.changedAt, to: now } });
  const next = follow(turn, event);
  const idle = event.kind === 'tick' && next.journal === incident.journal && next.dueAt === incident.dueAt;
  return idle ? incident : next;
}

function follow(turn: Turn, event: Event): Incident {
  const { policy, draft, now } = turn;
  const { alerts, state, hookRuns } = draft;
  apply(turn, event);
  settle(turn);
  advance(turn);
  cancelPointless(turn);
  // Asking every hook about every alert takes time: only when the answer can be another.
  if (draft.alerts !== alerts || draft.state !== state || draft.hookRuns !== hookRuns) followHooks(turn);
  draft.changedAt = now;
  draft.dueAt = dueAt(policy, draft);
  return draft;
}

function apply(turn: Turn, event: Event): void {
  switch (event.kind) {
    case 'alerts':
      receive(turn, event);
      break;
    case 'tick':
      break;
    case 'acknowledge':
      acknowledge(turn, event);
      break;
    case 'resolve':
      resolveBy(turn, event);
      break;
    case 'assign':
      assign(turn, event);
      break;
    case 'snooze':
      snooze(turn, event);
      break;
    case 'note':
      note(turn, event);
      break;
    case 'claim':
      take(turn, event.key, event.until);
      break;
    case 'sent':
      sent(turn, event);
      break;
    case 'notSent':
      notSent(turn, event);
      break;
    case 'approveHook':
    case 'refuseHook':
      answerHook(turn, event);
      break;
    case 'hookEnded':
      endHook(turn, event);
  }
}

function take(turn: Turn, key: string, until: Instant): void {
  const delivery = turn.draft.deliveries.find((each) => each.key === key);
  if (delivery) claim(turn, delivery, until);
  else claimHook(turn, find(turn, key), until);
}
