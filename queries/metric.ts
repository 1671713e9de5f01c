/** A metric as Prometheus stores it. A query may use these names and labels, and no others. */
export interface Metric {
  readonly name: string;
  readonly type: MetricType;
  readonly labels: readonly string[];
  /** What one unit of it is, in one line. */
  readonly means: string;
  /** The parts of the stack that expose it, by their `job`; `application` for what services send. */
  readonly from: readonly string[];
  /** What must happen before a healthy stack has it at all. Left out: it is there from the start. */
  readonly absentUntil?: string;
}

/** A histogram is the classic kind: queries use `<name>_bucket`, `<name>_sum` and `<name>_count`. */
export type MetricType = 'counter' | 'gauge' | 'histogram';

/** A name inside a selector, resolved: a histogram's parts are counters, and `le` is on the buckets only. */
export interface Series {
  readonly metric: Metric;
  readonly type: 'counter' | 'gauge';
  readonly labels: ReadonlySet<string>;
}

/** The names under which a metric is queried, with what each is. */
export function seriesOf(metric: Metric): [name: string, series: Series][] {
  if (metric.type !== 'histogram') {
    return [[metric.name, { metric, type: metric.type, labels: new Set(metric.labels) }]];
  }
  const part = (...more: string[]): Series => ({
    metric,
    type: 'counter',
    labels: new Set([...metric.labels, ...more]),
  });
  return [
    [`${metric.name}_bucket`, part('le')],
    [`${metric.name}_sum`, part()],
    [`${metric.name}_count`, part()],
  ];
}
