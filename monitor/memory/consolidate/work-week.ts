/** The work of a week, added up from its days. */
import { type Cluster, effectOf } from '../../analysis/clusters.ts';
import { type Estimate, shareEstimate } from '../../analysis/interval.ts';
import type { Snapshot, WorkDay } from '../record.ts';
import { type Dated, type DayValues, dayValues } from './day-values.ts';

/** What ended and what failed of it, in all and day by day. */
export interface Outcome {
  readonly ended: number;
  readonly failed: number;
  /** By date. */
  readonly days: ReadonlyMap<string, { readonly ended: number; readonly failed: number }>;
}

/** Of one agent at one kind of task with one model, or of several of these together. */
export interface Work extends Outcome {
  /** ms of what ended well, within 1 %. */
  readonly durations: DayValues;
  /** micro-USD of what had a price, within 1 %. */
  readonly costs: DayValues;
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
  const groups = new Map<string, Dated<WorkDay>[]>();
  for (const { date, work } of snapshots)
    for (const day of work) {
      const key = by(day);
      if (key === undefined) continue;
      const group = groups.get(key);
      if (group) group.push({ date, day });
      else groups.set(key, [{ date, day }]);
    }
  return new Map(
    [...groups]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, days]) => [key, { ...together(days), who: (days[0] as Dated<WorkDay>).day }]),
  );
}

/** @param days at least one */
export function together(days: readonly Dated<WorkDay>[]): Work {
  return {
    ...outcomeOf(days),
    durations: dayValues(days, ({ durations }) => durations),
    costs: dayValues(days, ({ costs }) => costs),
    went_well: [...new Set(days.flatMap(({ day }) => day.went_well))].slice(0, mostShown),
    went_wrong: [...new Set(days.flatMap(({ day }) => day.went_wrong))].slice(0, mostShown),
  };
}

export function outcomeOf(all: readonly Dated<Pick<WorkDay, 'ended' | 'failed'>>[]): Outcome {
  const days = new Map<string, { ended: number; failed: number }>();
  let [ended, failed] = [0, 0];
  for (const { date, day } of all) {
    const sum = days.get(date) ?? { ended: 0, failed: 0 };
    days.set(date, { ended: sum.ended + day.ended, failed: sum.failed + day.failed });
    ended += day.ended;
    failed += day.failed;
  }
  return { ended, failed, days };
}

/** What is left of a whole without a part of it. */
export function without(whole: Outcome, part: Outcome): Outcome {
  const days = new Map(
    [...whole.days].map(([date, { ended, failed }]) => {
      const own = part.days.get(date) ?? { ended: 0, failed: 0 };
      return [date, { ended: ended - own.ended, failed: failed - own.failed }];
    }),
  );
  return { ended: whole.ended - part.ended, failed: whole.failed - part.failed, days };
}

/** Failures come together, on bad days: these make it less sure than as many that are spread. Undefined: nothing ended, or on too few days. */
export function failedShare(outcome: Outcome, confidence: number): Estimate | undefined {
  const effect = effectOf(failedOfDays(outcome), confidence);
  return effect === undefined ? undefined : shareEstimate(outcome.failed, outcome.ended, confidence, effect);
}

/** Of each day. */
export function failedOfDays({ days }: Pick<Outcome, 'days'>): readonly Cluster[] {
  return [...days.values()].map(({ failed, ended }) => ({ count: failed, total: ended }));
}

/** So many runs are named as evidence; more nobody opens. */
export const mostShown = 5;
