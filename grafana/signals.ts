/** Panels of what happened rather than of how much: records, traces, calls between parts, alerts, text. */
import * as common from '@grafana/grafana-foundation-sdk/common';
import * as model from '@grafana/grafana-foundation-sdk/dashboard';
import * as logsPanel from '@grafana/grafana-foundation-sdk/logs';
import * as nodegraph from '@grafana/grafana-foundation-sdk/nodegraph';
import * as tempoQuery from '@grafana/grafana-foundation-sdk/tempo';
import * as textPanel from '@grafana/grafana-foundation-sdk/text';
import type { Attribute } from '../instrumentation/src/catalog/attribute.ts';
import type { LogQuery } from '../queries/logql.ts';
import { promql, type Query } from '../queries/promql.ts';
import { serviceGraph } from '../queries/stack-metrics.ts';
import type { TraceQuery } from '../queries/traceql.ts';
import { frame, type Note, type Panel, type Unit } from './panel.ts';
import { sources, targets } from './series.ts';
import { FootlessTable } from './table.ts';

type Eventful = Note & { empty: string };

/** Log records, the newest first; a click on one shows its fields and the way to its trace. */
export function logs(title: string, asked: LogQuery, note: Eventful): Panel {
  return frame(title, [asked], { width: 12, height: 8, ...note }, () =>
    new logsPanel.PanelBuilder()
      .targets(targets(title, { [title]: asked }, 'range'))
      .showTime(true)
      .wrapLogMessage(true)
      .enableLogDetails(true)
      .showLogContextToggle(true)
      .sortOrder(common.LogsSortOrder.Descending)
      .dedupStrategy(common.LogsDedupStrategy.None),
  );
}

/**
 * Traces that match, the newest first (else Tempo answers with the first it finds); a click on an id opens the trace. `rows: 'spans'` has a row per span with what the
 * query selects; `columns` gives that titles: `{ User: userId }`.
 */
export function traces(
  title: string,
  asked: TraceQuery,
  note: Eventful & { rows?: 'traces' | 'spans'; most?: number; columns?: Readonly<Record<string, Attribute>> },
): Panel {
  const { rows = 'traces', most = 20, empty, columns } = note;
  return frame(title, [asked], { width: 12, height: 8, ...note }, () => {
    const built = new FootlessTable()
      .targets([
        new tempoQuery.DataqueryBuilder()
          .refId('A')
          .datasource(sources.traceql)
          .queryType('traceql')
          .query(`${asked.text} with (most_recent=true)`)
          .limit(most)
          .spss(3)
          .tableType(rows === 'spans' ? tempoQuery.SearchTableType.Spans : tempoQuery.SearchTableType.Traces),
      ])
      .noValue(empty)
      .minWidth(70)
      .cellHeight(common.TableCellHeight.Sm)
      // In a cell that is empty the reason why the whole table may be would be out of place.
      .overrideByRegexp('/.*/', [{ id: 'noValue', value: '–' }])
      // An id is there to be clicked, not to be read.
      .overrideByRegexp('/^(Trace|Span) ID$/', [{ id: 'custom.width', value: 110 }])
      .overrideByName('Start time', [{ id: 'custom.width', value: 165 }])
      .overrideByName('Duration', [{ id: 'custom.width', value: 90 }]);
    return columns ? built.withTransformation({ id: 'organize', options: titled(columns) }) : built;
  });
}

/** Instead of names that are all alike, the titles of what was selected. */
function titled(columns: Readonly<Record<string, Attribute>>) {
  const wanted = Object.values(columns).some(({ name }) => name === 'status');
  return {
    // Tempo's own `status` comes along when the query asks for it, and is then the same in every row.
    excludeByName: { 'Trace Service': true, 'Trace Name': true, Name: true, ...(wanted ? {} : { status: true }) },
    includeByName: {},
    indexByName: {},
    renameByName: Object.fromEntries(Object.entries(columns).map(([title, { name }]) => [name, title])),
  };
}

/** Which service calls which, how often and how fast, as Tempo saw it. */
export function serviceMap(title: string, note: Eventful): Panel {
  // Tempo answers with what its generator wrote to Prometheus: this is what must be there.
  const asked = promql`sum by (client, server) (rate(${serviceGraph.requests}[$__range]))`;
  const build = () =>
    new nodegraph.PanelBuilder().targets([
      new tempoQuery.DataqueryBuilder()
        .refId('A')
        .datasource(sources.traceql)
        .queryType('serviceMap')
        .serviceMapQuery(''),
    ]);
  return frame(title, [asked], { width: 12, height: 10, ...note }, build, sources.traceql);
}

/** Who speaks to whom: an arrow per series, from the value of one label to that of another. */
export function nodeGraph(
  title: string,
  asked: Query,
  note: Eventful & { from: string; towards: string; unit: Unit },
): Panel {
  const { from, towards, unit } = note;
  for (const label of [from, towards]) {
    if (!asked.labels.has(label)) throw new Error(`Cannot draw "${title}": ${asked.text} has no label ${label}.`);
  }
  // The panel knows an edge by fields of these names; a transformation would rename only what is shown of them.
  const labels = { source: from, target: towards };
  const ends = Object.entries(labels).reduce(
    (query, [name, label]) => promql`label_join(${query}, "${name}", "", "${label}")`,
    asked,
  );
  const edges = promql`label_join(${ends}, "id", "-", "source", "target")`;
  return frame(title, [edges], { width: 12, height: 10, ...note }, () =>
    new nodegraph.PanelBuilder()
      .targets(targets(title, { [title]: edges }, 'table'))
      .unit(unit)
      .decimals(0),
  );
}

/** What is firing and what is about to, by Prometheus' own rules. It shows now, whatever the time range. */
export function alertList(title: string, note: Eventful & { labels?: string; most?: number }): Panel {
  const { labels = '', most = 20 } = note;
  return frame(title, [], { width: 6, height: 7, ...note }, () => new AlertList(labels, most));
}

/** The SDK has no panel of this type; the options are those of Grafana's `UnifiedAlertListOptions`. */
class AlertList extends model.PanelBuilder {
  constructor(labels: string, most: number) {
    super();
    this.type('alertlist').options({
      viewMode: 'list',
      groupMode: 'default',
      groupBy: [],
      maxItems: most,
      sortOrder: 3, // by importance
      dashboardAlerts: false,
      alertName: '',
      alertInstanceLabelFilter: labels,
      datasource: 'Prometheus',
      showInstances: false,
      showInactiveAlerts: false,
      stateFilter: { firing: true, pending: true, recovering: true, noData: false, normal: false, error: true },
    });
  }
}

/** Markdown: what this page is for. */
export function text(title: string, markdown: string, size: { width?: number; height?: number } = {}): Panel {
  const { width = 24, height = 2 } = size;
  return frame(title, [], { width, height, read: '' }, () =>
    new textPanel.PanelBuilder().mode(textPanel.TextMode.Markdown).content(markdown).transparent(true),
  );
}
