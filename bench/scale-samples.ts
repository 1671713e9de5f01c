/** The metrics of the catalogue, as instances of services push them: by OTLP, and the same series by remote write. */

import type { Label } from '../instrumentation/src/catalog/attribute.ts';
import { metrics } from '../instrumentation/src/catalog/catalog.ts';
import type { Metric } from '../instrumentation/src/catalog/metric.ts';
import { prometheusLabel, prometheusName } from '../instrumentation/src/catalog/prometheus-name.ts';
import { mulberry32 } from '../monitor/analysis/mulberry32.ts';
import { resource, services } from './scale-load.ts';
import { attributes, double, eight, field, Template, varint, whole } from './scale-template.ts';

/** Of each metric an instance has so many points, each with labels of its own. */
const pointsOfAMetric = 4;

/** What an application records; escalation and ledger record their own. */
const pushed = metrics.filter(({ by }) => !['escalation', 'monitor', 'sdk'].includes(by));

/** Series of these points, without `target_info`: of a histogram its buckets, the infinite one, sum and count. */
function seriesOf(all: readonly Point[]): number {
  return all.reduce((sum, { metric: { buckets } }) => sum + (buckets ? buckets.length + 3 : 1), 0);
}

/** One point: what grows with each sending, and how fast. */
interface Point {
  readonly metric: Metric;
  readonly labels: Readonly<Record<string, string>>;
  /** Of a histogram one for each bucket; else one. */
  readonly rates: readonly number[];
}

function points(seed: number): Point[] {
  const random = mulberry32(seed + 2000);
  return pushed.flatMap((metric) => {
    const labels = Array.from({ length: pointsOfAMetric }, (_, i) =>
      Object.fromEntries(metric.labels.map((label) => [label.name, labelValue(label, seed, i)])),
    );
    // Small closed sets have fewer: the same labels twice would be one series with two values.
    const different = new Map(labels.map((each) => [JSON.stringify(each), each]));
    return [...different.values()].map((each) => ({
      ...{ metric, labels: each },
      rates: Array.from({ length: (metric.buckets?.length ?? 0) + 1 }, () => Math.floor(random() ** 3 * 40)),
    }));
  });
}

function labelValue({ name, values, atMost }: Label, seed: number, i: number): string {
  // Closed sets are told apart by the point; of open ones an instance has few of many.
  if (values) return values[i % values.length] as string;
  return `${name.split('.').at(-1)}-${(seed * 3 + i) % Math.min(atMost, 40)}`;
}

/** Grows by `rate` a turn, and never evenly: neighbours that differ alike would be packed too well. */
function grown(rate: number, turn: number, seed: number): number {
  const noise = ((turn * 2_654_435_761 + seed * 40_503) >>> 8) % 1000;
  return Math.floor(rate * (turn + noise / 1000));
}

/** One request of OTLP: all points of one instance. Units: samples in Prometheus. */
export function samples(seed: number): Template {
  const all = points(seed);
  return new Template(seriesOf(all), (template) => {
    const byMetric = Map.groupBy(all, ({ metric }) => metric);
    return field(1, [
      resource(services[seed % services.length] as string, seed),
      field(2, [
        field(1, [field(1, 'scale')]),
        ...[...byMetric].map(([metric, own]) =>
          field(2, [field(1, metric.name), field(3, metric.unit), body(template, metric, own)]),
        ),
      ]),
    ]);
  });
}

const cumulative = 2;

function body(template: Template, { kind }: Metric, own: readonly Point[]): Buffer {
  if (kind === 'histogram') {
    return field(9, [...own.map((point) => field(1, histogramPoint(template, point))), whole(2, cumulative)]);
  }
  const all = own.map(({ labels, rates }, i) =>
    field(1, [attributes(7, labels), ...times(template), eight(4, number(template, rates, kind !== 'counter', i))]),
  );
  if (kind === 'gauge') return field(5, all);
  return field(7, [...all, whole(2, cumulative), ...(kind === 'counter' ? [whole(3, 1)] : [])]);
}

