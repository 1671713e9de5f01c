import type { Instant } from '../clock.ts';
import type { AlertsReceived } from './event.ts';
import type { SeenAlert } from './incident.ts';

/** One document holds an incident: this many alerts of a few hundred bytes are well below what a store takes. */
const mostAlerts = 500;

export interface Merged {
  readonly alerts: readonly SeenAlert[];
  /** Those that fire and have never been seen in it: one that comes back is no news. */
  readonly fresh: readonly SeenAlert[];
  /** Those whose status is new. */
  readonly changed: readonly SeenAlert[];
  /** How many were too many. */
  readonly forgotten: number;
}

/** Alerts by their fingerprint: a repeat is the same one, once more. Beyond the limit the oldest that is over goes first. */
export function mergeAlerts(known: readonly SeenAlert[], received: AlertsReceived['alerts'], now: Instant): Merged {
  const all = new Map(known.map((alert) => [alert.fingerprint, alert]));
  const fresh: SeenAlert[] = [];
  const changed: SeenAlert[] = [];
  for (const alert of received) {
    const before = all.get(alert.fingerprint);
    const after = { ...alert, lastSeenAt: now, times: (before?.times ?? 0) + 1 };
    all.set(alert.fingerprint, after);
    if (before?.status === after.status) continue;
    changed.push(after);
    if (after.status === 'firing' && !before) fresh.push(after);
  }
  const alerts = [...all.values()];
  const forgotten = Math.max(0, alerts.length - mostAlerts);
  if (forgotten === 0) return { alerts, fresh, changed, forgotten };
  const over = alerts.filter(({ status }) => status === 'resolved');
  const firing = alerts.filter(({ status }) => status === 'firing');
  // The newest that fire would be the news of a storm; the oldest that fire say what it began with.
  const gone = new Set([...over, ...firing.reverse()].slice(0, forgotten));
  return { alerts: alerts.filter((alert) => !gone.has(alert)), fresh, changed, forgotten };
}
