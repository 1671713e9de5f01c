/**
 * What the rules of today would have said in the past. (B08) Times are those of the data: Prometheus itself looks at it
 * `rule_query_offset` later.
 */
import { intervalSeconds } from '../../stack.ts';
import { ask, needAnswer, oldestSample, type Stretch } from './ask.ts';
import { expand } from './expand.ts';
import type { Fault } from './faults.ts';
import { allowance, type Catch, caughtBy, faultsBehind, type Incident, incidents } from './judge.ts';
import type { AlertRule, Rules } from './rule-files.ts';
import { simulate } from './simulate.ts';

export interface HistoryOptions {
  prometheus: string;
  rules: Rules;
  faults: readonly Fault[];
  /** How far back, in seconds, and until when, in seconds since the epoch. */
  history: number;
  until: number;
  /** How long after a fault an alert may still be its doing, in seconds. */
  after: number;
  /** How often a day an alert may fire without a fault. */
  atMostPerDay: number;
  onProgress?: (done: number, of: number, name: string) => void;
}

export interface AlertHistory {
  name: string;
  labels: Readonly<Record<string, string>>;
  group: string;
  /** The expression that was asked, without recorded names. */
  asked: string;
  incidents: Incident[];
  /** Why it could not be asked. */
  error: string | undefined;
  /** It fired without a fault more often than it may. */
  noisy: boolean;
}

export interface HistoryReport {
  /** The stretch that has data, in seconds since the epoch. */
  from: number;
  to: number;
  /** The beginning of the stretch that was asked for. */
  askedFrom: number;
  alerts: AlertHistory[];
  faults: (Fault & { caughtBy: Catch[] })[];
  /** Why the check fails; empty when it does not. */
  findings: string[];
}

/** So many alerts an hour nobody can look at. (A20) */
const mostPerHour = 2;
/** Range queries at a time: a server that also takes in data keeps a core for that. */
const atOnce = 2;

export async function history(options: HistoryOptions): Promise<HistoryReport> {
  const { prometheus, rules, until, faults } = options;
  await needAnswer(prometheus);
  const askedFrom = until - options.history;
  const oldest = (await oldestSample(prometheus)) ?? askedFrom;
  const [from, to] = [Math.max(askedFrom, oldest), until];
  const waiting = [...rules.alerts.entries()];
  const alerts: AlertHistory[] = [];
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        const [at, rule] = next;
        alerts[at] = await one(rule, { ...options, from });
        options.onProgress?.(rules.alerts.length - waiting.length, rules.alerts.length, rule.name);
      }
    }),
  );
  const caught = faults
    .filter((fault) => fault.to >= from && fault.from <= to)
    .map((fault) => ({ ...fault, caughtBy: caughtBy(fault, alerts) }));
  return { from, to, askedFrom, alerts, faults: caught, findings: findings(alerts, caught, to - from) };
}

async function one(rule: AlertRule, options: HistoryOptions & { from: number }): Promise<AlertHistory> {
  const { prometheus, rules, faults, after, from, until, atMostPerDay } = options;
  const { name, labels, group, hold, keep } = rule;
  const step = rule.interval ?? intervalSeconds.evaluate;
  // What was active when the stretch began had been so for a while.
  const stretch = aligned({ from: from - hold - keep - step, to: until, step });
  const told = { name, labels, group, asked: rule.expr };
  try {
    const asked = expand(rule.expr, rules.recordings, step);
    const courses = (await ask(prometheus, asked, stretch)).map(({ labels, runs }) => ({
      labels,
      firings: simulate(runs, { step, hold, keep }, stretch.to).filter(
        ({ resolvedAt }) => !resolvedAt || resolvedAt > from,
      ),
    }));
    const found = incidents(courses).map((incident) => ({
      ...incident,
      faults: faultsBehind(incident.activeAt, faults, after),
    }));
    const noisy = isForPeople(rule) && withoutFault(found).length > allowance(atMostPerDay, until - from);
    return { ...told, asked, incidents: found, error: undefined, noisy };
  } catch (error) {
    return { ...told, incidents: [], error: (error as Error).message, noisy: false };
  }
}

/** Evaluations at whole multiples of the step, where subqueries have theirs. */
function aligned({ from, to, step }: Stretch): Stretch {
  return { from: Math.ceil(from / step) * step, to: Math.floor(to / step) * step, step };
}

function findings(alerts: readonly AlertHistory[], faults: HistoryReport['faults'], seconds: number): string[] {
  const perHour = toldWithoutFault(alerts) / Math.max(1, seconds / 3600);
  return [
    ...alerts.flatMap(({ name, error }) => (error ? [`Cannot judge ${name}: ${error}`] : [])),
    ...alerts
      .filter(({ noisy }) => noisy)
      .map(
        ({ name, labels, incidents }) =>
          `${name} (${labels.severity ?? 'no severity'}) is noisy: ${withoutFault(incidents).length} times without a fault. Raise its threshold or its "for".`,
      ),
    ...(perHour > mostPerHour
      ? [
          `All alerts together fired ${perHour.toFixed(1)} times an hour without a fault; ${mostPerHour} can be looked at.`,
        ]
      : []),
    ...faults
      .filter(({ caughtBy }) => caughtBy.length === 0)
      .map(({ kind, from }) => `No alert told of ${kind} at ${new Date(from * 1000).toISOString()}.`),
  ];
}

/** The levels of one alert count once: the higher mutes the lower. */
function toldWithoutFault(alerts: readonly AlertHistory[]): number {
  const byName = Map.groupBy(alerts.filter(isForPeople), ({ name }) => name);
  return [...byName.values()].reduce((sum, levels) => {
    const courses = levels.map(({ labels, incidents }) => ({ labels, firings: withoutFault(incidents) }));
    return sum + incidents(courses).length;
  }, 0);
}

/** Severity "none" is a sign of life, such as Watchdog: it fires always. */
function isForPeople({ labels }: Pick<AlertRule, 'labels'>): boolean {
  return labels.severity !== 'none';
}

function withoutFault(incidents: readonly Incident[]): Incident[] {
  return incidents.filter(({ faults }) => faults.length === 0);
}
