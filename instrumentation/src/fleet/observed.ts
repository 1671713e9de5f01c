import type { Attributes, ObservableResult } from '@opentelemetry/api';
import type { LabelsOf, Metric } from '../catalog/metric.ts';
import { guard } from './guard.ts';
import { attributesOf, currentMeter, onAnotherMeter } from './record.ts';

type Gauge = Metric & { readonly kind: 'gauge' };
type Value = readonly [value: number, labels: Attributes];
type Reading = () => Iterable<Value>;

interface Watch {
  metric: Gauge;
  /** Each with what the meter heard of it last. */
  readings: Map<Reading, readonly Value[]>;
  /** Of readings that were stopped: told once more, since the SDK repeats the last value it heard for ever. */
  farewells: Value[];
  meter: unknown;
}

const watches = new Map<Gauge, Watch>();

/**
 * Reads a gauge whenever metrics are collected, until `stop` is called. `read` must be quick and synchronous; one that
 * throws gives no value and harms nobody. Several readings of one gauge are told apart by their labels. After `stop` the
 * gauge stands at `gone`: by default at 0.
 */
export function observe<M extends Gauge>(
  metric: M,
  read: () => Iterable<readonly [value: number, labels: LabelsOf<M>]>,
  gone = 0,
): { stop(): void } {
  const watch = watches.get(metric) ?? start(metric);
  const reading: Reading = () => {
    const values: Value[] = [];
    for (const [value, labels] of read()) {
      if (Number.isFinite(value)) values.push([value, attributesOf(metric, labels)]);
    }
    // It may have stopped itself.
    if (watch.readings.has(reading)) watch.readings.set(reading, values);
    return values;
  };
  watch.readings.set(reading, []);
  return {
    stop() {
      for (const [, labels] of watch.readings.get(reading) ?? []) watch.farewells.push([gone, labels]);
      watch.readings.delete(reading);
    },
  };
}

function start(metric: Gauge): Watch {
  const watch: Watch = { metric, readings: new Map(), farewells: [], meter: undefined };
  watches.set(metric, watch);
  guard(() => register(watch));
  onAnotherMeter(() => register(watch));
  return watch;
}

function register(watch: Watch): void {
  const meter = currentMeter();
  if (watch.meter === meter) return;
  watch.meter = meter;
  // The new one has heard nothing: what it is not to repeat, it is not told.
  watch.farewells = [];
  for (const reading of watch.readings.keys()) watch.readings.set(reading, []);
  const { name, unit, means: description } = watch.metric;
  meter.createObservableGauge(name, { unit, description }).addCallback((result: ObservableResult) => {
    for (const reading of [() => watch.farewells.splice(0), ...watch.readings.keys()]) {
      guard(() => {
        for (const [value, labels] of reading()) result.observe(value, labels);
      });
    }
  });
}
