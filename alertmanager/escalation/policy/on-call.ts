/** Who is on call: rotations by local days, so that a change comes at the same hour in summer and in winter. */
import { Temporal } from 'temporal-polyfill';
import type { Instant } from '../clock.ts';
import type { Level, Policy, Rotation } from './policy.ts';

/** From the first to be told to the last. */
export const levels = ['L1', 'L2', 'L3', 'executive'] as const satisfies readonly Level[];

/**
 * The name of the person on call for a team. Where nobody is named at a level, those below it are asked for, the nearest first:
 * somebody is better than nobody. Undefined: the team has no people at all.
 */
export function onCall(policy: Policy, team: string, level: Level, now: Instant): string | undefined {
  const named = policy.teams[team]?.levels ?? {};
  for (const each of levels.slice(0, levels.indexOf(level) + 1).reverse()) {
    const rotation = named[each];
    if (rotation && rotation.people.length > 0) return turnOf(rotation, rotation.timeZone ?? policy.timeZone, now);
  }
  return undefined;
}

/** Whose turn it is. */
function turnOf({ people, days, from }: Rotation, timeZone: string, now: Instant): string | undefined {
  if (people.length === 1 || days === undefined || from === undefined) return people[0];
  const first = Temporal.PlainDateTime.from(from);
  // In instants, not in wall time: in autumn the wall shows an hour twice, and nobody is on call twice.
  const changesAt = (turn: number) => first.add({ days: turn * days }).toZonedDateTime(timeZone).epochMilliseconds;
  const today = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(timeZone).toPlainDateTime();
  let turn = Math.floor(first.until(today, { largestUnit: 'day' }).days / days);
  while (changesAt(turn) > now) turn--;
  while (changesAt(turn + 1) <= now) turn++;
  return people[((turn % people.length) + people.length) % people.length];
}
