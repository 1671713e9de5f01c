import * as common from '@grafana/grafana-foundation-sdk/common';
import type { DynamicConfigValue } from '@grafana/grafana-foundation-sdk/dashboard';
import * as tablePanel from '@grafana/grafana-foundation-sdk/table';
import type { Label } from '../instrumentation/src/catalog/attribute.ts';
import { prometheusLabel } from '../instrumentation/src/catalog/prometheus-name.ts';
import type { Query } from '../queries/promql.ts';
import { linkFrom, type To } from './links.ts';
import { type Steps, thresholdList } from './looks.ts';
import { frame, type Note, noDataYet, type Panel, type Reading, shown } from './panel.ts';
import { refId, targets } from './series.ts';

/** What tells the rows apart. */
interface LabelColumn {
  label: Label | string;
  /** Where a click on the cell leads: `open('agent-detail', { agent: ofCell })`. */
  to?: To;
  /** In pixels, for names that are cut at the width that all columns have by default. */
  width?: number;
}

/** A number per row, now. */
interface ValueColumn extends Pick<Reading, 'unit' | 'decimals' | 'min' | 'max'> {
  query: Query;
  /** Colours the number. */
  steps?: Steps;
  /** Draws the number as a bar. */
  bar?: boolean;
  to?: To;
}

type Column = LabelColumn | ValueColumn;

/**
 * Columns by their titles, in their order: labels that tell the rows apart, and numbers. Every query must answer with
 * exactly these labels; rows that have a number in one column and not in another are shown all the same.
 */
export function table(title: string, columns: Readonly<Record<string, Column>>, note: TableNote): Panel {
  const labels = Object.entries(columns).flatMap(([name, column]) =>
    'label' in column ? [[name, nameOf(column)]] : [],
  );
  const values = Object.entries(columns).flatMap(([name, column]) =>
    'query' in column ? [[name, column] as const] : [],
  );
  checkLabels(
    title,
    labels.map(([, label]) => label as string),
    values,
  );
  checkSort(title, columns, note.sort);
  const series = Object.fromEntries(values.map(([name, { query }]) => [name, query]));
  const panel = frame(title, Object.values(series), { width: 12, height: 8, ...note }, () => {
    const built = new FootlessTable()
      .targets(targets(title, series, 'table'))
      .noValue(note.empty ?? noDataYet)
      .cellHeight(common.TableCellHeight.Sm)
      // Grafana's own least, 150, hides the last columns of a narrow table behind a scroll bar.
      .minWidth(70)
      .withTransformation({ id: 'merge', options: {} })
      .withTransformation({
        id: 'organize',
        options: organized(labels as [string, string][], values, Object.keys(columns)),
      });
    if (note.sort) built.sortBy([new common.TableSortByFieldStateBuilder().displayName(note.sort).desc(true)]);
    return built;
  });
  return { ...panel, build: (variables) => withOverrides(panel.build(variables), columns, variables) };
}

/** The SDK writes a footer that Grafana has not had since version 12. */
export class FootlessTable extends tablePanel.PanelBuilder {
  override build() {
    const built = super.build();
    const { footer, ...options } = built.options as Record<string, unknown>;
    return { ...built, options };
  }
}

interface TableNote extends Note {
  /** The column to sort by, the highest first. */
  sort?: string;
}

function nameOf({ label }: LabelColumn): string {
  return typeof label === 'string' ? label : prometheusLabel(label.name);
}

/** `merge` joins rows whose labels are equal: one label more in one query, and no row meets its other half. */
function checkLabels(title: string, labels: string[], values: (readonly [string, ValueColumn])[]): void {
  for (const [name, { query }] of values) {
    const [wanted, has] = [labels, [...query.labels]].map((list) => [...list].sort().join(', '));
    if (wanted === has) continue;
    throw new Error(
      `Cannot show "${name}" in "${title}": ${query.text} answers with ${has || 'no label'}, and the rows are told apart by ${wanted || 'none'}.`,
    );
  }
}

function checkSort(title: string, columns: Readonly<Record<string, Column>>, sort: string | undefined): void {
  if (sort === undefined || sort in columns) return;
  throw new Error(`Cannot sort "${title}" by ${sort}: its columns are ${Object.keys(columns).join(', ')}.`);
}

/** One query alone has the column `Value`, several have `Value #A` and so on. */
function organized(labels: [string, string][], values: (readonly [string, unknown])[], order: string[]) {
  const stored = (name: string) => {
    const at = values.findIndex(([each]) => each === name);
    if (at < 0) return labels.find(([each]) => each === name)?.[1] as string;
    return values.length === 1 ? 'Value' : `Value #${refId(at)}`;
  };
  return {
    excludeByName: { Time: true },
    includeByName: {},
    indexByName: Object.fromEntries(order.map((name, at) => [stored(name), at])),
    renameByName: Object.fromEntries(order.map((name) => [stored(name), name])),
  };
}

/** What Grafana keeps per column. */
function withOverrides(panel: object, columns: Readonly<Record<string, Column>>, variables: readonly string[]): object {
  const built = panel as { fieldConfig: { overrides: object[] } };
  built.fieldConfig.overrides = Object.entries(columns).flatMap(([name, column]) => {
    const properties = [
      // A row that has not this value has a blank cell: why the whole table may be empty is no answer there.
      { id: 'noValue', value: '' },
      ...('query' in column ? ofValue(column) : []),
      ...('width' in column ? [{ id: 'custom.width', value: column.width }] : []),
      ...(column.to ? [{ id: 'links', value: [linkFrom(column.to, variables)] }] : []),
    ];
    return [{ matcher: { id: 'byName', options: name }, properties }];
  });
  return built;
}

function ofValue({ unit, decimals, min, max, steps, bar }: ValueColumn): DynamicConfigValue[] {
  const set: [string, unknown][] = [
    ['unit', shown(unit, decimals)],
    ['decimals', decimals],
    ['min', bar ? (min ?? 0) : min],
    ['max', max],
    // A bar is compared with its own column; Grafana would take the largest number of the whole table.
    ['fieldMinMax', bar && max === undefined ? true : undefined],
    ['thresholds', (steps || bar) && { mode: 'absolute', steps: thresholdList(steps) }],
    ['color', (steps || bar) && { mode: 'thresholds' }],
    [
      'custom.cellOptions',
      bar ? { type: 'gauge', mode: 'basic', valueDisplayMode: 'text' } : steps && { type: 'color-text' },
    ],
  ];
  return set.filter(([, value]) => value !== undefined).map(([id, value]) => ({ id, value }));
}
