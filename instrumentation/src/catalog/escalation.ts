/** What the escalation service says of itself: who was told of what, how fast, and what is still to be done. (X01–X06) */
import { key, label } from './attribute.ts';
import { errorType, humanSeconds, outcome } from './attributes.ts';
import { counter, gauge, histogram } from './metric.ts';
import { span } from './span.ts';

/** Seconds. A machine is told at once, a person within the hour. */
const toldSeconds = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 900, 3600] as const;

/** Seconds. One request to a channel, up to its time limit. */
const requestSeconds = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] as const;

export const incidentSeverity = label('incident.severity', 'How soon somebody must act', [
  'critical',
  'high',
  'warning',
  'info',
]);
export const incidentTeam = label('incident.team', 'Who answers for it', { atMost: 50 });
export const incidentState = label('incident.state', 'Whether somebody has it', ['open', 'acknowledged', 'snoozed']);
export const channelName = label('escalation.channel.name', 'A channel, by its name in the policy', { atMost: 50 });
export const channelKind = label('escalation.channel.kind', 'What kind of channel it is', [
  'slack',
  'discord',
  'email',
  'pagerduty',
  'webhook',
  'log',
]);
export const hookName = label('escalation.hook.name', 'A remedy, by its name in the policy', { atMost: 100 });
export const refusalReason = label('escalation.refusal.reason', 'Why a request was turned away', [
  'unauthenticated',
  'oversize',
  'malformed',
  'unsupported_version',
  'forged_link',
  'expired_link',
  'spent_link',
]);

const perIncident = [incidentSeverity, incidentTeam] as const;

export const incidentsOpened = counter('escalation.incidents.opened', {
  unit: '{incident}',
  means: 'Incidents opened, one that is opened again included; repeats within ten minutes are one.',
  labels: perIncident,
  source: { id: 'X01' },
  by: 'escalation',
});

export const openIncidents = gauge('escalation.incidents.open', {
  unit: '{incident}',
  means: 'Incidents that are not resolved now.',
  labels: [incidentSeverity, incidentState],
  source: { id: 'X02' },
  by: 'escalation',
});

export const timeToNotify = histogram('escalation.time_to_notify', {
  unit: 's',
  means: 'From the opening of an incident to the first message that a channel took.',
  labels: perIncident,
  buckets: toldSeconds,
  source: { id: 'X03' },
  by: 'escalation',
});

export const timeToAcknowledge = histogram('escalation.time_to_acknowledge', {
  unit: 's',
  means: 'From the opening to the first answer of a person.',
  labels: perIncident,
  buckets: humanSeconds,
  source: { id: 'X03' },
  by: 'escalation',
  needs: 'somebody who acknowledges',
});

export const timeToResolve = histogram('escalation.time_to_resolve', {
  unit: 's',
  means: 'From the opening to the end, by whomever.',
  labels: perIncident,
  buckets: humanSeconds,
  source: { id: 'X03' },
  by: 'escalation',
});

export const deliveries = counter('escalation.deliveries', {
  unit: '{delivery}',
  means:
    'Messages that came to their end: taken by the channel, given up, or `cancelled`: the channel is not set up, or it was no longer true. Each once, however often it was tried.',
  labels: [channelName, channelKind, outcome],
  source: { id: 'X05' },
  by: 'escalation',
});

export const deliveryDuration = histogram('escalation.delivery.duration', {
  unit: 's',
  means: 'One attempt to send one message. Its count is the number of attempts.',
  labels: [channelName, channelKind, outcome, errorType],
  buckets: requestSeconds,
  source: { id: 'X05' },
  by: 'escalation',
});

export const deliveriesWaiting = gauge('escalation.deliveries.waiting', {
  unit: '{delivery}',
  means: 'Messages that are to be sent and are not yet, by channel.',
  labels: [channelName],
  source: { id: 'X05' },
  by: 'escalation',
});

export const oldestWaiting = gauge('escalation.deliveries.oldest', {
  unit: 's',
  means: 'Age of the oldest message that is not sent yet, by channel; 0 where none waits.',
  labels: [channelName],
  source: { id: 'X05' },
  by: 'escalation',
});

export const untold = gauge('escalation.incidents.untold', {
  unit: 's',
  means:
    'Age of the oldest open incident of which no channel that reaches people has taken a message; 0 where there is none.',
  labels: [incidentSeverity],
  source: { id: 'X05' },
  by: 'escalation',
});

export const breakerOpen = gauge('escalation.channel.breaker', {
  unit: '{state}',
  means: '0 the channel is used, 1 it is tried again with one message, 2 it is left alone after many failures.',
  labels: [channelName],
  source: { id: 'X05' },
  by: 'escalation',
});

export const hookRuns = counter('escalation.hook.runs', {
  unit: '{run}',
  means: 'Remedies that ended; dry runs are not among them.',
  labels: [hookName, outcome],
  source: { id: 'X04' },
  by: 'escalation',
  needs: 'a remedy in the policy that is not a dry run',
});

export const requestsRefused = counter('escalation.requests.refused', {
  unit: '{request}',
  means: 'Requests turned away: of Alertmanager, of the API, and links.',
  labels: [refusalReason],
  source: { id: 'X01' },
  by: 'escalation',
});

export const policyCurrent = gauge('escalation.policy.current', {
  unit: '{state}',
  means:
    '1 when the policy at work is what its file says, 0 when the file was refused and the policy before is at work.',
  labels: [],
  source: { id: 'X02' },
  by: 'escalation',
});

export const auditIntact = gauge('escalation.audit.intact', {
  unit: '{state}',
  means: '1 when the chain of the audit trail held at the last look, 0 when an entry was changed or is missing.',
  labels: [],
  source: { id: 'X06' },
  by: 'escalation',
});

export const heartbeatAge = gauge('escalation.heartbeat.age', {
  unit: 's',
  means: 'Since the Watchdog was last heard: it says that the way from a rule to this service works.',
  labels: [],
  source: { id: 'X01' },
  by: 'escalation',
});

export const incidentId = key('incident.id', 'string', 'One incident');
export const decided = key('escalation.decided', 'string', 'What was decided, as the audit trail has it');
export const deliveryKey = key('escalation.delivery.key', 'string', 'One message: the same in each attempt');
export const deliveryAttempt = key('escalation.delivery.attempt', 'int', 'Which attempt, from 1');

export const decideSpan = span('escalation.decide', {
  means: 'What was decided for one incident, once it is on disk.',
  attributes: [incidentId, decided, incidentState, incidentSeverity, incidentTeam],
  source: 'X06',
  by: 'escalation',
});

export const deliverSpan = span('escalation.deliver {channel}', {
  means: 'One attempt to send one message.',
  kind: 'client',
  attributes: [incidentId, deliveryKey, deliveryAttempt, channelName, channelKind, errorType],
  source: 'X05',
  by: 'escalation',
});
