/** The kinds of panel: each asks something, says how to read the answer, and says why there may be none. */
import * as bargauge from '@grafana/grafana-foundation-sdk/bargauge';
import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import * as common from '@grafana/grafana-foundation-sdk/common';
import * as model from '@grafana/grafana-foundation-sdk/dashboard';
import * as statPanel from '@grafana/grafana-foundation-sdk/stat';
import * as statetimeline from '@grafana/grafana-foundation-sdk/statetimeline';
import * as timeseriesPanel from '@grafana/grafana-foundation-sdk/timeseries';
import type * as units from '@grafana/grafana-foundation-sdk/units';
import type { Query } from '../queries/promql.ts';
import { emptyWhen, named, prometheusSource, type Series, targets } from './series.ts';

/** A panel before it has a place. Built anew on each call, so that no two dashboards share an object. */
export interface Panel {
  readonly title: string;
  /** Of 24 columns. */
  readonly width: number;
  /** In grid units of about 38 pixels. */
  readonly height: number;
  build(): object;
}

export interface Reading {
  /** How to read it and what to do next: the text behind the (i). */
  read: string;
  unit: Extract<(typeof units)[keyof typeof units], string>;
  /** Why it may show nothing. A panel that has none shows data whenever the stack runs, and a test holds it to that. */
  empty?: string;
  /** The value from which each colour holds; only where crossing it means what `read` says. */
  steps?: Steps;
  /** Of 24 columns. */
  width?: number;
  decimals?: number;
  /** The end of the scale where there is one: 1 for a share. */
  max?: number;
}

/** Green is well, red is not; in the order of their values. */
export type Steps = Partial<Record<'green' | 'yellow' | 'red', number>>;

const countable = ['short', 'none', 'cps'];

/** Shown by a panel that must have data and has none. */
export const noDataYet = 'No data. Run "npm run doctor".';

/** Names that mean the same look the same on every dashboard. What goes wrong is an area: at 0 there is none to see. */
const looks: Record<string, model.DynamicConfigValue[]> = {
  Received: line('blue'),
  Sent: line('green'),
  Refused: area('yellow'),
  Failed: area('red'),
};

/** One number now. */
export function stat(title: string, asked: Query | Series, reading: Reading): Panel {
  const series = named(title, asked);
  return panel(title, series, { width: 6, height: 3, ...reading }, () =>
    new statPanel.PanelBuilder()
      .targets(targets(title, series, 'instant'))
      .reduceOptions(latest())
      .mappings([nothing(reading)])
      .graphMode(common.BigValueGraphMode.None)
      .colorMode(reading.steps ? common.BigValueColorMode.Value : common.BigValueColorMode.None)
      .textMode(common.BigValueTextMode.Value),
  );
}

/** Lines over time. */
export function timeseries(title: string, asked: Query | Series, reading: Reading): Panel {
  return overTime(title, asked, reading, (built) => built.lineWidth(1).fillOpacity(8));
}

/** What should not happen, counted over time: as long as nothing happens there is nothing to see. */
export function mishaps(title: string, asked: Query | Series, reading: Reading): Panel {
  return overTime(title, asked, reading, (built) =>
    built.drawStyle(common.GraphDrawStyle.Bars).lineWidth(0).fillOpacity(90),
  );
}

function overTime(
  title: string,
  asked: Query | Series,
  reading: Reading,
  draw: (built: timeseriesPanel.PanelBuilder) => timeseriesPanel.PanelBuilder,
): Panel {
  const series = named(title, asked);
  return panel(title, series, { width: 8, height: 8, ...reading }, () => {
    const built = draw(new timeseriesPanel.PanelBuilder())
      .targets(targets(title, series, 'range'))
      .min(0)
      .showPoints(common.VisibilityMode.Never)
      .tooltip(
        new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Multi).sort(common.SortOrder.Descending),
      )
      // One line alone has the panel's title for its name.
      .legend(legend(!(title in series)));
    // Else Grafana draws a scale to 100 above a line that is 0.
    if (countable.includes(reading.unit)) built.axisSoftMax(1);
    if (reading.steps) {
      built.thresholdsStyle(
        new common.GraphThresholdsStyleConfigBuilder().mode(common.GraphThresholdsStyleMode.Dashed),
      );
    }
    for (const name of Object.keys(series)) {
      const look = looks[name];
      if (look) built.overrideByName(name, look);
    }
    return built;
  });
}

