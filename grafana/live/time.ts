/** Time as Grafana reckons it: ranges from words, and a step from a range and a panel's width. */

/** In milliseconds since the epoch. */
export interface TimeRange {
  from: number;
  to: number;
}

const unitMs: Record<string, number> = { s: 1e3, m: 6e4, h: 36e5, d: 864e5, w: 6048e5, M: 2592e6, y: 31536e6 };

/** `now`, `now-1h`, `now/d`, `now-1d/d`, in UTC. @throws RangeError for anything else. */
export function timeOf(text: string, now: number): number {
  const match = /^now(?:-(\d+)([smhdwMy]))?(?:\/([hdwMy]))?$/.exec(text);
  if (!match) throw new RangeError(`Cannot read the time "${text}": give it as now, now-1h or now/d.`);
  const [, count = '0', unit = 's', floor] = match;
  const at = now - Number(count) * (unitMs[unit] as number);
  return floor ? beginningOf(floor, new Date(at)) : at;
}

function beginningOf(unit: string, at: Date): number {
  const [year, month, day] = [at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()];
  switch (unit) {
    case 'y':
      return Date.UTC(year);
    case 'M':
      return Date.UTC(year, month);
    case 'w':
      return Date.UTC(year, month, day - at.getUTCDay());
    case 'd':
      return Date.UTC(year, month, day);
    default:
      return Math.floor(at.getTime() / 36e5) * 36e5;
  }
}

/** A panel's own range, as its `timeFrom` says it: `now/d`, or a length such as `7d`. */
export function panelRange(timeFrom: string | undefined, dashboard: TimeRange): TimeRange {
  if (timeFrom === undefined) return dashboard;
  const from = timeFrom.startsWith('now') ? timeFrom : `now-${timeFrom}`;
  return { from: timeOf(from, dashboard.to), to: dashboard.to };
}

/** The step of a query in ms: a point per pixel, not below `least`, not more than a backend's 11 000 points. */
export function stepOf({ from, to }: TimeRange, pixels: number, least: number): number {
  const length = to - from;
  return Math.max(rounded(length / pixels), rounded(length / 11_000), least);
}

/** Below each bound the step beside it: `roundInterval` of Grafana's rangeutil.ts. */
const steps: [below: number, ms: number][] = [
  ...([
    [10, 1],
    [15, 10],
    [35, 20],
    [75, 50],
    [150, 100],
    [350, 200],
    [750, 500],
  ] as [number, number][]),
  ...([
    [1500, 1e3],
    [3500, 2e3],
    [7500, 5e3],
    [12_500, 1e4],
    [17_500, 15e3],
    [25_000, 2e4],
    [45_000, 3e4],
  ] as [number, number][]),
  ...([
    [9e4, 6e4],
    [21e4, 12e4],
    [45e4, 3e5],
    [75e4, 6e5],
    [105e4, 9e5],
    [15e5, 12e5],
    [27e5, 18e5],
  ] as [number, number][]),
  ...([
    [54e5, 36e5],
    [9e6, 72e5],
    [162e5, 108e5],
    [324e5, 216e5],
    [864e5, 432e5],
  ] as [number, number][]),
  ...([
    [6048e5, 864e5],
    [18144e5, 6048e5],
    [36288e5, 2592e6],
  ] as [number, number][]),
];

function rounded(ms: number): number {
  return steps.find(([below]) => ms < below)?.[1] ?? 31536e6;
}
