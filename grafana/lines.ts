/** Series that many panels have in common: quantiles of a histogram, and lines that something must not cross. */
import type { Label } from '../instrumentation/src/catalog/attribute.ts';
import type { Metric as Declared } from '../instrumentation/src/catalog/metric.ts';
import { prometheusLabel } from '../instrumentation/src/catalog/prometheus-name.ts';
import { added, type Window } from '../prometheus/kit/added.ts';
import type { Metric } from '../queries/metric.ts';
import { promql, type Query } from '../queries/promql.ts';

type Quantile = 'p50' | 'p95' | 'p99';

/**
 * Quantiles of a histogram over time: `percentiles(agentTaskDuration, 'agent_name=~"$agent"')`. With `by`, one line per
 * value of a label: then ask for one quantile, or nobody can read them.
 */
export function percentiles(
  histogram: Declared | Metric,
  where = '',
  { of = ['p50', 'p95', 'p99'], by }: { of?: readonly Quantile[]; by?: Label } = {},
): Record<string, Query> {
  return Object.fromEntries(
    of.map((quantile) => [legend(quantile, of.length, by), quantileOf(quantile, histogram, where, by)]),
  );
}

/** One quantile now or over time; `window` is a range of time, by default the one that fits the panel. */
export function quantileOf(
  quantile: Quantile,
  histogram: Declared | Metric,
  where = '',
  by?: Label,
  window = '$__rate_interval',
): Query {
  const labels = ['le', ...(by ? [prometheusLabel(by.name)] : [])].join(', ');
  return promql`histogram_quantile(${Number(quantile.slice(1)) / 100}, sum by (${labels}) (rate(${histogram}_bucket{${where}}[${window}])))`;
}

/** How often values fell into which range, for `heatmap`. */
export function buckets(histogram: Declared | Metric, where = ''): Query {
  return promql`sum by (le) (rate(${histogram}_bucket{${where}}[$__rate_interval]))`;
}

/**
 * How much counters grew in the time range, or in another window, summed by labels: exactly, the first value of each
 * included. For what is rare or costs money; `$__interval` in a panel with `every` counts each event in one bar.
 */
export function grown(counter: Query, by: By = [], window: Window = '$__range'): Query {
  return promql`sum${grouping(by)} (clamp_min(${added(counter, window)}, 0))`;
}

/** The same for each day, as a point at its first moment: for a panel with `every: '1d'`. Today counts as far as it is. */
export function perDay(counter: Query, by: By = []): Query {
  const ofDay = promql`max_over_time(${counter}[1d] offset -1d)`;
  return promql`sum${grouping(by)} (clamp_min(${ofDay} - last_over_time(${counter}[1h]) or ${ofDay}, 0))`;
}

/** Labels of the catalogue, or of others as Prometheus has them. */
type By = readonly (Label | string)[];

function grouping(by: By): string {
  const labels = by.map((label) => (typeof label === 'string' ? label : prometheusLabel(label.name)));
  return labels.length > 0 ? ` by (${labels.join(', ')})` : '';
}

/** How long a service may be silent before what it said last is no longer true: two and a half pushes of a minute, the default. */
const silentSeconds = 150;

/** A gauge of processes that still report. Of one that has ended Prometheus shows the last value for five minutes more. */
export function current(gauge: Query): Query {
  return promql`${gauge} unless time() - timestamp(${gauge}) > ${silentSeconds}`;
}

/** A straight line: a budget, a limit, a target. Name it so in the legend, and it is dashed. */
export function straight(value: number): Query {
  return promql`vector(${value})`;
}

function legend(quantile: Quantile, quantiles: number, by: Label | undefined): string {
  if (!by) return quantile;
  const label = `{{${prometheusLabel(by.name)}}}`;
  return quantiles === 1 ? label : `${quantile} ${label}`;
}
