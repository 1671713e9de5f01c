/** Instruments made of the catalogue's entries. */
import type {
  Attributes,
  BatchObservableCallback,
  Counter,
  Histogram,
  Meter,
  ObservableGauge,
} from '@opentelemetry/api';
import type { Label } from '../../instrumentation/src/catalog/attribute.ts';
import type { Metric } from '../../instrumentation/src/catalog/metric.ts';

type Of<Kind extends Metric['kind']> = Metric & { readonly kind: Kind };

/** What stands for a value beyond the bounds of its label. */
export const otherValue = '_OTHER';

export class Instruments {
  readonly #meter: Meter;
  readonly #made = new Map<Metric, Counter | Histogram | ObservableGauge>();
  readonly #seen = new Map<string, Set<string>>();

  constructor(meter: Meter) {
    this.#meter = meter;
  }

  /** One more. */
  add(metric: Of<'counter'>, labels: Attributes): void {
    const { name, unit, means } = metric;
    const counter = this.#once(metric, () => this.#meter.createCounter(name, { unit, description: means })) as Counter;
    counter.add(1, this.#bounded(metric, labels));
  }

  /** One value; undefined is none. */
  record(metric: Of<'histogram'>, value: number | undefined, labels: Attributes): void {
    if (value === undefined) return;
    const { name, unit, means, buckets = [] } = metric;
    const options = { unit, description: means, advice: { explicitBucketBoundaries: [...buckets] } };
    const histogram = this.#once(metric, () => this.#meter.createHistogram(name, options)) as Histogram;
    histogram.record(value, this.#bounded(metric, labels));
  }

  gauge(metric: Of<'gauge'>): ObservableGauge {
    const { name, unit, means } = metric;
    const make = () => this.#meter.createObservableGauge(name, { unit, description: means });
    return this.#once(metric, make) as ObservableGauge;
  }

  /** Reads a gauge whenever metrics are collected. */
  observe(metric: Of<'gauge'>, read: () => readonly (readonly [value: number, labels: Attributes])[]): void {
    this.gauge(metric).addCallback((result) => {
      for (const [value, labels] of read()) result.observe(value, this.#bounded(metric, labels));
    });
  }

  /** Reads several gauges with one question. */
  observeTogether(read: BatchObservableCallback, gauges: readonly Of<'gauge'>[]): void {
    this.#meter.addBatchObservableCallback(
      read,
      gauges.map((metric) => this.gauge(metric)),
    );
  }

  #once(metric: Metric, make: () => Counter | Histogram | ObservableGauge) {
    const made = this.#made.get(metric) ?? make();
    this.#made.set(metric, made);
    return made;
  }

  /** The labels a metric has, and no others; any team may stand in an alert. (T10) */
  #bounded({ labels: declared }: Metric, labels: Attributes): Attributes {
    return Object.fromEntries(
      declared.flatMap((label) => {
        const value = labels[label.name];
        return value === undefined ? [] : [[label.name, this.#value(label, String(value))]];
      }),
    );
  }

  #value({ name, values, atMost }: Label, value: string): string {
    if (values) return values.includes(value) ? value : otherValue;
    const seen = this.#seen.get(name) ?? new Set();
    this.#seen.set(name, seen);
    if (seen.size < atMost) seen.add(value);
    return seen.has(value) ? value : otherValue;
  }
}
