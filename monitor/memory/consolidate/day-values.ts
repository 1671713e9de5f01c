/** Times or costs of several days: in order, and by day, because those of one day are alike. */
import { type Cluster, effectOf } from '../../analysis/clusters.ts';
import { type Estimate, quantile, quantileEstimate, type Sorted } from '../../analysis/interval.ts';
import { Histogram } from '../../store/histogram.ts';

export interface Dated<Of> {
  readonly date: string;
  readonly day: Of;
}

/** All of them in ascending order, within 1 %. */
export interface DayValues extends Sorted {
  /** Of each day, how many are not above this quantile of all. */
  clusters(of1: number): readonly Cluster[];
}

/** Read when they are first asked for: of most work only what failed is looked at. @param text of a Histogram */
export function dayValues<Of>(days: readonly Dated<Of>[], text: (day: Of) => string): DayValues {
  let read: { readonly byDate: Iterable<Histogram>; readonly sorted: Sorted } | undefined;
  const own = () => (read ??= readDays(days, text));
  const known = new Map<number, readonly Cluster[]>();
  return {
    get length() {
      return own().sorted.length;
    },
    at: (index) => own().sorted.at(index),
    clusters(of1) {
      const { byDate, sorted } = own();
      const made = known.get(of1) ?? [...byDate].map((one) => one.upTo(quantile(sorted, of1) ?? 0));
      known.set(of1, made);
      return made;
    },
  };
}

/** A quantile, as sure as its days bear. Undefined: there are no values, or of too few days. */
export function quantileOfDays(values: DayValues, of1: number, confidence: number): Estimate | undefined {
  const effect = effectOf(values.clusters(of1), confidence);
  return effect === undefined ? undefined : quantileEstimate(values, of1, confidence, effect);
}

function readDays<Of>(days: readonly Dated<Of>[], text: (day: Of) => string) {
  const byDate = new Map<string, Histogram>();
  const all = new Histogram();
  for (const { date, day } of days) {
    const own = byDate.get(date) ?? new Histogram();
    own.mergeText(text(day));
    byDate.set(date, own);
  }
  for (const one of byDate.values()) all.merge(one);
  return { byDate: [...byDate.values()], sorted: all.sorted() };
}
