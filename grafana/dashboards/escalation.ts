/** X03: from alert to person: who was told of what, how fast they answered, which channels work, and what was done by itself. */
import { errorType, outcome } from '../../instrumentation/src/catalog/attributes.ts';
import {
  auditIntact,
  breakerOpen,
  channelKind,
  channelName,
  decideSpan,
  deliveries,
  deliveriesWaiting,
  deliverSpan,
  deliveryDuration,
  heartbeatAge,
  hookName,
  hookRuns,
  incidentSeverity,
  incidentsOpened,
  incidentTeam,
  oldestWaiting,
  openIncidents,
  policyCurrent,
  refusalReason,
  requestsRefused,
  timeToAcknowledge,
  timeToNotify,
  timeToResolve,
  untold,
} from '../../instrumentation/src/catalog/escalation.ts';
import type { Metric } from '../../instrumentation/src/catalog/metric.ts';
import { answerWithinMinutes } from '../../prometheus/kit/severity.ts';
import { targets } from '../../prometheus/targets.ts';
import { logql } from '../../queries/logql.ts';
import { promql, type Query } from '../../queries/promql.ts';
import { traceql } from '../../queries/traceql.ts';
import { twin } from '../../twin.ts';
import { dashboard, details, row } from '../dashboard.ts';
import { current, grown, percentiles, quantileOf, straight } from '../lines.ts';
import { bars, mishaps, stacked, stat, timeline, timeseries } from '../panels.ts';
import { logs, traces } from '../signals.ts';
import { table } from '../table.ts';
import { environment } from '../variables.ts';

const here = 'deployment_environment_name=~"$environment"';
const own = 'service_name="fleetscope-escalation"';
const limits = targets.escalation;

const silent = 'the escalation service has sent no metrics.';
const noIncident = 'no incident was opened in this time.';
const noMessage = 'no message was to be sent in this time.';

/** Two processes look at the same store: the larger is the truth, not the sum. */
const open = (state: string) =>
  promql`sum(max by (${incidentSeverity}) (${current(promql`${openIncidents}{${here}, incident_state=~"${state}"}`)}))`;
const sent = (end: string) => promql`${deliveries}{${here}, outcome="${end}"}`;
const failed = promql`${deliveryDuration}_count{${here}, outcome="failure"}`;
const byChannel = [channelName, channelKind];
/** Exact, however few there were: what a histogram is born with included. */
const meanOf = (histogram: Metric) =>
  promql`${grown(promql`${histogram}_sum{${here}}`, [incidentSeverity])} / (${grown(promql`${histogram}_count{${here}}`, [incidentSeverity])} > 0)`;
/** A channel that has never failed has no counter of it: that is 0. */
const orNone = (query: Query) => promql`${query} or 0 * ${grown(promql`${deliveries}{${here}}`, byChannel)}`;

const state = row('Does everybody know who must?', [
  stat('Open', open('.+'), {
    read: 'Incidents that are not resolved, whoever has them. The list: npm run incidents, or /incidents of the service.',
    unit: 'short',
    width: 4,
    empty: silent,
    to: 'operations',
  }),
  stat('Unanswered', open('open'), {
    read: 'Incidents that nobody has acknowledged or put off. Each goes on to its next step until somebody does.',
    unit: 'short',
    steps: { green: 0, yellow: 1 },
    width: 4,
    empty: silent,
    to: 'operations',
  }),
  stat('Told to nobody', promql`max(${current(promql`${untold}{${here}, incident_severity=~"critical|high"}`)})`, {
    read: 'Age of the oldest urgent incident of which no channel that reaches people has taken a message. Above the limit look at the channels below, and take the incident yourself.',
    unit: 's',
    decimals: 0,
    steps: { green: 0, red: limits.untoldSeconds },
    width: 4,
    empty: silent,
    to: 'telemetry-pipeline',
  }),
  stat('Oldest message', promql`max(${current(promql`${oldestWaiting}{${here}}`)})`, {
    read: 'How long the oldest message has waited to be sent. After a minute of trying it is given up and the next step is taken: more than that is a queue.',
    unit: 's',
    decimals: 0,
    steps: { green: 0, red: limits.waitingSeconds },
    width: 4,
    empty: silent,
    to: 'telemetry-pipeline',
  }),
  stat(
    'Channels left alone',
    promql`count(max by (${channelName}) (${current(promql`${breakerOpen}{${here}}`)}) > 0) or 0 * max(${current(promql`${policyCurrent}{${here}}`)})`,
    {
      read: 'Channels that failed so often that they are only tried now and then. "Channels, over time" shows which and since when.',
      unit: 'short',
      steps: { green: 0, red: 1 },
      width: 4,
      empty: silent,
      to: 'telemetry-pipeline',
    },
  ),
  stat('Watchdog heard', promql`min(${current(promql`${heartbeatAge}{${here}}`)})`, {
    read: 'Seconds since the sign of life that Prometheus sends through Alertmanager every minute. A large number: the way from a rule to this service is cut, and alerts do not arrive.',
    unit: 's',
    decimals: 0,
    width: 4,
    empty: silent,
    to: 'telemetry-pipeline',
  }),
]);

