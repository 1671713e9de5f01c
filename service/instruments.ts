/** Instruments made of the catalogue's entries. */
import type {
  Attributes,
  BatchObservableCallback,
  Counter,
  Histogram,
  Meter,
  ObservableGauge,
} from '@opentelemetry/api';
import type { Metric } from '../instrumentation/src/catalog/metric.ts';
import { Bounds } from './bounds.ts';

type Of<Kind extends Metric['kind']> = Metric & { readonly kind: Kind };

type Points = readonly (readonly [value: number, labels: Attributes])[];

export class Instruments {
  readonly #meter: Meter;
  readonly #made = new Map<Metric, Counter | Histogram | ObservableGauge>();
  readonly #bounds = new Bounds();

  constructor(meter: Meter) {
    this.#meter = meter;
  }

  /** One more, or so many. */
  add(metric: Of<'counter'>, labels: Attributes, count = 1): void {
    const { name, unit, means } = metric;
    const counter = this.#once(metric, () => this.#meter.createCounter(name, { unit, description: means })) as Counter;
    counter.add(count, this.#bounds.labelsOf(metric, labels));
  }

  /** One value; undefined is none. */
  record(metric: Of<'histogram'>, value: number | undefined, labels: Attributes): void {
    if (value === undefined) return;
    const { name, unit, means, buckets = [] } = metric;
    const options = { unit, description: means, advice: { explicitBucketBoundaries: [...buckets] } };
    const histogram = this.#once(metric, () => this.#meter.createHistogram(name, options)) as Histogram;
    histogram.record(value, this.#bounds.labelsOf(metric, labels));
  }

  gauge(metric: Of<'gauge'>): ObservableGauge {
    const { name, unit, means } = metric;
    const make = () => this.#meter.createObservableGauge(name, { unit, description: means });
    return this.#once(metric, make) as ObservableGauge;
  }

  /** Reads a gauge whenever metrics are collected. */
  observe(metric: Of<'gauge'>, read: () => Points | Promise<Points>): void {
    this.gauge(metric).addCallback(async (result) => {
      for (const [value, labels] of await read()) result.observe(value, this.#bounds.labelsOf(metric, labels));
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
}
