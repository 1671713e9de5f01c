import { styleText } from 'node:util';
import { spoken } from './duration.ts';
import type { AlertHistory, HistoryReport } from './history.ts';

/** A row per alert that fired or could not be judged; of the silent ones the verdict tells the number. */
export function alertRows({ alerts, to }: HistoryReport): string[][] {
  const told = alerts.filter(({ incidents, error }) => incidents.length > 0 || error);
  if (told.length === 0) return [];
  return [
    ['ALERT', 'SEVERITY', 'FIRED', 'IN A FAULT', 'SERIES', 'LASTED', 'LONGEST', 'FIRST', 'LAST', ''],
    ...told.map((alert) => alertRow(alert, to)),
  ];
}

function alertRow({ name, labels, incidents, error, noisy }: AlertHistory, to: number): string[] {
  if (error) return [name, labels.severity ?? '', '?', '', '', '', '', '', '', styleText('red', 'error')];
  const lasted = incidents.map(({ firedAt, resolvedAt }) => (resolvedAt ?? to) - firedAt);
  const series = new Set(incidents.flatMap((incident) => incident.series.map((each) => JSON.stringify(each))));
  const still = incidents.at(-1)?.resolvedAt === undefined;
  return [
    name,
    labels.severity ?? '',
    String(incidents.length),
    String(incidents.filter(({ faults }) => faults.length > 0).length),
    String(series.size),
    spoken(lasted.reduce((sum, seconds) => sum + seconds, 0)),
    spoken(Math.max(...lasted)),
    minute(incidents[0]?.firedAt as number),
    minute(incidents.at(-1)?.firedAt as number),
    [...(still ? ['still'] : []), ...(noisy ? [styleText('red', 'noisy')] : [])].join(' '),
  ];
}

/** A row per fault, with the alerts that told of it and how soon. */
export function faultRows({ faults }: HistoryReport): string[][] {
  if (faults.length === 0) return [];
  return [
    ['FAULT', 'FROM', 'LASTED', 'CAUGHT BY'],
    ...faults.map(({ kind, from, to, caughtBy }) => [
      kind,
      minute(from),
      spoken(to - from),
      caughtBy.map(({ alert, afterSeconds }) => `${alert} after ${spoken(afterSeconds)}`).join(', ') ||
        styleText('red', 'nobody'),
    ]),
  ];
}

/** The history in a sentence, and what is wrong with it. */
export function verdict({ from, to, askedFrom, alerts, faults, findings }: HistoryReport): string {
  const fired = alerts.filter(({ incidents }) => incidents.length > 0);
  const incidents = fired.flatMap((alert) => alert.incidents);
  const matched = incidents.filter((incident) => incident.faults.length > 0);
  const short = from > askedFrom ? ` (all there is of ${spoken(to - askedFrom)})` : '';
  const told = faults.filter(({ caughtBy }) => caughtBy.length > 0).length;
  return [
    `In ${spoken(to - from)}${short} ${fired.length} of ${alerts.length} rules would have fired, ${incidents.length} times in all, ${matched.length} of them in a fault.`,
    ...(faults.length > 0 ? [`${told} of ${faults.length} faults were told of.`] : []),
    ...findings.map((finding) => styleText('red', finding)),
    ...(findings.length === 0 ? [styleText('green', 'No finding.')] : []),
  ].join('\n');
}

/** For machines: times as ISO 8601. */
export function asJson(report: HistoryReport): string {
  const times = new Set(['from', 'to', 'askedFrom', 'activeAt', 'firedAt', 'resolvedAt']);
  return JSON.stringify(report, (key, value) =>
    times.has(key) && typeof value === 'number' ? new Date(value * 1000).toISOString() : value,
  );
}

/** `2026-02-15 10:04`, UTC. */
function minute(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 16).replace('T', ' ');
}
