/** A dashboard as Grafana loads it: Classic JSON, schema version 42. */
import * as model from '@grafana/grafana-foundation-sdk/dashboard';
import dashgen from 'grafana-dash-gen';
import { variablesIn } from '../queries/macros.ts';
import { nearest } from '../queries/nearest.ts';
import { type Annotation, deployments, firingAlerts, lateTelemetry } from './annotations.ts';
import { dashboardList, type Uid } from './dashboard-list.ts';
import { layout, type PlacedRow } from './layout.ts';
import type { Panel } from './panel.ts';
import type { Variable } from './variables.ts';

export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
  readonly collapsed: boolean;
}

interface Options {
  /** The one question it answers. */
  question: string;
  /** Time range on opening, ending now. */
  from?: `now-${number}${'m' | 'h' | 'd'}`;
  refresh?: `${number}${'s' | 'm'}`;
  /** In the order of the choosers; one that another depends on comes first. */
  variables?: readonly Variable[];
  /** Beside those that every dashboard has: firing alerts, deployments, telemetry that is late. */
  annotations?: readonly Annotation[];
}

/** One part of the story: its title is the question that its panels answer. */
export function row(title: string, panels: readonly Panel[]): Row {
  return { title, panels, collapsed: false };
}

/** A row that starts closed, and asks nothing of the data sources until it is opened. */
export function details(title: string, panels: readonly Panel[]): Row {
  return { title, panels, collapsed: true };
}

/** `uid` is also the file's name, and its title stands in the list. The default export of `dashboards/<uid>.ts`, in a twin. */
export function dashboard(uid: Uid, options: Options, rows: readonly Row[]): object {
  const title = dashboardList[uid];
  const { variables = [], annotations = [] } = options;
  const marks = [firingAlerts, deployments, lateTelemetry, ...annotations];
  checkVariables(title, variables, rows, marks);
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
    annotations: { list: [builtInAnnotations, ...marks.map((mark) => mark.build())] },
    templating: { list: assembled.templating.list },
    panels: layout(assembled.rows),
  };
}

/** @throws Error for a variable that a query names and the dashboard does not offer, and for one that it offers for nothing. */
function checkVariables(
  title: string,
  offered: readonly Variable[],
  rows: readonly Row[],
  marks: readonly Annotation[],
) {
  const names = offered.map(({ name }) => name);
  const asked = [
    ...rows.flatMap(({ panels }) => panels.flatMap(({ asks, title }) => asks.map(({ text }) => [`"${title}"`, text]))),
    ...marks.map(({ name, asks }) => [`the annotation "${name}"`, asks.text]),
    ...offered.map(({ name, asks }) => [`$${name}`, asks?.text ?? '']),
  ] as [string, string][];
  for (const [where, text] of asked) {
    for (const name of variablesIn(text)) {
      if (names.includes(name)) continue;
      const guess = nearest(name, names);
      throw new Error(
        `Cannot make "${title}": ${where} asks for $${name}, which it does not offer. ${guess ? `The nearest is $${guess}` : 'It offers none'}.`,
      );
    }
  }
  const used = new Set(asked.flatMap(([, text]) => variablesIn(text)));
  const idle = names.find((name) => !used.has(name));
  if (idle) throw new Error(`Cannot make "${title}": no panel asks for $${idle}. Use it, or do not offer it.`);
}

/** grafana-dash-gen holds the parts together; its own panels, ids and rows are of Grafana's past and go no further. */
function assemble(title: string, { from = 'now-1h', refresh = '30s', variables = [] }: Options, rows: readonly Row[]) {
  const names = variables.map(({ name }) => name);
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
      held.addPanel(generated(() => ({ ...panel.build(names), gridPos })));
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
