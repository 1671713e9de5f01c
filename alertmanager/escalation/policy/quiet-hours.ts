/** Quiet hours: nights and days on which nobody is told what can wait. In local time, through both changes of the clock. */
import { Temporal } from 'temporal-polyfill';
import type { Instant } from '../clock.ts';
import type { QuietHours } from './policy.ts';

/** As the policy has them, with the zone that holds where they name none. */
export interface Quiet extends QuietHours {
  readonly timeZone: string;
}

/** From when on `afterMs` of waking time have passed since `from`, and it is not quiet. Without quiet hours: `from + afterMs`. */
export function awakeAfter(quiet: Quiet | undefined, from: Instant, afterMs: number): Instant {
  if (!quiet) return from + afterMs;
  let at = endOfQuiet(quiet, from) ?? from;
  let left = afterMs;
  // A day has at most two spells: this ends.
  while (true) {
    const sleepsAt = nextQuiet(quiet, at);
    if (sleepsAt === undefined || at + left < sleepsAt) return at + left;
    left -= sleepsAt - at;
    at = endOfQuiet(quiet, sleepsAt) ?? sleepsAt + 1;
  }
}

/** Until when it is quiet at `instant`; undefined: it is not. */
export function endOfQuiet(quiet: Quiet, instant: Instant): Instant | undefined {
  let end = instant;
  // A Friday night, a Saturday, a Sunday, a Sunday night: each begins within the one before.
  for (let spells = 0; spells < mostSpells; spells++) {
    const spell = spellsAround(quiet, end).find(({ from, to }) => from <= end && end < to);
    if (!spell) break;
    end = spell.to;
  }
  return end > instant ? end : undefined;
}

/** When it next becomes quiet; `instant` is not quiet itself. */
function nextQuiet(quiet: Quiet, instant: Instant): Instant | undefined {
  const starts = spellsAround(quiet, instant).flatMap(({ from, to }) => (from > instant && to > from ? [from] : []));
  return starts.length > 0 ? Math.min(...starts) : undefined;
}

interface Spell {
  readonly from: Instant;
  readonly to: Instant;
}

const dayMs = 86_400_000;
const mostSpells = 30;
const mostCached = 200;
const cache = new Map<string, readonly Spell[]>();

/**
 * The spells that can hold `instant`, or be the next ones after it. Kept by the day in UTC: zones are slow to ask, and one day
 * has many incidents.
 */
function spellsAround(quiet: Quiet, instant: Instant): readonly Spell[] {
  const utcDay = Math.floor(instant / dayMs);
  const key = `${utcDay} ${quiet.timeZone} ${quiet.from} ${quiet.to} ${quiet.days?.join() ?? ''}`;
  const known = cache.get(key);
  if (known) return known;
  const begun = Temporal.Instant.fromEpochMilliseconds(utcDay * dayMs)
    .toZonedDateTimeISO(quiet.timeZone)
    .toPlainDate();
  // A day in UTC touches two local ones; the night before reaches into it, and the next spell may be a day later.
  const spells = [-1, 0, 1, 2, 3].flatMap((days) => spellsOf(quiet, begun.add({ days })));
  if (cache.size >= mostCached) cache.clear();
  cache.set(key, spells);
  return spells;
}

function spellsOf(quiet: Quiet, day: Temporal.PlainDate): Spell[] {
  const next = day.add({ days: 1 });
  const night = {
    from: instantOf(quiet, day, quiet.from),
    to: instantOf(quiet, quiet.to <= quiet.from ? next : day, quiet.to),
  };
  if (!quiet.days?.includes(weekdays[day.dayOfWeek - 1] as string)) return [night];
  return [night, { from: instantOf(quiet, day, '00:00'), to: instantOf(quiet, next, '00:00') }];
}

/** As Monday is 1 in ISO 8601. */
export const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;

/** A time that the clock skips is as much later; one that it shows twice is the first. */
function instantOf({ timeZone }: Quiet, day: Temporal.PlainDate, time: string): Instant {
  return day.toZonedDateTime({ timeZone, plainTime: Temporal.PlainTime.from(time) }).epochMilliseconds;
}
