/** What the dashboards ask, read from the files that Grafana reads. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { noDataYet } from './panel.ts';

/** One query of a dashboard. */
export interface PanelQuery {
  /** The dashboard's uid. */
  dashboard: string;
  /** The panel's title; of a variable `$agent`, of an annotation its name. */
  panel: string;
  of: 'panel' | 'variable' | 'annotation';
  refId: string;
  source: 'prometheus' | 'loki' | 'tempo';
  /** PromQL, LogQL or TraceQL with Grafana's macros in it; `withoutMacros` makes it plain. */
  expr: string;
  /** `values` is the question for the values of a label: see `labelValues`; `graph` is Tempo's service map. */
  kind: 'instant' | 'range' | 'search' | 'values' | 'graph';
  /** Why it may be empty; undefined when it must have data. (D19) */
  allowedEmpty: string | undefined;
}

const source = v.object({ type: v.string() });

const target = v.pipe(
  v.variant('source', [
    v.object({ source: v.literal('prometheus'), refId: v.string(), expr: v.string(), instant: v.boolean() }),
    v.object({
      source: v.literal('loki'),
      refId: v.string(),
      expr: v.string(),
      queryType: v.picklist(['instant', 'range']),
    }),
    v.object({
      source: v.literal('tempo'),
      refId: v.string(),
      query: v.optional(v.string(), ''),
      queryType: v.string(),
    }),
  ]),
);

const panel = v.object({
  title: v.string(),
  targets: v.optional(v.array(v.looseObject({ datasource: source })), []),
  fieldConfig: v.optional(v.object({ defaults: v.object({ noValue: v.optional(v.string()) }) })),
  description: v.optional(v.string(), ''),
});

const dashboard = v.object({
  uid: v.string(),
  panels: v.array(v.object({ ...panel.entries, panels: v.optional(v.array(panel), []) })),
  annotations: v.object({
    list: v.array(v.looseObject({ name: v.string(), datasource: source, expr: v.optional(v.string()) })),
  }),
  templating: v.object({
    list: v.array(v.object({ name: v.string(), query: v.union([v.object({ query: v.string() }), v.string()]) })),
  }),
});

/** Every dashboard file, parsed. */
export function dashboardFiles(folder = join(import.meta.dirname, 'dashboards')): unknown[] {
  const files = globSync('*.json', { cwd: folder }).sort();
  return files.map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')));
}

/**
 * Every query of a dashboard: of its panels, those in closed rows included, of its variables and annotations.
 * @throws ValiError for what is no dashboard of ours.
 */
export function panelQueries(json: unknown): PanelQuery[] {
  const { uid, panels, annotations, templating } = v.parse(dashboard, json);
  const own = { dashboard: uid };
  return [
    ...panels
      .flatMap((each) => [each, ...each.panels])
      .flatMap(({ title, targets, fieldConfig, description }) =>
        targets.map((each) => ({
          ...own,
          panel: title,
          of: 'panel' as const,
          ...asked({ ...each, source: each.datasource.type }),
          allowedEmpty: whyEmpty(fieldConfig?.defaults.noValue, description),
        })),
      ),
    ...templating.list.flatMap(({ name, query }) =>
      // What somebody types is asked of nobody.
      typeof query === 'string'
        ? []
        : [
            {
              ...own,
              panel: `$${name}`,
              of: 'variable' as const,
              refId: name,
              source: 'prometheus' as const,
              expr: query.query,
              kind: 'values' as const,
              allowedEmpty: 'no service says so.',
            },
          ],
    ),
    ...annotations.list.flatMap(({ name, datasource, expr }) =>
      expr === undefined
        ? []
        : [
            {
              ...own,
              panel: name,
              of: 'annotation' as const,
              refId: 'Annotation',
              source: v.parse(v.picklist(['prometheus', 'loki']), datasource.type),
              expr,
              kind: 'range' as const,
              allowedEmpty: 'nothing of the kind has happened.',
            },
          ],
    ),
  ];
}

/** Every query of every dashboard. */
export function allPanelQueries(): PanelQuery[] {
  return dashboardFiles().flatMap(panelQueries);
}

/** The two parts of `label_values(series, label)`: what to ask Prometheus for a variable's values. */
export function labelValues(expr: string): { series: string; label: string } {
  const [, series, label] = /^label_values\((.+), (\w+)\)$/.exec(expr) ?? [];
  if (!series || !label) throw new Error(`Cannot ask for "${expr}": it is no label_values(series, label).`);
  return { series, label };
}

function asked(given: unknown): Pick<PanelQuery, 'refId' | 'source' | 'expr' | 'kind'> {
  const each = v.parse(target, given);
  const { refId, source } = each;
  switch (each.source) {
    case 'prometheus':
      return { refId, source, expr: each.expr, kind: each.instant ? 'instant' : 'range' };
    case 'loki':
      return { refId, source, expr: each.expr, kind: each.queryType };
    default:
      return { refId, source, expr: each.query, kind: each.queryType === 'serviceMap' ? 'graph' : 'search' };
  }
}

/** Records and calls have no place for "no value": there the description alone says it. */
function whyEmpty(noValue: string | undefined, description: string): string | undefined {
  const said = noValue ?? /^May be empty: (.+)$/m.exec(description)?.[1];
  return said === noDataYet ? undefined : said;
}
