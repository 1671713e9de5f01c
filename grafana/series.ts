import * as lokiQuery from '@grafana/grafana-foundation-sdk/loki';
import * as prometheusQuery from '@grafana/grafana-foundation-sdk/prometheus';
import * as tempoQuery from '@grafana/grafana-foundation-sdk/tempo';
import type { LogQuery } from '../queries/logql.ts';
import type { Query } from '../queries/promql.ts';
import type { TraceQuery } from '../queries/traceql.ts';
import { intervalSeconds } from '../stack.ts';

/** A question in one of the three languages. */
export type Asked = Query | LogQuery | TraceQuery;

/** What a panel asks: the name in the legend, where `{{label}}` stands for a label's value → the query. */
export type Series = Readonly<Record<string, Asked>>;

/** One query alone has the panel's title for its name. */
export function named(title: string, asked: Asked | Series): Series {
  return isQuery(asked) ? { [title]: asked } : asked;
}

function isQuery(asked: Asked | Series): asked is Asked {
  return typeof asked.text === 'string';
}

/** A number of now beside lines over time: it has no line, and stands in the legend. */
export function now(query: Query): Query {
  return { ...query, [once]: true } as Query;
}

export function isNow(asked: Asked): boolean {
  return once in asked;
}

const once = Symbol('once');

/** By their uids, which grafana/datasources.ts sets. */
export const sources = {
  promql: { type: 'prometheus', uid: 'prometheus' },
  logql: { type: 'loki', uid: 'loki' },
  traceql: { type: 'tempo', uid: 'tempo' },
} as const;

/** The one data source of a panel, or Grafana's word for several. */
export function sourceOf(asked: readonly Asked[]) {
  const [first, ...others] = new Set(asked.map(({ language }) => language));
  return others.length > 0 ? { type: 'datasource', uid: '-- Mixed --' } : sources[first ?? 'promql'];
}

/** `table` and `heatmap` are instants and ranges that Grafana wants shaped as such. */
export type Shape = 'instant' | 'range' | 'table' | 'heatmap';

/** Grafana's targets, with a refId each. @throws Error for a legend that names a label which the query does not answer. */
export function targets(panel: string, series: Series, shape: Shape) {
  return Object.entries(series).map(([legend, query], at) => {
    checkLegend(panel, legend, query);
    return target(query, refId(at), legend, shape);
  });
}

export function refId(at: number): string {
  return String.fromCharCode('A'.charCodeAt(0) + at);
}

function target(query: Asked, id: string, legend: string, shape: Shape) {
  switch (query.language) {
    case 'promql': {
      const built = new prometheusQuery.DataqueryBuilder()
        .refId(id)
        .datasource(sources.promql)
        .expr(query.text)
        .legendFormat(legend);
      // Services push every minute, which the data source knows; what is scraped and recorded here is there more often.
      if (!isPushed(query)) built.interval(`${intervalSeconds.scrape}s`);
      if (shape === 'table') return built.instant().format(prometheusQuery.PromQueryFormat.Table);
      if (shape === 'instant' || once in query) return built.instant();
      // An exemplar is a request behind a bucket: a click on its dot opens the trace.
      if (query.text.includes('_bucket')) built.exemplar(true);
      return shape === 'heatmap' ? built.range().format(prometheusQuery.PromQueryFormat.Heatmap) : built.range();
    }
    case 'logql': {
      const instant = shape === 'instant' || shape === 'table';
      const built = new lokiQuery.DataqueryBuilder()
        .refId(id)
        .datasource(sources.logql)
        .expr(query.text)
        .queryType(instant ? 'instant' : 'range');
      return query.gives === 'numbers' ? built.legendFormat(legend) : built.maxLines(100);
    }
    default:
      return new tempoQuery.DataqueryBuilder()
        .refId(id)
        .datasource(sources.traceql)
        .queryType('traceql')
        .query(query.text)
        .limit(20);
  }
}

function isPushed({ metrics }: Query): boolean {
  return metrics.length === 0 || metrics.some(({ from }) => from.includes('application'));
}

/** Why each query may have no answer; a panel with such a query has to say so. */
export function emptyWhen(asked: readonly Asked[]): string[] {
  return [...new Set(asked.flatMap((query) => query.emptyWhen ?? []))];
}

function checkLegend(panel: string, legend: string, query: Asked): void {
  for (const [, label = ''] of legend.matchAll(/\{\{\s*([\w.]+)\s*\}\}/g)) {
    if (!query.labels.has(label)) {
      const has = [...query.labels].join(', ') || 'none';
      throw new Error(`Cannot label "${panel}" with {{${label}}}: ${query.text} answers with ${has}.`);
    }
  }
}
