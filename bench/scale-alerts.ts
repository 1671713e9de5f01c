/** From the fault to the message, as the rules and routes have it: arithmetic on the shipped files, nothing of it is measured. */
import { alertmanager } from '../alertmanager/alertmanager.ts';
import { compose } from '../place.ts';
import { groups } from '../prometheus/groups.ts';
import { seconds } from '../prometheus/kit/duration.ts';
import { alertsOf } from '../prometheus/kit/group.ts';
import { targets } from '../prometheus/targets.ts';
import { intervalSeconds } from '../stack.ts';
import { quantile } from './statistics.ts';

export interface Detection {
  readonly severity: string;
  readonly alerts: number;
  /** Seconds from the fault to Alertmanager's message, at the latest. */
  readonly median: number;
  readonly longest: number;
  readonly slowest: string;
  /** Within the five minutes of P08. */
  readonly within: number;
}

/** MTTD of P08. */
export const detectSeconds = 300;

/**
 * Push, the offset of rules, an evaluation, `for` (a multiple of the interval), an evaluation that finds it so, and Alertmanager's
 * wait. A window that must fill first (`rate[5m]`) is in the figure of nobody: a fault that is large enough is seen in its first minute.
 */
export function detections(): Detection[] {
  const wait = seconds(alertmanager(compose).route.group_wait);
  const all = groups(targets).flatMap((group) => {
    const every = group.interval ? seconds(group.interval) : intervalSeconds.evaluate;
    return alertsOf(group).flatMap(({ name, levels }) =>
      levels.map(({ severity, for: lasts }) => ({
        ...{ name, severity },
        latest:
          intervalSeconds.push + intervalSeconds.scrape + every + Math.ceil(seconds(lasts) / every) * every + wait,
      })),
    );
  });
  return [...Map.groupBy(all, ({ severity }) => severity)].map(([severity, own]) => {
    const slowest = own.reduce((a, b) => (b.latest > a.latest ? b : a));
    return {
      ...{
        severity,
        alerts: own.length,
        median: quantile(
          own.map(({ latest }) => latest),
          0.5,
        ),
      },
      ...{ longest: slowest.latest, slowest: slowest.name },
      within: own.filter(({ latest }) => latest <= detectSeconds).length,
    };
  });
}
