/**
 * Dashboards as a TypeScript module that compiles only if every panel is one that Grafana 13.2 itself describes: its
 * published types say which options a panel type has and which values each may take. What they leave open stays open.
 */
import { boardOf } from './lint-board.ts';

/** Grafana's module of types for each kind of panel that we make; alertlist has none. */
const modules: Record<string, string> = {
  bargauge: 'bargauge/panelcfg/x/BarGaugePanelCfg',
  gauge: 'gauge/panelcfg/x/GaugePanelCfg',
  heatmap: 'heatmap/panelcfg/x/HeatmapPanelCfg',
  logs: 'logs/panelcfg/x/LogsPanelCfg',
  nodeGraph: 'nodegraph/panelcfg/x/NodeGraphPanelCfg',
  piechart: 'piechart/panelcfg/x/PieChartPanelCfg',
  stat: 'stat/panelcfg/x/StatPanelCfg',
  'state-timeline': 'statetimeline/panelcfg/x/StateTimelinePanelCfg',
  table: 'table/panelcfg/x/TablePanelCfg',
  text: 'text/panelcfg/x/TextPanelCfg',
  timeseries: 'timeseries/panelcfg/x/TimeSeriesPanelCfg',
};

/** Those whose module has options for each series too. */
const perField = new Set(['heatmap', 'piechart', 'state-timeline', 'table', 'timeseries']);

interface Typed {
  uid: string;
  panels: { type: string; title: string; panels?: Typed['panels'] }[];
}

/** The module's text: one constant per panel, so that a finding names the panel, and one for what is around them. */
export function schemaModule(files: readonly unknown[]): string {
  const boards = files.filter((file) => boardOf(file)) as Typed[];
  const checks = boards.flatMap(({ panels, ...page }) => [
    satisfies(`${page.uid}`, page, 'Page'),
    ...panels
      .flatMap(({ panels: inRow = [], ...each }) => [each, ...inRow])
      .filter(({ type }) => type !== 'row')
      .map((panel) => satisfies(`${page.uid}: ${panel.title}`, panel, typeOf(panel.type))),
  ]);
  return [prelude, ...Object.entries(modules).map(([type, path]) => importOf(type, path)), ...checks].join('\n');
}

function satisfies(name: string, value: object, type: string): string {
  return `/* ${name.replaceAll('*/', '')} */ (${JSON.stringify(value)}) satisfies ${type};`;
}

function importOf(type: string, path: string): string {
  return `import type * as ${nameOf(type)} from '@grafana/schema/dist/esm/raw/composable/${path}_types.gen';`;
}

function typeOf(type: string): string {
  if (type === 'alertlist') return 'PanelOf<AlertListOptions, never>';
  if (!(type in modules))
    throw new Error(`Cannot check a panel of type ${type}: name its module in grafana/schema.ts.`);
  const name = nameOf(type);
  return `PanelOf<${name}.Options, ${perField.has(type) ? `${name}.FieldConfig` : 'never'}>`;
}

function nameOf(type: string): string {
  return type.replaceAll('-', '_');
}

const prelude = `
import type * as schema from '@grafana/schema/dist/esm/raw/dashboard/x/Dashboard_types.gen';

/** Types as JSON has them: an enum is one of its words, and what a panel leaves out has a default. */
type Plain<T> = T extends string
  ? \`\${T}\`
  : T extends readonly (infer Item)[]
    ? Plain<Item>[]
    : T extends object
      ? { [Key in keyof T]?: Plain<T[Key]> }
      : T extends number | boolean | null | undefined
        ? T
        : unknown;

type PanelOf<Options, Custom> = Plain<Omit<schema.Panel, 'options' | 'fieldConfig'>> & {
  options: Plain<Options>;
  fieldConfig?: {
    defaults: Plain<Omit<schema.FieldConfig, 'custom'>> & { custom?: [Custom] extends [never] ? never : Plain<Custom> };
    overrides: { matcher: { id: string; options: string }; properties: { id: string; value: unknown }[] }[];
  };
};

/** What stands in an annotation for its data source is the data source's own. */
type Mark = Plain<Omit<schema.AnnotationQuery, 'target'>> & {
  target?: { refId: string; expr: string; queryType?: 'range' };
  expr?: string;
  queryType?: 'range';
  maxLines?: number;
  step?: string;
  titleFormat?: string;
  textFormat?: string;
  tagKeys?: string;
};

type Page = Plain<Omit<schema.Dashboard, 'panels' | 'annotations'>> & { annotations: { list: Mark[] } };

/** grafana/grafana public/app/plugins/panel/alertlist/types.ts, which no package publishes. */
interface AlertListOptions {
  maxItems: number;
  sortOrder: 1 | 2 | 3 | 4 | 5;
  dashboardAlerts: boolean;
  groupMode: 'default' | 'custom';
  groupBy: string[];
  alertName: string;
  showInstances: boolean;
  stateFilter: Record<'firing' | 'pending' | 'recovering' | 'noData' | 'normal' | 'error', boolean>;
  alertInstanceLabelFilter: string;
  datasource: string;
  viewMode: 'list' | 'stat';
  showInactiveAlerts: boolean;
}
`;
