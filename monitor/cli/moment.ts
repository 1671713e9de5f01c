/** Instants and periods as people give them, in UTC. */
import { oneLine } from '../words.ts';

export interface Period {
  readonly sinceIso: string;
  readonly untilIso: string;
}

const unitMs: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
const dayMs = 86_400_000;

/** `2h` or `7d` ago, `now`, `today`, `yesterday` (their midnight), ISO 8601; without a zone it is UTC. @throws RangeError */
export function moment(text: string, now: number): string {
  const back = durationMs(text);
  if (back !== undefined) return iso(now - back);
  if (text === 'now') return iso(now);
  const midnight = now - (now % dayMs);
  if (text === 'today') return iso(midnight);
  if (text === 'yesterday') return iso(midnight - dayMs);
  const at = absoluteMs(text);
  if (at === undefined)
    throw new RangeError(
      `Cannot read the time "${oneLine(text)}": give it as 2h, 7d, today, 2026-02-15 or 2026-02-15T10:00Z.`,
    );
  return iso(at);
}

/**
 * `14d..7d`, `2026-02-01..2026-02-08` (the end is not part of it; without one: now), one day `2026-02-15`, one month `2026-02`,
 * `today`, `yesterday`, or `7d`, the last seven days. @throws RangeError
 */
export function period(text: string, now: number): Period {
  const [since = '', until, ...rest] = text.split('..');
  const read = until === undefined ? named(text, now) : between(since, until, now);
  if (!read || rest.length > 0)
    throw new RangeError(
      `Cannot read the period "${oneLine(text)}": give it as 7d, yesterday, 2026-02-15, 2026-02, 14d..7d or 2026-02-01..2026-02-08.`,
    );
  if (read.sinceIso >= read.untilIso)
    throw new RangeError(
      `Cannot use the period "${oneLine(text)}": it ends before it begins. Write the earlier time first.`,
    );
  return read;
}

/** As long, and just before it. */
export function periodBefore({ sinceIso, untilIso }: Period): Period {
  const since = Date.parse(sinceIso);
  return { sinceIso: iso(since - (Date.parse(untilIso) - since)), untilIso: sinceIso };
}

function between(since: string, until: string, now: number): Period | undefined {
  if (since === '') return undefined;
  return { sinceIso: moment(since, now), untilIso: until === '' ? iso(now) : moment(until, now) };
}

function named(text: string, now: number): Period | undefined {
  const since = /^\d{4}-\d\d$/.test(text) ? absoluteMs(`${text}-01`) : undefined;
  if (since !== undefined) {
    const month = new Date(since);
    return { sinceIso: iso(since), untilIso: iso(month.setUTCMonth(month.getUTCMonth() + 1)) };
  }
  if (durationMs(text) !== undefined) return { sinceIso: moment(text, now), untilIso: iso(now) };
  const isDay = /^(today|yesterday|\d{4}-\d\d-\d\d)$/.test(text);
  if (!isDay) return undefined;
  const start = moment(text, now);
  return { sinceIso: start, untilIso: iso(Date.parse(start) + dayMs) };
}

/** `90s`, `1h30m`, `2w`; undefined: it is something else. */
function durationMs(text: string): number | undefined {
  if (!/^(\d{1,6}[smhdw])+$/.test(text)) return undefined;
  return [...text.matchAll(/(\d+)(\w)/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (unitMs[unit as string] as number),
    0,
  );
}

function absoluteMs(text: string): number | undefined {
  const parts = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(Z|[+-]\d\d:\d\d)?)?$/.exec(text);
  if (!parts) return undefined;
  const [, day = '', time = '00:00', zone = 'Z'] = parts;
  // JavaScript takes the 31st of February for the 3rd of March.
  if (!iso(Date.parse(`${day}T00:00Z`)).startsWith(day)) return undefined;
  const at = Date.parse(`${day}T${time}${zone}`);
  return Number.isNaN(at) ? undefined : at;
}

function iso(ms: number): string {
  return Number.isNaN(ms) || Math.abs(ms) > 8.64e15 ? '' : new Date(ms).toISOString();
}
