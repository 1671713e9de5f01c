import type { Metric as Declared } from '../../instrumentation/src/catalog/metric.ts';
import { promql, type Query } from '../../queries/promql.ts';
import type { Duration } from './duration.ts';

/** A time, or in a dashboard what Grafana puts there: the time range, or the step between two points. */
export type Window = Duration | '$__range' | '$__interval';

/**
 * How much each counter grew in a window, exactly, its first value included. `increase()` misses what a counter is born
 * with (the first violation ever, the first call of a process that has just started) and estimates the rest; over restarts
 * that is more than the 1 % that costs may be off. (C03)
 *
 * What it was before the window is looked for an hour back, so that a gap in the data is not taken for a birth.
 */
export function added(counter: Declared | Query, window: Window): Query {
  const grown = promql`max_over_time(${counter}[${window}])`;
  return promql`${grown} - last_over_time(${counter}[1h] offset ${window}) or ${grown}`;
}