const trend = row('How fast are people told, and how fast do they answer?', [
  timeseries('Time to notify', percentiles(timeToNotify, here), {
    read: 'From the opening of an incident to the first message that was taken. A second is usual; minutes are a channel that fails or quiet hours.',
    unit: 's',
    empty: noIncident,
  }),
  timeseries(
    'Time to acknowledge, p95',
    {
      '{{incident_severity}}': quantileOf('p95', timeToAcknowledge, here, incidentSeverity),
      'Limit of critical': straight(60 * answerWithinMinutes.critical),
    },
    {
      read: 'From the opening to the first answer, 95 of 100. Above the limit of its severity the next level is told: too few people on call, or too many alerts that need nobody.',
      unit: 's',
      empty: 'nobody has acknowledged an incident in this time.',
    },
  ),
  timeseries(
    'Time to resolve, p95',
    { '{{incident_severity}}': quantileOf('p95', timeToResolve, here, incidentSeverity) },
    {
      read: 'From the opening to the end, 95 of 100. What is long and answered fast: look at its runbook.',
      unit: 's',
      empty: 'no incident was resolved in this time.',
    },
  ),
  table(
    'Response times, on average',
    {
      Severity: { label: incidentSeverity },
      Opened: { query: grown(promql`${incidentsOpened}{${here}}`, [incidentSeverity]), unit: 'short', decimals: 0 },
      'To notify': { query: meanOf(timeToNotify), unit: 's' },
      'To acknowledge': { query: meanOf(timeToAcknowledge), unit: 's' },
      'To resolve': { query: meanOf(timeToResolve), unit: 's' },
    },
    {
      read: 'Over the time range, each incident once. The lines above need several incidents in a moment; this does not.',
      sort: 'Opened',
      empty: noIncident,
    },
  ),
  stacked(
    'Incidents opened',
    { '{{incident_severity}}': grown(promql`${incidentsOpened}{${here}}`, [incidentSeverity], '$__interval') },
    {
      read: 'Each incident once, repeats within ten minutes are the same one. A wall of them is one cause with many alerts: group or inhibit.',
      unit: 'short',
      every: '1m',
      width: 12,
      empty: noIncident,
    },
  ),
  timeseries(
    'Open, by severity',
    {
      '{{incident_severity}}': promql`sum by (${incidentSeverity}) (max by (${incidentSeverity}, incident_state) (${openIncidents}{${here}}))`,
    },
    {
      read: 'What is not resolved. A line that never comes down is an alert that nobody needs.',
      unit: 'short',
      width: 12,
      empty: silent,
    },
  ),
  bars(
    'Incidents, by team',
    { '{{incident_team}}': promql`sort_desc(${grown(promql`${incidentsOpened}{${here}}`, [incidentTeam])})` },
    {
      read: 'Who is called how often. Much more than the others: help, or better thresholds.',
      unit: 'short',
      width: 12,
      empty: noIncident,
    },
  ),
]);

