/** The work of a week, added up from its days. */
import type { Sorted } from '../../analysis/interval.ts';
import { Histogram } from '../../store/histogram.ts';
import type { Snapshot, WorkDay } from '../record.ts';

/** Of one agent at one kind of task with one model, or of several of these together. */
export interface Work {
  readonly ended: number;
  readonly failed: number;
  /** ms of what ended well, within 1 %. */
  readonly durations: Sorted;
  /** micro-USD of what had a price, within 1 %. */
  readonly costs: Sorted;
  /** Session ids, the first of the week. */
  readonly went_well: readonly string[];
  readonly went_wrong: readonly string[];
}

export type Who = Pick<WorkDay, 'agent_name' | 'operation' | 'model'>;

/** Adds up the work of some days, by what `by` answers; undefined: it is left out. */
export function workBy(
  snapshots: readonly Snapshot[],
  by: (who: Who) => string | undefined,
): ReadonlyMap<string, Work & { readonly who: Who }> {
  const groups = new Map<string, WorkDay[]>();
  for (const day of snapshots.flatMap(({ work }) => work)) {
    const key = by(day);
    if (key !== undefined) groups.set(key, [...(groups.get(key) ?? []), day]);
  }
  return new Map(
    [...groups]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, days]) => [key, { ...together(days), who: days[0] as Who }]),
  );
}

function together(days: readonly WorkDay[]): Work {
  const [durations, costs] = [new Histogram(), new Histogram()];
  for (const day of days) {
    durations.mergeText(day.durations);
    costs.mergeText(day.costs);
  }
  const sum = (of: (day: WorkDay) => number) => days.reduce((total, day) => total + of(day), 0);
  return {
    ...{ ended: sum(({ ended }) => ended), failed: sum(({ failed }) => failed) },
    ...{ durations: durations.sorted(), costs: costs.sorted() },
    went_well: [...new Set(days.flatMap(({ went_well }) => went_well))].slice(0, mostShown),
    went_wrong: [...new Set(days.flatMap(({ went_wrong }) => went_wrong))].slice(0, mostShown),
  };
}

/** So many runs are named as evidence; more nobody opens. */
export const mostShown = 5;
