/** Makes a batch of a period: what each job reads, and the rows that follow. Keeping them is the round's. */
import { collectDay, collectHour, type Sources } from '../collect/collect.ts';
import { findingsOf, lastDayOf, weekBefore } from '../consolidate/findings.ts';
import { beginOf, weekOf } from '../periods.ts';
import type { PastDay } from '../record.ts';
import { listed } from '../store/listed.ts';
import type { Batch, Job, MemoryStore } from '../store/memory-store.ts';
import { pastDays } from '../store/past-days.ts';

export interface MakeSources extends Sources {
  readonly memory: Pick<MemoryStore, 'hours' | 'snapshots' | 'findings'>;
}

/** @throws Error where a source cannot be asked that it does not do without */
export async function make(sources: MakeSources, job: Job, period: string): Promise<Batch> {
  if (job === 'hour') return collectHour(sources, period);
  if (job === 'day-so-far') return collectDay(sources, period, 'open');
  if (job === 'day') return collectDay(sources, period, 'final');
  if (job === 'week') return collectWeek(sources, period);
  // Six hours have no rows of their own: that they are done is what their file follows from.
  return { job, period, rows: {} };
}

/** @param past all days until the week's end, and maybe later ones; default: they are read. An error of the first week may come back in this one. */
export async function collectWeek(
  { memory }: Pick<MakeSources, 'memory'>,
  week: string,
  past?: readonly PastDay[],
): Promise<Batch> {
  const snapshots = await listed(memory, { from: weekBefore(week), to: week });
  const until = past ?? (await pastDays(memory, { to: lastDayOf(week) }));
  const findings = findingsOf(week, snapshots, await memory.findings(weekBefore(week)), until);
  return { job: 'week', period: week, rows: { findings } };
}

/**
 * Weeks that are done and rest on a period, made anew in order: its own week, and those after it, which hold against theirs what was learnt before.
 * @returns which they were; none is made that was not there
 */
export async function makeWeeksAgain(memory: MemoryStore, period: string): Promise<string[]> {
  const weeks = await memory.done('week', weekOf(beginOf(period)));
  const last = weeks.at(-1);
  const past = last === undefined ? [] : await pastDays(memory, { to: lastDayOf(last) });
  for (const week of weeks) await memory.keep(await collectWeek({ memory }, week, past));
  return weeks;
}
