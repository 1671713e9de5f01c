import { seconds } from '../../prometheus/kit/duration.ts';
import { alertsOf, type Group, recordedBy } from '../../prometheus/kit/group.ts';
import { recordingsOf } from '../../prometheus/kit/record.ts';

/** What lies a day back is compared with; it does not keep an alert alive. */
const dayBack = 86_400;

/**
 * How long each alert may still begin, or go on, after its reason has ended: its longest window, then the time it must hold and
 * the time it must be over. In seconds, by `AgentSilent high`.
 */
export function memories(groups: readonly Group[]): ReadonlyMap<string, number> {
  const alerts = groups.flatMap(alertsOf);
  const known = new Set(groups.flatMap(recordedBy));
  return new Map(
    alerts.flatMap((alert) =>
      alert.levels.map((level) => {
        const query = alert.when(level);
        const recordings = recordingsOf(query);
        const texts = [query, ...recordings.map((each) => each.query)].map(({ text }) => text);
        if (recordings.some((each) => !known.has(each)))
          throw new Error(`Cannot tell how long ${alert.name} remembers: it rests on a recording of no group.`);
        const windows = texts
          .flatMap((text) => [...text.matchAll(/\[(\d+[smhdw])/g)].map(([, window]) => seconds(window as string)))
          .filter((window) => window < dayBack);
        const lasts = Math.max(0, ...windows) + seconds(level.for) + seconds(level.keepFiringFor ?? '0s');
        return [`${alert.name} ${level.severity}`, lasts] as const;
      }),
    ),
  );
}
