const unitSeconds: Record<string, number> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800, y: 31_536_000 };

/** `15s`, `1h30m`, `30d` in seconds, as Prometheus reads it. @throws RangeError for anything else. */
export function durationSeconds(text: string): number {
  const parts = [...text.matchAll(/(\d+)(ms|[smhdwy])/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text)
    throw new RangeError(`Cannot read the duration "${text}": give numbers and units, e.g. 15s, 1h30m or 30d.`);
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (unitSeconds[unit as string] as number), 0);
}

/** For people, in at most two units: `45 s`, `3 m 20 s`, `2 d 4 h`. */
export function spoken(seconds: number): string {
  const units = [
    ['d', 86_400],
    ['h', 3600],
    ['m', 60],
    ['s', 1],
  ] as const;
  let rest = Math.round(seconds);
  const parts = units.flatMap(([unit, size]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return [{ unit, count }];
  });
  const first = parts.findIndex(({ count }) => count > 0);
  if (first < 0) return '0 s';
  return parts
    .slice(first, first + 2)
    .filter(({ count }) => count > 0)
    .map(({ unit, count }) => `${count} ${unit}`)
    .join(' ');
}

/** A time as ISO 8601, in whole seconds since the epoch. @throws RangeError for what is none. */
export function moment(text: string): number {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new RangeError(`Cannot read the time "${text}": give it as 2026-02-15T10:00:00Z.`);
  return Math.floor(ms / 1000);
}