const cause = row('Which ways work?', [
  table(
    'Channels',
    {
      Channel: { label: channelName },
      Kind: { label: channelKind },
      Taken: { query: orNone(grown(sent('success'), byChannel)), unit: 'short', decimals: 0 },
      'Given up': {
        query: orNone(grown(sent('failure'), byChannel)),
        unit: 'short',
        decimals: 0,
        steps: { green: 0, red: 1 },
      },
      'Not set up': { query: orNone(grown(sent('cancelled'), byChannel)), unit: 'short', decimals: 0 },
    },
    {
      read: 'Messages by how they ended. One that is given up, or whose channel has no secret, is followed by the next step at once; the timeline of its incident names the variable to set.',
      sort: 'Given up',
      empty: noMessage,
    },
  ),
  timeline(
    'Channels, over time',
    { '{{escalation_channel_name}}': promql`max by (${channelName}) (${breakerOpen}{${here}})` },
    {
      read: 'Red: left alone after many failures, tried with one message now and then. Yellow: such a try is under way.',
      unit: 'none',
      steps: { green: 0, yellow: 1, red: 2 },
      words: { 0: 'used', 1: 'tried', 2: 'left alone' },
      width: 12,
      empty: noMessage,
    },
  ),
  mishaps(
    'Attempts that failed, by error',
    { '{{escalation_channel_name}}: {{error_type}}': grown(failed, [channelName, errorType], '$__interval') },
    {
      read: 'Each failed attempt; most are tried again. The trace below has what the receiver said.',
      unit: 'short',
      every: '1m',
      empty: 'no attempt has failed.',
    },
  ),
  timeseries(
    'Time of an attempt, p95',
    { '{{escalation_channel_name}}': quantileOf('p95', deliveryDuration, here, channelName) },
    {
      read: 'How long a receiver takes for one message. At its time limit the attempt fails and is made again.',
      unit: 's',
      empty: noMessage,
    },
  ),
  timeseries(
    'Waiting, by channel',
    { '{{escalation_channel_name}}': promql`max by (${channelName}) (${deliveriesWaiting}{${here}})` },
    {
      read: 'Messages that are on disk and not yet sent. They survive a restart. A line that stays up: more comes than the receiver takes.',
      unit: 'short',
      empty: silent,
    },
  ),
]);

const detail = row('What exactly happened?', [
  logs('What the service says', logql`{${own}}`, {
    read: 'The newest first. A click on one leads to its trace: from Alertmanager’s message to the attempts to tell people.',
    empty: 'the service has said nothing in this time.',
  }),
  traces('Attempts that failed', traceql`{ ${deliverSpan} && status = error }`, {
    read: 'The newest first: a click on an id shows what the receiver answered.',
    empty: 'no attempt has failed.',
  }),
]);

const more = details('What was done by itself, and what was refused?', [
  table(
    'Remedies',
    {
      Remedy: { label: hookName },
      Outcome: { label: outcome },
      Runs: { query: grown(promql`${hookRuns}{${here}}`, [hookName, outcome]), unit: 'short', decimals: 0, bar: true },
    },
    {
      read: 'Remedies that really ran; one that was refused was not allowed so often, or nobody said yes. Dry runs are in the timeline of their incident alone.',
      sort: 'Runs',
      empty: 'no remedy has run in this time.',
    },
  ),
  mishaps(
    'Requests turned away',
    { '{{escalation_refusal_reason}}': grown(promql`${requestsRefused}{${here}}`, [refusalReason], '$__interval') },
    {
      read: `By why. Above ${limits.refused} in ten minutes the security team is told: unauthenticated from Alertmanager means that its token is another one.`,
      unit: 'short',
      every: '1m',
      width: 12,
      empty: 'no request was turned away.',
    },
  ),
  timeline(
    'Policy and audit trail',
    {
      'Policy is that of its file': promql`min(${policyCurrent}{${here}})`,
      'Audit trail holds': promql`min(${auditIntact}{${here}})`,
    },
    {
      read: 'Red: the file of the policy has a mistake and the one before is at work; or an entry of the audit trail was changed.',
      unit: 'bool_yes_no',
      steps: { red: 0, green: 1 },
      width: 12,
      empty: silent,
    },
  ),
  traces('Decisions', traceql`{ ${decideSpan} }`, {
    read: 'What followed from each event: an alert, a step whose time had come, an answer.',
    empty: 'nothing was decided in this time.',
  }),
]);

export default twin(
  'json',
  dashboard(
    'escalation',
    {
      question: 'Is every alert told to somebody who answers, and how fast?',
      from: 'now-24h',
      variables: [environment],
    },
    [state, trend, cause, detail, more],
  ),
);
