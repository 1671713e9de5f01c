/** How good and bad events are counted. */
import { promql, type Query } from '../../queries/promql.ts';
import { added } from '../kit/added.ts';
import { environment, service } from '../kit/labels.ts';
import type { Recording } from '../kit/record.ts';

/** A service keeps its promise in each environment by itself: what staging breaks, production does not pay for. */
export const perService = [environment, service] as const;

/**
 * Events a second over 5 minutes. Exact, the first of a new process included: failures are rare, and the first is often the
 * only one. A counter that falls, as when a process starts again under the same labels, says nothing for 5 minutes.
 */
export function rateOf(counter: Query): Query {
  return promql`sum by (${environment}, ${service}) (clamp_min(${added(counter, '5m')}, 0)) / 300`;
}

/** A counter of failures does not exist before the first one: until then there are none, not unknown many. */
export function orNone(bad: Query, events: Recording): Query {
  return promql`${bad} or 0 * ${events}`;
}

/** What a histogram has above a bound of its buckets. Services that are scraped write 60 as 60.0. */
export function slowerThan(buckets: Query, events: Recording): Query {
  return promql`clamp_min(${events} - ${rateOf(buckets)}, 0)`;
}
