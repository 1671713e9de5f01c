/** Alerts that arrive: a new incident, the same one, or the same one again. */

import type { Instant } from '../clock.ts';
import type { Policy } from '../policy/policy.ts';
import { isWorse } from '../policy/severity.ts';
import { resolve } from './close.ts';
import type { AlertsReceived } from './event.ts';
import type { Incident } from './incident.ts';
import { newLadder, raise, whenAwake } from './ladder.ts';
import { mergeAlerts } from './merge-alerts.ts';
import { everTold, tell, told, waits } from './outbox.ts';
import type { Draft, Turn } from './turn.ts';

/** Whether these alerts begin another incident. Only something that fires does, too late for the old one. */
export function opens(
  { sameIncidentMs }: Policy,
  { resolved }: Incident,
  { alerts }: AlertsReceived,
  now: Instant,
): boolean {
  if (!resolved || now - resolved.at <= sameIncidentMs) return false;
  return alerts.some(({ status }) => status === 'firing');
}

/** An incident that nothing is known of yet. */
export function blank({ id, key, title, team, severity }: AlertsReceived, now: Instant): Draft {
  return {
    id,
    version: 1,
    key,
    title: title.length > longestTitle ? `${title.slice(0, longestTitle - 1)}…` : title,
    team,
    severity,
    state: 'open',
    alerts: [],
    openedAt: now,
    changedAt: now,
    ladder: { startedAt: now, taken: 0, severitySince: now, lastingTaken: 0, firstDelivery: 1 },
    reopenedAt: [],
    deliveries: [],
    hookRuns: [],
    notes: [],
    journal: [],
    dueAt: null,
  };
}

const longestTitle = 300;
const mostReopenings = 50;

export function receive(turn: Turn, event: AlertsReceived): void {
  const { draft, now } = turn;
  const { severity, title, team } = draft;
  const isNew = draft.version === 1;
  if (isNew) turn.record('alertmanager', 'opened', { data: { key: draft.key, title, team, severity } });
  const { alerts, fresh, changed, forgotten } = mergeAlerts(draft.alerts, event.alerts, now);
  draft.alerts = alerts;
  turn.record('alertmanager', 'alerts received', {
    data: {
      alerts: event.alerts.length,
      firing: event.alerts.filter(({ status }) => status === 'firing').length,
      // The first hundred: a storm is not to fill the trail.
      changed: changed.slice(0, 100).map(({ fingerprint, status, labels }) => ({ fingerprint, status, labels })),
      ...(changed.length > 100 && { more: changed.length - 100 }),
      ...(forgotten > 0 && { forgotten }),
    },
  });

  const fires = alerts.some(({ status }) => status === 'firing');
  if (draft.state === 'resolved') {
    if (fires && event.alerts.some(({ status }) => status === 'firing')) reopen(turn, event);
    return;
  }
  if (!fires) {
    quiet(turn, isNew);
    return;
  }
  if (draft.flapping) draft.flapping = { since: draft.flapping.since };
  if (isWorse(event.severity, severity)) worsen(turn, event);
  else if (fresh.length > 0 && !isNew) tellNews(turn);
}

/** All that was told is told again, from the first step on; but not each time if it comes and goes. */
function reopen(turn: Turn, { severity }: AlertsReceived): void {
  const { policy, draft, now } = turn;
  const { times, withinMs } = policy.flapping;
  draft.reopenedAt = [...draft.reopenedAt, now].slice(-mostReopenings);
  draft.state = 'open';
  draft.severity = severity;
  delete draft.resolved;
  delete draft.acknowledged;
  draft.ladder = newLadder(draft, now, now);
  turn.record('alertmanager', 'opened again', { data: { times: draft.reopenedAt.length, severity } });

  const flaps = draft.reopenedAt.filter((at) => at > now - withinMs).length >= times;
  if (!flaps) return;
  draft.flapping = { since: now };
  turn.record('policy', 'flapping', { why: `opened again ${times} times within ${withinMs / 60_000} minutes` });
  const heard = everTold(draft);
  for (const target of heard) tell(turn, 'update', 0, target);
  // Its update stands for the first step: the next ones come if nobody answers.
  if (draft.deliveries.some(({ message, state }) => message === 'alert' && state === 'sent'))
    draft.ladder = { ...draft.ladder, taken: 1, steppedAt: now };
}

function quiet(turn: Turn, isNew: boolean): void {
  const { draft, now } = turn;
  if (!draft.flapping) resolve(turn, 'alertmanager', isNew ? 'over before it was known' : 'nothing fires any more');
  else if (draft.flapping.quietSince === undefined) draft.flapping = { ...draft.flapping, quietSince: now };
}

/** An answer was to something less: it is open again. */
function worsen(turn: Turn, { severity }: AlertsReceived): void {
  const { draft, now } = turn;
  draft.state = 'open';
  delete draft.acknowledged;
  delete draft.snoozedUntil;
  raise(turn, severity, 'alertmanager', 'a worse alert joined', now);
}

/** Another alert of the same: those who know of the incident hear of it, and nobody else. People's own devices stay still. */
function tellNews(turn: Turn): void {
  const { policy, draft, now } = turn;
  const at = whenAwake(policy, draft, now);
  for (const target of told(draft)) {
    if (target.person === undefined && !waits(draft, target, 'update', 'alert'))
      tell(turn, 'update', target.step, target, at);
  }
}
