/** A duration as Prometheus writes it, in one unit: `30s`, `5m`, `1h`, `1d`. */
export type Duration = `${number}${Unit}`;

type Unit = 's' | 'm' | 'h' | 'd' | 'w';

const unitSeconds: Record<Unit, number> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** @throws SyntaxError for what Prometheus would not read, or would read as several units. */
export function seconds(duration: string): number {
  const [, count, unit] = /^(\d+)([smhdw])$/.exec(duration) ?? [];
  if (!unit)
    throw new SyntaxError(`Cannot read the duration "${duration}". Write a whole number and one of s m h d w.`);
  return Number(count) * unitSeconds[unit as Unit];
}

export function minutes(duration: string): number {
  return seconds(duration) / 60;
}

/** The shortest way to write it: 90 → `90s`, 120 → `2m`, 86400 → `1d`. */
export function duration(wholeSeconds: number): Duration {
  for (const unit of ['d', 'h', 'm'] as const) {
    if (wholeSeconds > 0 && wholeSeconds % unitSeconds[unit] === 0) return `${wholeSeconds / unitSeconds[unit]}${unit}`;
  }
  return `${wholeSeconds}s`;
}
