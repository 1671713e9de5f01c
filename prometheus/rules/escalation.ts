import {
  auditIntact,
  channelName,
  deliveries,
  deliveryDuration,
  hookName,
  hookRuns,
  incidentSeverity,
  oldestWaiting,
  policyCurrent,
  refusalReason,
  requestsRefused,
  untold,
} from '../../instrumentation/src/catalog/escalation.ts';
import { compose } from '../../place.ts';
import { logql } from '../../queries/logql.ts';
import { promql } from '../../queries/promql.ts';
import { alertmanager } from '../../queries/stack-metrics.ts';
import { traceql } from '../../queries/traceql.ts';
import { twin } from '../../twin.ts';
import { alert, type Check } from '../kit/alert.ts';
import { countOf } from '../kit/count-of.ts';
import { counted } from '../kit/counted.ts';
import { fewest } from '../kit/fewest.ts';
import { group } from '../kit/group.ts';
import { environment } from '../kit/labels.ts';
import { burst, gauge, type Story, share, stream } from '../kit/proof.ts';
import { ruleFile } from '../kit/rule-file.ts';
import { series, stays } from '../kit/world.ts';
import { silenceProof } from '../pipeline/silence-proof.ts';
import { type Targets, targets } from '../targets.ts';
import { lastPush, undelivered } from './services.ts';

/** As alertmanager/escalation/settings.ts names it. */
const ours = 'service_name="fleetscope-escalation"';

const attempts = countOf(deliveryDuration);
const attempt = (outcome: string) => series(attempts, { outcome });

export const failedAttempts = counted(
  'channel:delivery_attempts_failed:added10m',
  promql`${attempts}{outcome="failure"}`,
  {
    ...{ by: [channelName], within: '10m', means: 'attempts by a channel that failed', exactly: true },
    like: attempt('failure'),
    unlike: [attempt('success')],
  },
);

const allAttempts = counted('channel:delivery_attempts:added10m', promql`${attempts}`, {
  ...{ by: [channelName], within: '10m', means: 'attempts by a channel', exactly: true },
  like: attempt('success'),
});

const failedHooks = counted('hook:runs_failed:added1h', promql`${hookRuns}{outcome="failure"}`, {
  ...{ by: [hookName], within: '1h', means: 'remedies that failed', exactly: true },
  like: series(hookRuns, { outcome: 'failure' }),
  unlike: [series(hookRuns, { outcome: 'success' }), series(hookRuns, { outcome: 'cancelled' })],
});

export const refusedRequests = counted('reason:requests_refused:added10m', requestsRefused, {
  ...{ by: [refusalReason], within: '10m', means: 'requests that the escalation service turned away', exactly: true },
  like: series(requestsRefused),
});

const said = (words: string): Check => ({
  ask: 'What does it say itself?',
  query: logql`{service_name="fleetscope-escalation"} |~ "${words}"`,
});
const open: Check = { ask: 'Which incidents are open, and who has them?', command: 'npm run incidents -- list' };
const doctor: Check = { ask: 'Does a test alert come through, and where does it stop?', command: 'npm run doctor' };
const ends: Check = {
  ask: 'Which channels still take messages?',
  query: promql`sum by (${channelName}, outcome) (increase(${deliveries}[15m]))`,
};

