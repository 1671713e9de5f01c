/** Who is told what, when, and how often: the two tables, and the routes that follow from them. */
import { businessHours, quietHours, weekends } from './hours.ts';

/** How soon somebody must act. The first that fires hides those below it: inhibition.ts. */
export const severities = {
  /** People wait or money burns: act now, at any hour. */
  critical: { repeat: '4h' },
  /** It will be critical if nobody acts: within the quarter of an hour. */
  high: { repeat: '4h' },
  /** A ticket: today, by day. */
  warning: { repeat: '24h', mute: [quietHours, weekends] },
  /** Worth knowing at the desk. */
  info: { repeat: '24h', only: [businessHours] },
} as const satisfies Record<string, Telling>;

/** Whose alert it is. A team may be told otherwise than the severity says. */
export const teams = {
  /** Those who build and run agents and workflows. */
  fleet: {},
  /** Those who run this stack and the services around the agents. */
  platform: {},
  /** Denied skills and broken rules. Who tries a door tries it at night: a warning waits for no morning. */
  security: { warning: { repeat: '24h' } },
  /** Those who answer for the money. */
  finops: {},
} as const satisfies Record<string, Partial<Record<Severity, Telling>>>;

export type Severity = keyof typeof severities;
export type Team = keyof typeof teams;

interface Telling {
  /** How long until an alert that still fires is told again. */
  repeat: string;
  /** Not at these hours. */
  mute?: readonly { name: string }[];
  /** At these hours alone. */
  only?: readonly { name: string }[];
}

/** A team's receiver for one severity: `fleet-critical`. */
export function receiverOf(team: Team, severity: Severity): string {
  return `${team}-${severity}`;
}

/** What matches no route: a label is missing or misspelt. It is told, to the platform's people. */
export const unrouted = 'unrouted';

/** Severity `none` is told to nobody: the doctor looks whether its test alert arrives. */
export const doctor = 'doctor';

/** The dead man's switch: as long as it is told, the way from a rule to a receiver works. */
export const watchdog = 'watchdog';

export const receivers: readonly string[] = [
  unrouted,
  watchdog,
  doctor,
  ...keys(teams).flatMap((team) => keys(severities).map((severity) => receiverOf(team, severity))),
];

/** The routes below the root, first match first. */
export const routes = [
  {
    receiver: watchdog,
    matchers: ['alertname="Watchdog"'],
    group_wait: '0s',
    group_interval: '1m',
    repeat_interval: '1m',
  },
  // Each test alert by itself, and at once: somebody is waiting for it.
  { receiver: doctor, matchers: ['severity="none"'], group_by: ['doctor'], group_wait: '0s', repeat_interval: '24h' },
  // Whatever is wrong with the run ledger, by rules that know any service too, it can wait for the day: nobody waits for it.
  { ...route('platform', 'warning'), matchers: ['service_name="fleetscope-monitor"', 'team!="security"'] },
  ...keys(teams).flatMap((team) => keys(severities).map((severity) => route(team, severity))),
];

function route(team: Team, severity: Severity) {
  const own: Partial<Record<Severity, Telling>> = teams[team];
  const { repeat, mute, only }: Telling = own[severity] ?? severities[severity];
  return {
    receiver: receiverOf(team, severity),
    matchers: [`team="${team}"`, `severity="${severity}"`],
    repeat_interval: repeat,
    ...(mute && { mute_time_intervals: mute.map(({ name }) => name) }),
    ...(only && { active_time_intervals: only.map(({ name }) => name) }),
  };
}

function keys<K extends string>(record: Record<K, unknown>): K[] {
  return Object.keys(record) as K[];
}
