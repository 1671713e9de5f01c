import {
  type Attributes,
  type Counter,
  createNoopMeter,
  diag,
  type Histogram,
  type Meter,
  metrics,
} from '@opentelemetry/api';
import type { LabelsOf, Metric, MetricKind } from '../catalog/metric.ts';
import { guard } from './guard.ts';
import { bounded } from './labels.ts';
import { scopeName, scopeVersion } from './scope-name.ts';

type Instrument = Pick<Counter, 'add'> & Pick<Histogram, 'record'>;
type Declared<Kind extends MetricKind> = Metric & { readonly kind: Kind };

let provider: unknown;
let meter: Meter;
let instruments = new Map<Metric, Instrument>();

/** Adds to a counter. Never throws; what is no number is left out, since a sum could not get rid of it again. */
export function add<M extends Declared<'counter' | 'upDownCounter'>>(
  metric: M,
  value: number,
  labels: LabelsOf<M>,
): void {
  try {
    const to = instrument(metric);
    if (to && Number.isFinite(value)) to.add(value, attributesOf(metric, labels));
  } catch {
    // Nothing to tell the host.
  }
}

/** Records one value of a histogram or a gauge. Never throws; what is no number is left out. */
export function record<M extends Declared<'histogram' | 'gauge'>>(metric: M, value: number, labels: LabelsOf<M>): void {
  try {
    const to = instrument(metric);
    if (to && Number.isFinite(value)) to.record(value, attributesOf(metric, labels));
  } catch {
    // As above.
  }
}

/** One more, until the function that comes back is called: by the same instrument and under the same labels, once. */
export function hold<M extends Declared<'upDownCounter'>>(metric: M, labels: LabelsOf<M>): () => void {
  let giveBack: (() => void) | undefined;
  guard(() => {
    const held = instrument(metric);
    if (!held) return;
    const attributes = attributesOf(metric, labels);
    held.add(1, attributes);
    giveBack = () => held.add(-1, attributes);
  });
  return () => {
    const back = giveBack;
    giveBack = undefined;
    if (back) guard(back);
  };
}

const warned = new WeakSet<Metric>();

/** The labels a metric has, bounded, and no others: JavaScript cannot put an id on one either. (T10) */
export function attributesOf(metric: Metric, given: Readonly<Record<string, unknown>>): Attributes {
  const attributes: Attributes = {};
  let left = 0;
  for (const _ in given) left += 1;
  for (const label of metric.labels) {
    if (label.name in given) left -= 1;
    const value = bounded(label, given[label.name]);
    if (value !== undefined) attributes[label.name] = value;
  }
  if (left > 0) warnOnce(metric, given);
  return attributes;
}

function warnOnce(metric: Metric, given: object): void {
  if (warned.has(metric)) return;
  warned.add(metric);
  const undeclared = Object.keys(given).filter((name) => !metric.labels.some((label) => label.name === name));
  diag.warn(`Left ${undeclared.join(', ')} off ${metric.name}: not among its labels. Put it on the span.`);
}

const nobody = createNoopMeter();

/** Undefined where nobody listens. */
function instrument(metric: Metric): Instrument | undefined {
  const current = currentMeter();
  if (current === nobody) return undefined;
  const known = instruments.get(metric);
  if (known) return known;
  const made = create(current, metric);
  instruments.set(metric, made);
  return made;
}

const listeners = new Set<() => void>();

/** Calls `listener` when another provider is registered: what is observed has to be asked for there again. */
export function onAnotherMeter(listener: () => void): void {
  listeners.add(listener);
}

/** The meter of whoever is registered now: the API of metrics, unlike that of traces, does not switch over by itself. */
export function currentMeter(): Meter {
  const current = metrics.getMeterProvider();
  if (current !== provider) {
    provider = current;
    instruments = new Map();
    meter = current.getMeter(scopeName, scopeVersion);
    for (const tell of listeners) guard(tell);
  }
  return meter;
}

function create(from: Meter, { kind, name, unit, means, buckets }: Metric): Instrument {
  const options = {
    unit,
    description: means,
    ...(buckets && { advice: { explicitBucketBoundaries: [...buckets] } }),
  };
  const refuse = () => {
    throw new TypeError(`${name} is a ${kind}`);
  };
  switch (kind) {
    case 'counter': {
      const made = from.createCounter(name, options);
      return { add: made.add.bind(made), record: refuse };
    }
    case 'upDownCounter': {
      const made = from.createUpDownCounter(name, options);
      return { add: made.add.bind(made), record: refuse };
    }
    case 'histogram': {
      const made = from.createHistogram(name, options);
      return { add: refuse, record: made.record.bind(made) };
    }
    case 'gauge': {
      const made = from.createGauge(name, options);
      return { add: refuse, record: made.record.bind(made) };
    }
  }
}