const startedMs = Date.now();

function times(template: Template): Buffer[] {
  const start = Buffer.alloc(8);
  start.writeBigUInt64LE(BigInt(startedMs) * 1_000_000n);
  return [eight(2, start), eight(3, template.time())];
}

function number(template: Template, [rate = 0]: readonly number[], isGauge: boolean, seed: number): Buffer {
  return template.slot((bytes, at, turn) =>
    bytes.writeDoubleLE(isGauge ? grown(rate, turn, seed) % 97 : grown(rate, turn, seed), at),
  );
}

function histogramPoint(template: Template, { metric, labels, rates }: Point): Buffer[] {
  const seed = rates.length;
  const sumOf = (turn: number) => rates.reduce((sum, rate) => sum + grown(rate, turn, seed), 0);
  return [
    attributes(9, labels),
    ...times(template),
    eight(
      4,
      template.slot((bytes, at, turn) => bytes.writeBigUInt64LE(BigInt(sumOf(turn)), at)),
    ),
    eight(
      5,
      template.slot((bytes, at, turn) => bytes.writeDoubleLE(sumOf(turn) * 0.31, at)),
    ),
    field(
      6,
      rates.map((rate) =>
        template.slot((bytes, at, turn) => bytes.writeBigUInt64LE(BigInt(grown(rate, turn, seed)), at)),
      ),
    ),
    field(7, (metric.buckets ?? []).map(double)),
  ];
}

/** One series as Prometheus stores it. `turn`: 0 for its first sample. */
export interface StoredSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly valueAt: (turn: number) => number;
}

/** The same series under the names that they get in Prometheus; of another namespace, so that they are not mistaken. */
export function storedSeries(seed: number): StoredSeries[] {
  const service = services[seed % services.length] as string;
  const own = {
    ...{ job: `apart/${service}`, instance: `${service}-${seed}`, service_name: service, service_namespace: 'apart' },
    ...{
      service_version: '1.4.2',
      service_instance_id: `${service}-${seed}`,
      deployment_environment_name: 'production',
    },
  };
  return points(seed).flatMap(({ metric, labels, rates }, i) => {
    const series = (
      suffix: string,
      of: readonly number[],
      more: Readonly<Record<string, string>> = {},
    ): StoredSeries => ({
      labels: { __name__: prometheusName(metric) + suffix, ...own, ...stored(labels), ...more },
      valueAt: (turn) => of.reduce((sum, rate) => sum + grown(rate, turn, i), 0),
    });
    if (!metric.buckets) return [series('', rates.slice(0, 1))];
    return [
      ...rates.map((_, bucket) =>
        series('_bucket', rates.slice(0, bucket + 1), { le: String(metric.buckets?.[bucket] ?? '+Inf') }),
      ),
      ...['_sum', '_count'].map((suffix) => series(suffix, rates)),
    ];
  });
}

function stored(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).map(([name, value]) => [prometheusLabel(name), value]));
}

/** They in one request of remote write 1.0, as another Prometheus sends them. */
export function remoteWrite(seed: number): Template {
  const all = storedSeries(seed);
  return new Template(all.length, (template) => Buffer.concat(all.map((series) => timeSeries(template, series))));
}

function timeSeries(template: Template, { labels, valueAt }: StoredSeries): Buffer {
  const sorted = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  const value = template.slot((bytes, at, turn) => bytes.writeDoubleLE(valueAt(turn), at));
  // A time of eight bytes: a varint may be longer than it must.
  const time = template.slot((bytes, at, _, nowMs) => {
    for (let i = 0, rest = nowMs; i < 8; i++, rest = Math.floor(rest / 128))
      bytes[at + i] = (rest % 128) + (i < 7 ? 128 : 0);
  });
  return field(1, [
    ...sorted.map(([name, text]) => field(1, [field(1, name), field(2, text)])),
    field(2, [eight(1, value), Buffer.concat([varint(2 * 8), time])]),
  ]);
}
