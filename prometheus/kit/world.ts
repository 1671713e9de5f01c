/** What the series do while a rule is proved: counters grow, gauges stay, histograms fill. */
import type { Metric as Declared } from '../../instrumentation/src/catalog/metric.ts';
import { fleetMetric } from '../../queries/fleet-metrics.ts';
import type { Metric } from '../../queries/metric.ts';
import { seconds } from './duration.ts';
import { exampleLabels, type Labels } from './example-labels.ts';

/** One series and what it does. */
export interface Course {
  /** `name{label="value",…}`. */
  readonly series: string;
  readonly labels: Labels;
  /** The value before the first step. */
  readonly start: number;
  /** Growth a minute. */
  readonly perMinute: number;
  /** A counter goes on from where it was, a gauge is what the world says. */
  readonly kind: 'counter' | 'gauge';
}

export type World = readonly Course[];

/** A world and how long it lasts. */
export type Phase = readonly [world: World, minutes: number];

/** A metric, of the catalogue or of the stack, with the labels that its series has; the others get example values. */
export interface SeriesOf {
  readonly metric: Declared | Metric;
  readonly labels: Labels;
}

/** `series(agentTasksFailed, { error_type: 'timeout' })`: by the labels' names in Prometheus; `''` leaves one out. */
export function series(metric: Declared | Metric, labels: Labels = {}): SeriesOf {
  return { metric, labels };
}

/** A counter that grows evenly. `start`: its first value, as of a process that counted before it was first seen. */
export function grows(of: SeriesOf, perMinute: number, start = 0): World {
  return [course(of, { start, perMinute })];
}

/** A gauge that stays at a value. */
export function stays(of: SeriesOf, value: number): World {
  return [course(of, { start: value, perMinute: 0, kind: 'gauge' })];
}

/** A gauge that rises evenly, such as the time of the last heartbeat: 60 a minute. */
export function rises(of: SeriesOf, perMinute: number, start = 0): World {
  return [course(of, { start, perMinute, kind: 'gauge' })];
}

/** A histogram that so many observations a minute reach, of which the share `quantile` is below `value`: exactly that quantile. */
export function observes(of: SeriesOf, { perMinute, quantile, value }: Observations): World {
  const bounds = bucketsOf(of);
  const at = bounds.findIndex((bound) => value <= bound);
  if (at < 0)
    throw new RangeError(`Cannot show ${value} in ${of.metric.name}: its last bucket ends at ${bounds.at(-1)}.`);
  const [low, high] = [bounds[at - 1] ?? 0, bounds[at] as number];
  const within = (value - low) / (high - low);
  // Nothing is below the first bucket.
  if (at === 0 && within < quantile)
    throw new RangeError(`Cannot show ${value} in ${of.metric.name}: it is too small.`);
  // Prometheus draws a line through the bucket: so many are below it and in it that the line meets `value`.
  const below = within < quantile ? (quantile - within) / (1 - within) : 0;
  const upTo = within < quantile ? 1 : quantile / within;
  const share = (bound: number) => (bound <= low ? below : bound === high ? upTo : 1);
  const bucket = (le: string, part: number) => course(of, { perMinute: perMinute * part }, '_bucket', { le });
  return [
    ...bounds.map((bound) => bucket(String(bound), share(bound))),
    bucket('+Inf', 1),
    course(of, { perMinute }, '_count'),
    course(of, { perMinute: perMinute * value }, '_sum'),
  ];
}

interface Observations {
  perMinute: number;
  /** 0 to 1. */
  quantile: number;
  value: number;
}

/** promtool's `input_series` for worlds that follow each other; a counter goes on from where it was. */
export function inputSeries(phases: readonly Phase[], step: string) {
  const perMinute = 60 / seconds(step);
  const names = [...new Set(phases.flatMap(([world]) => world.map(({ series }) => series)))];
  return names.map((name) => {
    let last: number | undefined;
    const values = phases.map(([world, minutes], at) => {
      // The first sample is at 0; every later phase begins one step after the one before it.
      const samples = minutes * perMinute + (at === 0 ? 1 : 0);
      const course = world.find(({ series }) => series === name);
      if (!course) {
        last = undefined;
        return `_x${samples}`;
      }
      const step = Number(plain(course.perMinute / perMinute));
      const first = last === undefined || course.kind === 'gauge' ? course.start : notBelow(last, last + step);
      last = first;
      // As promtool adds them up: whatever is below it in the last digit would be a counter that begins anew.
      for (let sample = 1; sample < samples; sample++) last += step;
      // promtool reads NaN only where it stands alone.
      if (Number.isNaN(first)) return Array(samples).fill('NaN').join(' ');
      return step === 0 ? `${plain(first)}x${samples - 1}` : `${plain(first)}+${plain(step)}x${samples - 1}`;
    });
    return { series: name, values: values.join(' ') };
  });
}

/** As it is written, and not less than what was before. */
function notBelow(before: number, value: number): number {
  const written = Number(plain(value));
  return written < before ? Number(plain(before + 1e-9)) : written;
}

/** The labels that a series of a proof has, of those that are asked for. */
export function labelsOf(of: SeriesOf, names: readonly string[]): Labels {
  const { labels } = course(of, {});
  return Object.fromEntries(names.flatMap((name) => (labels[name] === undefined ? [] : [[name, labels[name]]])));
}

function course({ metric, labels: given }: SeriesOf, does: Partial<Course>, part = '', more: Labels = {}): Course {
  const stored = 'kind' in metric ? fleetMetric(metric) : metric;
  const all = Object.entries({ ...exampleLabels(stored.labels, metric), ...given, ...more });
  const labels = Object.fromEntries(all.filter(([, value]) => value !== ''));
  const series = `${stored.name}${part}${selector(labels)}`;
  return { series, labels, start: 0, perMinute: 0, kind: 'counter', ...does };
}

/** Labels as promtool reads them; a name with a dot stands in quotes. */
export function selector(labels: Labels): string {
  const written = Object.entries(labels).map(
    ([label, value]) => `${/\W/.test(label) ? `"${label}"` : label}="${value}"`,
  );
  return `{${written.join(',')}}`;
}

function bucketsOf({ metric }: SeriesOf): readonly number[] {
  const buckets = 'buckets' in metric ? metric.buckets : undefined;
  if (!buckets) throw new TypeError(`Cannot fill ${metric.name}: it is no histogram of the catalogue.`);
  return buckets;
}

/** Not `1e-7` or `0.30000000000000004`: promtool reads plain numbers, and so do people. */
function plain(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toFixed(9))) : String(value);
}