/** The longest few, as bars. */
export function bars(title: string, asked: Query | Series, reading: Reading): Panel {
  const series = named(title, asked);
  return panel(title, series, { width: 8, height: 8, ...reading }, () =>
    new bargauge.PanelBuilder()
      .targets(targets(title, series, 'instant'))
      .reduceOptions(latest())
      .min(0)
      .orientation(common.VizOrientation.Horizontal)
      .displayMode(common.BarGaugeDisplayMode.Basic)
      .showUnfilled(false),
  );
}

/** One bar per series that shows when it was in which state; the states are the steps. */
export function timeline(title: string, asked: Query | Series, reading: Reading & { steps: Steps }): Panel {
  const series = named(title, asked);
  return panel(title, series, { width: 8, height: 8, ...reading }, () =>
    new OnePage()
      .targets(targets(title, series, 'range'))
      .colorScheme(new model.FieldColorBuilder().mode(model.FieldColorModeId.Thresholds))
      .mergeValues(true)
      .showValue(common.VisibilityMode.Never)
      .fillOpacity(80)
      .lineWidth(0)
      .legend(legend(false)),
  );
}

/** 0 is Grafana's word for no pages; the SDK's setter refuses it. */
class OnePage extends statetimeline.PanelBuilder {
  override build(): model.Panel {
    const built = super.build();
    return { ...built, options: { ...built.options, perPage: 0 } };
  }
}

function panel(
  title: string,
  series: Series,
  reading: Reading & { width: number; height: number },
  builder: () => HousePanel,
): Panel {
  const may = emptyWhen(series);
  if (may.length > 0 && !reading.empty) {
    throw new Error(
      `Cannot show "${title}" without "empty": it has no data ${may.join(' and ')}. Say so for its reader.`,
    );
  }
  const { width, height, read, empty, unit, steps, decimals, max } = reading;
  return {
    title,
    width,
    height,
    build() {
      const built = builder()
        .title(title)
        .description(empty ? `${read}\n\nMay be empty: ${empty}` : read)
        .datasource(prometheusSource)
        .unit(unit)
        .noValue(empty ?? noDataYet)
        .thresholds(thresholds(steps));
      if (decimals !== undefined) built.decimals(decimals);
      if (max !== undefined) built.max(max);
      // The SDK leaves functions in what it builds.
      return JSON.parse(JSON.stringify(built.build()));
    },
  };
}

type HousePanel =
  | statPanel.PanelBuilder
  | timeseriesPanel.PanelBuilder
  | bargauge.PanelBuilder
  | statetimeline.PanelBuilder;

/** No data must not have the colour of the lowest step, which is green. */
function nothing({ empty }: Reading): model.ValueMapping {
  const result = { text: empty ?? noDataYet, color: empty ? 'text' : 'red' };
  return { type: model.MappingType.SpecialValue, options: { match: model.SpecialValueMatch.Null, result } };
}

function line(colour: string): model.DynamicConfigValue[] {
  return [{ id: 'color', value: { mode: 'fixed', fixedColor: colour } }];
}

function area(colour: string): model.DynamicConfigValue[] {
  return [...line(colour), { id: 'custom.lineWidth', value: 0 }, { id: 'custom.fillOpacity', value: 70 }];
}

function legend(shown: boolean): Builder<common.VizLegendOptions> {
  return new common.VizLegendOptionsBuilder()
    .showLegend(shown)
    .placement(common.LegendPlacement.Bottom)
    .displayMode(common.LegendDisplayMode.List);
}

function latest(): Builder<common.ReduceDataOptions> {
  return new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']);
}

/** Without a threshold of ours Grafana would colour everything from 80 on red. */
function thresholds(steps: Steps | undefined): Builder<model.ThresholdsConfig> {
  const [first, ...rest] = Object.entries(steps ?? { blue: 0 });
  const base = { color: first?.[0] as string, value: null };
  return new model.ThresholdsConfigBuilder()
    .mode(model.ThresholdsMode.Absolute)
    .steps([base, ...rest.map(([color, value]) => ({ color, value }))]);
}
