import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus';
import type { Query } from '../queries/promql.ts';

/** What a panel asks: the name in the legend, where `{{label}}` stands for a label's value → the query. */
export type Series = Readonly<Record<string, Query>>;

/** One query alone has the panel's title for its name. */
export function named(title: string, asked: Query | Series): Series {
  return isQuery(asked) ? { [title]: asked } : asked;
}

function isQuery(asked: Query | Series): asked is Query {
  return typeof asked.text === 'string';
}

export const prometheusSource = { type: 'prometheus', uid: 'prometheus' };

/** Grafana's targets, with a refId each. @throws Error for a legend that names a label which the query does not answer. */
export function targets(panel: string, series: Series, kind: 'instant' | 'range') {
  return Object.entries(series).map(([legend, query], at) => {
    checkLegend(panel, legend, query);
    const target = new prometheus.DataqueryBuilder()
      .refId(String.fromCharCode('A'.charCodeAt(0) + at))
      .datasource(prometheusSource)
      .expr(query.text)
      .legendFormat(legend);
    return kind === 'instant' ? target.instant() : target.range();
  });
}

/** Why each query may have no answer; a panel with such a query has to say so. */
export function emptyWhen(series: Series): string[] {
  return Object.values(series).flatMap((query) => query.emptyWhen ?? []);
}

function checkLegend(panel: string, legend: string, query: Query): void {
  for (const [, label = ''] of legend.matchAll(/\{\{\s*([\w.]+)\s*\}\}/g)) {
    if (!query.labels.has(label)) {
      const has = [...query.labels].join(', ') || 'none';
      throw new Error(`Cannot label "${panel}" with {{${label}}}: ${query.text} answers with ${has}.`);
    }
  }
}
