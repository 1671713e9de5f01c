import type { Metric as Declared } from '../../../instrumentation/src/catalog/metric.ts';
import { promql, type Query } from '../../../queries/promql.ts';
import { prometheus } from '../../../queries/stack-metrics.ts';
import { lateSampleHours } from '../../../stack.ts';
import type { Span } from './span.ts';

/** Prometheus' own sign of life: a sample of each scrape of itself. */
export const heartbeat = promql`${prometheus.up}{job="prometheus"}`;

/**
 * How much each counter grew, exactly: step by step, so that a counter that began anew counts on, and with what it was born with. `increase()`
 * estimates, and misses that. Of a hole in which Prometheus was not there itself the growth is of no known hour, and not told: neither as growth, nor
 * by taking for new what was only not seen. Where Prometheus was there and the sender silent, it counts when it is heard again.
 */
export function grown(counter: Declared | Query, { text, step }: Span): Query {
  const now = promql`last_over_time(${counter}[${step}])`;
  const before = promql`last_over_time(${counter}[5m] offset ${step})`;
  const long = promql`last_over_time(${counter}[${lateSampleHours}h] offset ${step === '1m' ? '6m' : '10m'})`;
  // Prometheus was there before the hole: what came out of it did not come out of one of Prometheus' own.
  const wasThere = promql`count(last_over_time(${heartbeat}[5m] offset 10m))`;
  const then = promql`(${before} or (${long} and on () ${wasThere}))`;
  // Few operations: each is made for every series and step. Of a filter the name stays, of a sum it does not: one series would be two.
  const more = promql`(${now} - ${then}) >= 0`;
  const anew = promql`(${now} < ${before}) + 0`;
  const born = promql`(${now} + 0) and on () ${wasThere}`;
  return promql`sum_over_time((${more} or ${anew} or ${born})[${text}:${step}])`;
}
