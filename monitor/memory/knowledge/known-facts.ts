/** All that knowledge is made of, read once: days, findings and decisions until a day. */
import { lastDayOf, weekBefore } from '../consolidate/findings.ts';
import { type Wording, wording } from '../consolidate/wording.ts';
import { beginOf, weekOf } from '../periods.ts';
import type { Decision, Finding, PastDay, Snapshot } from '../record.ts';
import { listed } from '../store/listed.ts';
import type { MemoryStore } from '../store/memory-store.ts';
import { pastDays } from '../store/past-days.ts';

export interface KnownFacts {
  /** The last day that is told of. */
  readonly until: string;
  /** The last week that is over by then: its findings, and those of the weeks before. */
  readonly week: string;
  /** Of `wholeWeeks` weeks up to that one, and of the days after it; oldest first. */
  readonly snapshots: readonly Snapshot[];
  /** All that are remembered, oldest first. */
  readonly past: readonly PastDay[];
  readonly findings: readonly Finding[];
  /** Of `decisionWeeks` weeks, in order of time. */
  readonly decisions: readonly Decision[];
  /** How a finding is told. */
  readonly said: Wording;
}

/** As long as a lesson is believed: what is older, best practices do not tell of. */
export const wholeWeeks = 8;

/** So many weeks of decisions are told one by one; of older ones there is a count. */
export const decisionWeeks = 8;

/** What is kept of later days is not looked at, so that the same day gives the same documents whenever it is told. */
export async function knownFacts(
  store: Pick<MemoryStore, 'snapshots' | 'findings' | 'decisions' | 'overrides'>,
  until: string,
): Promise<KnownFacts> {
  const week = weekUntil(until);
  const [from] = weeksUntil(until, decisionWeeks) as [string];
  const snapshots = await listed(store, { from: lastWeeks(week, wholeWeeks)[0] as string, to: until });
  const past = await pastDays(store, { to: until });
  return {
    ...{ until, week, snapshots, past, findings: await store.findings(week) },
    decisions: await store.decisions({ from, to: until }),
    said: await wording(store),
  };
}

function weekUntil(date: string): string {
  const own = weekOf(beginOf(date));
  return lastDayOf(own) <= date ? own : weekBefore(own);
}

/** So many weeks, oldest first; the last is the one that the day is in. */
export function weeksUntil(date: string, count: number): string[] {
  return lastWeeks(weekOf(beginOf(date)), count);
}

/** So many weeks, oldest first, up to this one. */
export function lastWeeks(week: string, count: number): string[] {
  const weeks = [week];
  while (weeks.length < count) weeks.unshift(weekBefore(weeks[0] as string));
  return weeks;
}
