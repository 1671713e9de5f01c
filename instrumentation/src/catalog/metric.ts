import type { Label, Values } from './attribute.ts';

/** A metric, declared once: the instrument, its documentation and its name in queries come from here. */
export interface Metric<Labels extends readonly Label[] = readonly Label[]> {
  readonly kind: MetricKind;
  /** OpenTelemetry name, e.g. `agent.tasks.started`. */
  readonly name: string;
  /** UCUM, e.g. `s`, `By`, `{task}`; `1` for a share from 0 to 1. */
  readonly unit: string;
  readonly means: string;
  readonly labels: Labels;
  /** Histograms: upper bounds, in `unit`. */
  readonly buckets: readonly number[] | undefined;
  /** The promise it keeps, and the name its source document used, where there is one. */
  readonly source: Source;
  /** Who records it: this package's fleet API or runtime part, an instrumentation of OpenTelemetry, the escalation service, the run ledger, both of them, a backup, operational memory. */
  readonly by: Recorder;
  /** What must be there before anything records it. Undefined: the fleet's own work is enough. */
  readonly needs: string | undefined;
}

export type MetricKind = 'counter' | 'upDownCounter' | 'histogram' | 'gauge';
export type Recorder =
  | 'fleet'
  | 'runtime'
  | 'http'
  | 'runtime-node'
  | 'sdk'
  | 'escalation'
  | 'monitor'
  | 'services'
  | 'backup'
  | 'memory';

export interface Source {
  readonly id: string;
  readonly name?: string;
}

interface Facts<Labels extends readonly Label[]> {
  unit: string;
  means: string;
  labels: Labels;
  source: Source;
  by?: Recorder;
  needs?: string;
}

/** Counts up. In Prometheus: `…_total`. */
export function counter<const Labels extends readonly Label[]>(name: string, facts: Facts<Labels>) {
  return declare('counter', name, facts);
}

/** Counts up and down: how many there are now. */
export function upDownCounter<const Labels extends readonly Label[]>(name: string, facts: Facts<Labels>) {
  return declare('upDownCounter', name, facts);
}

/** The last value. */
export function gauge<const Labels extends readonly Label[]>(name: string, facts: Facts<Labels>) {
  return declare('gauge', name, facts);
}

/** A distribution over fixed buckets. In Prometheus: `…_bucket`, `…_sum`, `…_count`. */
export function histogram<const Labels extends readonly Label[]>(
  name: string,
  facts: Facts<Labels> & { buckets: readonly number[] },
) {
  return declare('histogram', name, facts, facts.buckets);
}

/** What may stand on a point of this metric. */
export type LabelsOf<M extends Metric> = Values<M['labels']>;

type Named<Kind extends MetricKind, Labels extends readonly Label[]> = Metric<Labels> & { readonly kind: Kind };

function declare<Kind extends MetricKind, const Labels extends readonly Label[]>(
  kind: Kind,
  name: string,
  { unit, means, labels, source, by = 'fleet', needs }: Facts<Labels>,
  buckets?: readonly number[],
): Named<Kind, Labels> {
  return { kind, name, unit, means, labels, buckets, source, by, needs };
}
