/**
 * The policy as it is delivered (X02, X03). A file of your own replaces it: copy default-policy.yml, name it in
 * FLEETSCOPE_ESCALATION_POLICY.
 *
 * | severity | at once | then | then | then | if it lasts | unanswered, it rises |
 * |---|---|---|---|---|---|---|
 * | critical | Slack, Discord (L1) | 5 min: mail (L1) | 15 min: PagerDuty (L2) | 1 h: human (L3) | 2 h: executive | – |
 * | high | Slack, Discord (L1) | 15 min: mail (L1) | 45 min: PagerDuty (L2) | 2 h: human (L3) | – | after 4 h to critical |
 * | warning | Slack, Discord (L1) | 1 h: mail (L1) | – | – | – | after 4 h to high |
 * | info | Slack, Discord (L1) | – | – | – | – | after 24 h to warning |
 *
 * `warning` and `info` count waking hours only, but for the security team. It names no people: mail goes to the address in
 * FLEETSCOPE_ONCALL_EMAIL until a team has its own (`people`, `teams.<team>.levels`). A channel whose secret is not set is
 * passed over, and its step is followed by the next one at once; what reaches nobody is at least in the log.
 */
import { twin } from '../../../twin.ts';
import { quietHours, weekends } from '../../hours.ts';
import { type Severity, teams } from '../../routes.ts';
import { defaultHooks } from '../hooks/default-hooks.ts';
import { human } from './policy.ts';
import type { PolicyInput } from './policy-file.ts';

const chat = ['slack', 'discord'];
const mail = ['email'];
const pager = ['pagerduty'];

const severities = {
  critical: {
    respectsQuietHours: false,
    repeat: '1h',
    steps: [
      { after: '0s', level: 'L1', tell: chat },
      { after: '5m', level: 'L1', tell: mail },
      { after: '15m', level: 'L2', tell: pager },
      { after: '1h', level: 'L3', tell: [human] },
      { after: '2h', level: 'executive', tell: [...mail, human], evenAcknowledged: true },
    ],
  },
  high: {
    respectsQuietHours: false,
    repeat: '2h',
    rises: { after: '4h', to: 'critical' },
    steps: [
      { after: '0s', level: 'L1', tell: chat },
      { after: '15m', level: 'L1', tell: mail },
      { after: '45m', level: 'L2', tell: pager },
      { after: '2h', level: 'L3', tell: [human] },
    ],
  },
  warning: {
    respectsQuietHours: true,
    repeat: '4h',
    rises: { after: '4h', to: 'high' },
    steps: [
      { after: '0s', level: 'L1', tell: chat },
      { after: '1h', level: 'L1', tell: mail },
    ],
  },
  info: {
    respectsQuietHours: true,
    repeat: '24h',
    rises: { after: '24h', to: 'warning' },
    steps: [{ after: '0s', level: 'L1', tell: chat }],
  },
} satisfies Record<Severity, PolicyInput['severities'][Severity]>;

/** The nights and weekends in which Alertmanager is silent as well: hours.ts. */
const [evening, morning] = quietHours.time_intervals.flatMap(({ times }) => times);
const nights = {
  from: evening?.start_time ?? '22:00',
  to: morning?.end_time ?? '07:00',
  days: weekends.time_intervals.flatMap(({ weekdays }) => weekdays) as ('saturday' | 'sunday')[],
  timeZone: quietHours.time_intervals[0]?.location ?? 'UTC',
};

export const defaultPolicy = {
  timeZone: 'UTC',
  sameIncident: '10m',
  flapping: { times: 3, within: '1h' },
  channels: {
    slack: { kind: 'slack', webhook: { env: 'FLEETSCOPE_SLACK_WEBHOOK_URL' } },
    discord: { kind: 'discord', webhook: { env: 'FLEETSCOPE_DISCORD_WEBHOOK_URL' } },
    // From oneself to oneself: the one address that every mail server takes.
    email: {
      kind: 'email',
      smtp: { env: 'FLEETSCOPE_SMTP_URL' },
      from: { env: 'FLEETSCOPE_ONCALL_EMAIL' },
      to: { env: 'FLEETSCOPE_ONCALL_EMAIL' },
    },
    pagerduty: { kind: 'pagerduty', routingKey: { env: 'FLEETSCOPE_PAGERDUTY_ROUTING_KEY' } },
    webhook: { kind: 'webhook', url: { env: 'FLEETSCOPE_WEBHOOK_URL' } },
    log: { kind: 'log' },
  },
  people: {},
  teams: Object.fromEntries(
    // Who tries a door tries it at night.
    Object.keys(teams).map((team) => [team, team === 'security' ? {} : { quietHours: nights }]),
  ),
  severities,
  hooks: defaultHooks({
    url: { file: 'data/control/url' },
    token: { file: 'data/control/token' },
  }),
} satisfies PolicyInput;

export default twin('yml', defaultPolicy);