/** Does every alert reach a person who can answer? It is told by other ways than the one that is broken. (X01–X06) */
export function escalation({ escalation: limits }: Targets) {
  return group('escalation', [
    failedAttempts,
    allAttempts,
    failedHooks,
    refusedRequests,
    alert('EscalationDown', {
      spec: ['X05', 'A19'],
      team: 'platform',
      levels: [{ severity: 'critical', over: limits.downSeconds, for: '1m' }],
      // Not ServiceDown, which waits until something was there for long: without this one nobody is told of anything.
      when: ({ over }) =>
        promql`time() - max_over_time(${lastPush}{${ours}}[6h]) > ${over} unless on () (${undelivered})`,
      summary: 'The escalation service is down: nobody is told of alerts',
      description: 'It has sent no metrics for {{ $value | humanizeDuration }}.',
      dashboard: 'escalation',
      runbook: {
        meaning:
          'The service that tells people has been silent, and the Collector is well. This alert cannot reach you by it: whoever watches the Watchdog from outside has called, or you saw it in Grafana.',
        impact:
          'Nobody is told of anything. Alertmanager goes on trying, and what is open is on disk: after a start every step that is overdue is taken at once.',
        checks: [
          { ask: 'Does it run, and since when?', command: 'npm run status' },
          said('.+'),
          {
            ask: 'Does Alertmanager get rid of anything?',
            query: promql`sum by (reason) (increase(${alertmanager.notificationsFailed}{integration="webhook"}[15m]))`,
          },
        ],
        remedy: [
          'It was stopped: npm run up. Under Compose: docker compose restart escalation.',
          'It starts and ends: its log (.fleetscope/logs/escalation.log, docker compose logs escalation) ends with the reason: a policy with a mistake, a store that is away, a disk that is full.',
          'Until it is back, look at what is firing: Grafana, or Alertmanager’s own page.',
        ],
      },
      proof: ({ over }) => silenceProof('fleetscope-escalation', over),
    }),
    alert('EscalationNobodyTold', {
      spec: ['X05'],
      team: 'platform',
      levels: [{ severity: 'critical', over: limits.untoldSeconds, for: '1m', keepFiringFor: '5m' }],
      // What may wait for the morning is told to nobody until then.
      when: ({ over }) =>
        promql`max by (${environment}, ${incidentSeverity}) (${untold}{incident_severity=~"critical|high"}) > ${over}`,
      summary: 'Nobody has been told of an incident that is {{ $labels.incident_severity }}',
      description:
        'It has been open for {{ $value | humanizeDuration }}, and no channel that reaches people has taken a message.',
      dashboard: 'escalation',
      runbook: {
        meaning:
          'An urgent incident is open, and every channel that was tried has failed or is not set up. It stands in the log of the service alone.',
        impact: 'Nobody works on it.',
        checks: [open, ends, doctor],
        remedy: [
          'Take the incident yourself: npm run incidents -- show <id>, then ack.',
          'Every channel fails: the network of the machine, or a proxy.',
          'One of several is set up and fails: its token was revoked. Give it a new one, and set up a second way.',
        ],
      },
      proof: ({ over }) => {
        const proof = gauge(series(untold, { incident_severity: 'critical' }), { over });
        const warning = stays(series(untold, { incident_severity: 'warning' }), 100 * over);
        const night: Story = {
          title: 'is not told of what waits for the morning',
          phases: [[warning, 30]],
          told: { notFrom: 0 },
        };
        return { ...proof, also: [...(proof.also ?? []), night] };
      },
    }),
    alert('EscalationUndelivered', {
      spec: ['X05'],
      team: 'platform',
      levels: [{ severity: 'high', over: limits.waitingSeconds, for: '1m', keepFiringFor: '5m' }],
      when: ({ over }) => promql`max by (${environment}, ${channelName}) (${oldestWaiting}) > ${over}`,
      summary: 'Messages wait for the channel {{ $labels.escalation_channel_name }}',
      description:
        'The oldest has waited for {{ $value | humanizeDuration }}. A message is given up after a minute of trying.',
      dashboard: 'escalation',
      runbook: {
        meaning:
          'A message that should have been sent, or given up for the next step, still waits: more come than the receiver takes, or whoever sends is stuck.',
        impact: 'Whom this channel tells is told late. The steps of an incident go on without it.',
        checks: [
          {
            ask: 'How many wait, and do they become fewer?',
            query: promql`max by (${channelName}) (${oldestWaiting})`,
          },
          {
            ask: 'How long does one attempt take?',
            query: promql`histogram_quantile(0.95, sum by (${channelName}, le) (rate(${deliveryDuration}_bucket[5m])))`,
          },
          said('.+'),
        ],
        remedy: [
          'A storm of alerts: its group is too fine. Group by what broke (alertmanager/alertmanager.ts), not by every instance.',
          'The receiver takes more than ratePerMinute of the policy says: raise it.',
          'Nothing is sent at all: start the service again; what waits is on disk.',
        ],
      },
      proof: ({ over }) => gauge(series(oldestWaiting), { over }),
    }),
    alert('EscalationChannelFailing', {
      spec: ['X05'],
      team: 'platform',
      levels: [{ severity: 'high', over: limits.failedAttempts, for: '1m', keepFiringFor: '10m' }],
      when: ({ over }) => promql`${failedAttempts} / ${allAttempts} > ${over} and ${allAttempts} >= ${fewest(over)}`,
      summary: 'The channel {{ $labels.escalation_channel_name }} does not take messages',
      description:
        '{{ $value | humanizePercentage }} of the attempts in the last 10 minutes failed. The next step is taken instead.',
      dashboard: 'escalation',
      runbook: {
        meaning: 'Most attempts to send by one channel fail. Each incident goes on to its next step at once.',
        impact: 'People are told by another way than they are used to, and sooner than the policy says.',
        checks: [
          {
            ask: 'With which error?',
            query: promql`sum by (error_type) (increase(${attempts}{${channelName}="$escalation_channel_name",outcome="failure"}[15m]))`,
          },
          {
            ask: 'What did the receiver say, word by word?',
            query: traceql`{ name = "escalation.deliver $escalation_channel_name" && status = error }`,
          },
          ends,
        ],
        remedy: [
          'invalid_auth, 401, 403, 404: the token or the address was revoked. Set a new one; it is read at the next attempt.',
          'A time-out, ECONNREFUSED: the receiver or the network is away. It is tried again by itself.',
          '429: more messages than it takes. Lower ratePerMinute, or give each team a channel of its own.',
        ],
      },
      proof: ({ over }) =>
        share({ bad: attempt('failure'), rest: attempt('success') }, { over, within: '10m', enough: fewest(over) }),
    }),
    alert('EscalationHookFailing', {
      spec: ['X04'],
      team: 'platform',
      levels: [{ severity: 'warning', over: 0, for: '1m' }],
      when: ({ over }) => promql`${failedHooks} > ${over}`,
      summary: 'The remedy {{ $labels.escalation_hook_name }} fails',
      description: '{{ $value }} runs in the last hour failed. What it should have mended is as it was.',
      dashboard: 'escalation',
      runbook: {
        meaning: 'A remedy of the policy was started by an alert and did not succeed.',
        impact: 'Nobody relies on a remedy alone: the incident is told to people all the same.',
        checks: [
          open,
          { ask: 'What came of it? The result stands in the incident:', command: 'npm run incidents -- timeline <id>' },
          said('hook'),
        ],
        remedy: [
          'The other side refuses: its token or its address has changed.',
          'A time-out: raise the hook’s timeout, or have the other side answer before it is done.',
          'It cannot work any more: take it out of the policy.',
        ],
      },
      proof: ({ over }) => burst(series(hookRuns, { outcome: 'failure' }), { over, within: '1h' }),
    }),
    alert('EscalationRequestsRefused', {
      spec: ['X01'],
      team: 'security',
      levels: [{ severity: 'warning', over: limits.refused, for: '1m', keepFiringFor: '10m' }],
      when: ({ over }) => promql`${refusedRequests} > ${over}`,
      summary: 'The escalation service turns requests away: {{ $labels.escalation_refusal_reason }}',
      description: '{{ $value | humanize }} in the last 10 minutes.',
      dashboard: 'escalation',
      runbook: {
        meaning:
          'Requests came without the right token, with a link that was forged, spent or expired, too large, or not in the form of Alertmanager.',
        impact: 'None of them did anything. If Alertmanager itself sent them, its alerts are not told.',
        checks: [
          {
            ask: 'Is it Alertmanager? Then its messages fail as well.',
            query: promql`sum by (reason) (increase(${alertmanager.notificationsFailed}{integration="webhook"}[15m]))`,
          },
          doctor,
          said('(?i)refus|turned away|cannot'),
        ],
        remedy: [
          'unauthenticated, from Alertmanager: both must read the same file, .fleetscope/secrets/escalation-webhook-token.',
          'oversize: lower max_alerts in alertmanager/alertmanager.ts.',
          'spent_link, expired_link: mail scanners and people follow links twice; many at once are a scanner.',
          'forged_link, or somebody unknown: who can reach the port? It belongs on loopback, or behind a proxy that knows people.',
        ],
      },
      proof: ({ over }) => stream(series(requestsRefused), { over, within: '10m' }),
    }),
    alert('EscalationPolicyRefused', {
      spec: ['X02'],
      team: 'platform',
      levels: [{ severity: 'high', under: 1, for: '1m', keepFiringFor: '1m' }],
      when: ({ under }) => promql`min by (${environment}) (${policyCurrent}) < ${under}`,
      summary: 'The escalation policy has a mistake: the one before is at work',
      description: 'It was read and refused ({{ $value }}); nothing of it is in force.',
      dashboard: 'escalation',
      runbook: {
        meaning: 'The policy’s file was changed, and what stands in it now cannot be used.',
        impact: 'Alerts are told as before the change. The service will not start with this file.',
        checks: [said('(?i)policy'), { ask: 'Since when?', query: promql`min(${policyCurrent})` }, open],
        remedy: [
          'Mend the line that the message names; the file is read again by itself.',
          'Or put back what was there.',
        ],
      },
      proof: ({ under }) => gauge(series(policyCurrent), { under }),
    }),
    alert('EscalationAuditBroken', {
      spec: ['X06'],
      team: 'security',
      levels: [{ severity: 'critical', under: 1, for: '1m', keepFiringFor: '15m' }],
      when: ({ under }) => promql`min by (${environment}) (${auditIntact}) < ${under}`,
      summary: 'The audit trail of the escalations was changed',
      description: 'An entry does not fit the one before it, or is missing ({{ $value }}).',
      dashboard: 'escalation',
      runbook: {
        meaning: 'Each entry holds the hash of the one before it. Somewhere the chain does not hold.',
        impact: 'Who did what to an incident cannot be proved from the first broken entry on.',
        checks: [
          { ask: 'Which entry is the first?', command: 'npm run incidents -- audit --verify' },
          {
            ask: 'What do the daily logs say of it? They were written at the same time.',
            command: 'ls .fleetscope/logs/alerts',
          },
          said('(?i)audit'),
        ],
        remedy: [
          'Keep everything as it is: copy the store and the daily logs before anything else.',
          'A restored backup is older than the logs: say so in a note, and begin a new chain.',
          'Nobody restored anything: somebody wrote to the store. Treat it as a break-in.',
        ],
      },
      proof: ({ under }) => gauge(series(auditIntact), { under }),
    }),
  ]);
}

export default twin('yml', ruleFile(escalation(targets), compose));
