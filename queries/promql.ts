import type { Label } from '../instrumentation/src/catalog/attribute.ts';
import type { Metric as Declared } from '../instrumentation/src/catalog/metric.ts';
import { prometheusLabel } from '../instrumentation/src/catalog/prometheus-name.ts';
import { answer } from './answer.ts';
import { fleetMetric, fleetMetrics } from './fleet-metrics.ts';
import { withoutMacros } from './macros.ts';
import { type Metric, type Series, seriesOf } from './metric.ts';
import { parse } from './parse.ts';
import { overflowed, stackMetrics } from './stack-metrics.ts';

/** PromQL that has been parsed, type-checked, and whose every metric and label something emits. */
export interface Query {
  readonly language: 'promql';
  /** Plain PromQL; in a dashboard Grafana's macros may stand in it. */
  readonly text: string;
  /** Labels its series can carry: what a legend or an alert's text may name. */
  readonly labels: ReadonlySet<string>;
  /** When a healthy stack has no answer; undefined when it always has one. */
  readonly emptyWhen: string | undefined;
  /** The metrics that stood in its holes, which its users may name too. */
  readonly metrics: readonly Metric[];
}

/** A metric or a label by its entry, of the stack or of the catalogue, another query, or plain text: what comes out is checked as a whole. */
export type Hole = Declared | Label | Metric | { readonly name: string } | Query | string | number;

/**
 * Checks a query while it is written, at the latest in `npm run generate`. (B03)
 * @throws SyntaxError for text that is no PromQL, Error for a metric or label that nothing emits.
 */
export const promql = promqlOver([...stackMetrics, overflowed, ...fleetMetrics]);

/** The tag `promql` for another set of metrics; a metric in a hole is always one of them. */
export function promqlOver(known: readonly Metric[]) {
  const series = new Map(known.flatMap(seriesOf));
  return ({ raw }: TemplateStringsArray, ...given: Hole[]): Query => {
    const holes = given.map(inPrometheus);
    const text = String.raw({ raw }, ...holes.map((hole, at) => fill(hole, raw[at] as string, raw[at + 1] as string)));
    const metrics = [...new Set(holes.flatMap(metricsOf))];
    const plain = withoutMacros(text);
    const { labels, emptyWhen } = answer(plain, parse(plain), joined(series, metrics));
    return { language: 'promql', text, labels, emptyWhen, metrics };
  };
}

type Stored = Metric | { readonly name: string } | Query | string | number;

/** An entry of the catalogue under the name that Prometheus has for it. */
function inPrometheus(hole: Hole): Stored {
  if (typeof hole !== 'object' || !('kind' in hole)) return hole;
  return hole.kind === 'label' ? { name: prometheusLabel(hole.name) } : fleetMetric(hole);
}

/** A query keeps its meaning in any place: it is bracketed unless brackets stand there already, or it is one term. */
function fill(hole: Stored, before: string, after: string): string {
  if (typeof hole !== 'object') return String(hole);
  if ('name' in hole) return hole.name;
  const bracketed = /\(\s*$/.test(before) && /^\s*\)/.test(after);
  return bracketed || /^[\w:]*(\([^()]*\)|\{[^{}]*\})?$/.test(hole.text) ? hole.text : `(${hole.text})`;
}

function metricsOf(hole: Stored): readonly Metric[] {
  if (typeof hole !== 'object') return [];
  if ('text' in hole) return hole.metrics;
  return 'type' in hole ? [hole] : [];
}

function joined(series: ReadonlyMap<string, Series>, metrics: readonly Metric[]): ReadonlyMap<string, Series> {
  const more = metrics.flatMap(seriesOf).filter(([name]) => !series.has(name));
  return more.length === 0 ? series : new Map([...series, ...more]);
}
