/**
 * What Alertmanager leaves out of a message that would be too large (`max_alerts`) fires nevertheless: without a word of it, an
 * incident would be over as soon as the alerts that were named are. It is one alert of the incident, until a message is whole.
 */
import type { Severity } from '../../routes.ts';
import type { Instant } from '../clock.ts';
import type { AlertsReceived } from '../incident/event.ts';
import type { Incident } from '../incident/incident.ts';

type Alert = AlertsReceived['alerts'][number];

/** Each severity has a receiver, and messages, of its own. */
const fingerprintOf = (severity: Severity) => `left out by alertmanager, ${severity}`;

export function leftOut(
  count: number,
  severity: Severity,
  labels: Readonly<Record<string, string>>,
  startsAt: Instant,
): Alert {
  const what = count === 1 ? '1 more alert' : `${count} more alerts`;
  return {
    ...{ fingerprint: fingerprintOf(severity), status: 'firing', labels, startsAt },
    annotations: { summary: `${what} of this group, left out by Alertmanager` },
  };
}

/** The group, and with it the end of what was left out before, if nothing is now. */
export function wholeGroup(group: AlertsReceived, before: Incident | undefined): AlertsReceived {
  const fingerprint = fingerprintOf(group.severity);
  const open = before?.alerts.find((alert) => alert.fingerprint === fingerprint && alert.status === 'firing');
  if (!open || group.alerts.some((alert) => alert.fingerprint === fingerprint)) return group;
  const { lastSeenAt, times, ...alert } = open;
  return { ...group, alerts: [...group.alerts, { ...alert, status: 'resolved' }] };
}
