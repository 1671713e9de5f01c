import type { Instant } from '../clock.ts';
import type { Incident } from './incident.ts';

/** Machines that share a store differ by so much; more is a clock that was set. */
const skewMs = 5000;

/**
 * The incident as if it had happened by the clock of now, if that was set back since: else its times would lie ahead, and all of
 * it would wait for so much longer than the policy says. Every time moves alike, so that what lies between them stays true; the
 * audit trail keeps what the clock said. The same object if the clock was not.
 */
export function rebased(incident: Incident, now: Instant): Incident {
  const back = incident.changedAt - now;
  if (back <= skewMs) return incident;
  const { ladder, acknowledged, resolved, flapping, snoozedUntil } = incident;
  return {
    ...incident,
    openedAt: incident.openedAt - back,
    changedAt: now,
    ...(acknowledged && { acknowledged: { ...acknowledged, at: acknowledged.at - back } }),
    ...(resolved && { resolved: { ...resolved, at: resolved.at - back } }),
    ...(snoozedUntil !== undefined && { snoozedUntil: snoozedUntil - back }),
    ...(flapping && { flapping: moved(flapping, back, ['since', 'quietSince']) }),
    ladder: moved(ladder, back, ['startedAt', 'steppedAt', 'severitySince']),
    reopenedAt: incident.reopenedAt.map((at) => at - back),
    alerts: incident.alerts.map((alert) => moved(alert, back, ['lastSeenAt'])),
    deliveries: incident.deliveries.map((delivery) => moved(delivery, back, ['createdAt', 'attemptAt', 'sentAt'])),
    hookRuns: incident.hookRuns.map((run) => moved(run, back, ['createdAt', 'attemptAt', 'endedAt'])),
    notes: incident.notes.map((note) => moved(note, back, ['at'])),
  };
}

function moved<T extends object>(from: T, back: number, times: readonly (keyof T)[]): T {
  const changes = times.flatMap((name) => (typeof from[name] === 'number' ? [[name, from[name] - back]] : []));
  return { ...from, ...Object.fromEntries(changes) };
}
