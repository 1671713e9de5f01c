/** A dashboard as Grafana loads it: Classic JSON, schema version 42. */
import * as model from '@grafana/grafana-foundation-sdk/dashboard';
import dashgen from 'grafana-dash-gen';
import type { Metric } from '../queries/metric.ts';
import { layout, type PlacedRow } from './layout.ts';
import type { Panel } from './panels.ts';
import { prometheusSource } from './series.ts';

export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
  readonly collapsed: boolean;
}

export interface Variable {
  readonly name: string;
  build(): object;
}

interface Options {
  /** The one question it answers. */
  question: string;
  /** Time range on opening, ending now. */
  from?: `now-${number}${'m' | 'h' | 'd'}`;
  refresh?: `${number}${'s' | 'm'}`;
  variables?: readonly Variable[];
}

/** One part of the story: its title is the question that its panels answer. */
export function row(title: string, panels: readonly Panel[]): Row {
  return { title, panels, collapsed: false };
}

/** A row that starts closed, and asks nothing of the data sources until it is opened. */
export function details(title: string, panels: readonly Panel[]): Row {
  return { title, panels, collapsed: true };
}

/** A choice at the top of the dashboard, `$name` in its queries: the values that a label has. */
export function variable(name: string, metric: Metric, label: string): Variable {
  if (!metric.labels.includes(label)) {
    throw new Error(`Cannot offer $${name}: ${metric.name} has no label ${label}; it has ${metric.labels.join(', ')}.`);
  }
  return {
    name,
    build: () =>
      structuredClone(
        new model.QueryVariableBuilder(name)
          .datasource(prometheusSource)
          .query({ qryType: 1, query: `label_values(${metric.name}, ${label})`, refId: name })
          .refresh(model.VariableRefresh.OnTimeRangeChanged)
          .sort(model.VariableSort.AlphabeticalAsc)
          .multi(true)
          .includeAll(true)
          .allValue('.*')
          .build(),
      ),
  };
}

/** `uid` is also the file's name. The default export of `dashboards/<uid>.ts`, in a twin. */
export function dashboard(uid: string, title: string, options: Options, rows: readonly Row[]): object {
  const assembled = assemble(title, options, rows);
  return {
    uid,
    title,
    description: `${options.question} Generated from grafana/dashboards/${uid}.ts.`,
    tags: assembled.tags,
    editable: assembled.editable,
    graphTooltip: model.DashboardCursorSync.Crosshair,
    links: assembled.links,
    refresh: assembled.refresh,
    schemaVersion: 42,
    time: assembled.time,
    timepicker: {},
    timezone: assembled.timezone,
    annotations: { list: [builtInAnnotations] },
    templating: { list: assembled.templating.list },
    panels: layout(assembled.rows),
  };
}

/** grafana-dash-gen holds the parts together; its own panels, ids and rows are of Grafana's past and go no further. */
function assemble(title: string, { from = 'now-1h', refresh = '30s', variables = [] }: Options, rows: readonly Row[]) {
  const assembled = new dashgen.Dashboard({
    title,
    tags: [tag],
    timezone: 'utc',
    editable: false,
    refresh,
    time: { from, to: 'now' },
    links: [linkToOthers as never],
  });
  for (const each of variables) assembled.addTemplate(generated(() => each.build()));
  for (const { title, panels, collapsed } of rows) {
    const held = new dashgen.Row({ title, collapse: collapsed });
    for (const panel of panels) {
      const gridPos = { w: panel.width, h: panel.height };
      held.addPanel(generated(() => ({ ...panel.build(), gridPos })));
    }
    assembled.addRow(held);
  }
  const json = assembled.generate();
  return { ...json, rows: json.rows as unknown as PlacedRow[] };
}

/** grafana-dash-gen takes anything that can `generate()`, though its types say otherwise. */
function generated(generate: () => object): never {
  return { generate } as never;
}

const tag = 'fleetscope';

/** To every other dashboard, with the time range and the variables kept. */
const linkToOthers = {
  type: 'dashboards',
  title: 'Dashboards',
  tags: [tag],
  asDropdown: true,
  includeVars: true,
  keepTime: true,
  targetBlank: false,
  icon: 'external link',
  tooltip: '',
  url: '',
};

const builtInAnnotations = {
  builtIn: 1,
  datasource: { type: 'grafana', uid: '-- Grafana --' },
  enable: true,
  hide: true,
  iconColor: 'rgba(0, 211, 255, 1)',
  name: 'Annotations & Alerts',
  type: 'dashboard',
};
