/** The panels of numbers: each asks something, says how to read the answer, and says why there may be none. */
import * as bargauge from '@grafana/grafana-foundation-sdk/bargauge';
import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import * as common from '@grafana/grafana-foundation-sdk/common';
import * as model from '@grafana/grafana-foundation-sdk/dashboard';
import * as gaugePanel from '@grafana/grafana-foundation-sdk/gauge';
import * as heatmapPanel from '@grafana/grafana-foundation-sdk/heatmap';
import * as piechart from '@grafana/grafana-foundation-sdk/piechart';
import * as statPanel from '@grafana/grafana-foundation-sdk/stat';
import * as statetimeline from '@grafana/grafana-foundation-sdk/statetimeline';
import * as timeseriesPanel from '@grafana/grafana-foundation-sdk/timeseries';
import type { Query } from '../queries/promql.ts';
import { byOrder, bySteps, ofMishaps, type Steps } from './looks.ts';
import { nothing, numbers, type Panel, type Reading } from './panel.ts';
import { type Asked, isNow, named, type Series, targets } from './series.ts';

const countable = ['short', 'none', 'cps', 'cpm'];

/** One number now; `trend` draws its way through the time range behind it. */
export function stat(title: string, asked: Asked | Series, reading: Reading & { trend?: boolean }): Panel {
  const series = named(title, asked);
  const { trend = false, steps, height = 3 } = reading;
  const several = Object.keys(series).length > 1;
  return numbers(title, series, { width: 6, height, ...rounded(reading) }, () => {
    const built = new statPanel.PanelBuilder()
      .targets(targets(title, series, trend ? 'range' : 'instant'))
      .reduceOptions(latest())
      .mappings([nothing(reading)])
      .graphMode(trend ? common.BigValueGraphMode.Area : common.BigValueGraphMode.None)
      .colorMode(steps ? common.BigValueColorMode.Value : common.BigValueColorMode.None)
      .textMode(several ? common.BigValueTextMode.ValueAndName : common.BigValueTextMode.Value);
    // Else each number is as big as its panel has room, and one beside its way smaller than its neighbours.
    if (trend || height > 4) built.text(new common.VizTextDisplayOptionsBuilder().valueSize(height > 4 ? 64 : 36));
    // A number without a name stands in the middle, on its own way.
    if (trend && height > 4 && !several) built.displayName('now').textMode(common.BigValueTextMode.ValueAndName);
    return built;
  });
}

/** One number on a dial, against the steps at which it gets worse. */
export function gauge(title: string, asked: Asked, reading: Reading & { steps: Steps; max: number }): Panel {
  const series = named(title, asked);
  return numbers(title, series, { width: 6, height: 7, min: 0, ...rounded(reading) }, () =>
    new gaugePanel.PanelBuilder()
      .targets(targets(title, series, 'instant'))
      .reduceOptions(latest())
      .mappings([nothing(reading)])
      // Grafana 13 draws the steps around the dial only when it is told that they give the colours.
      .colorScheme(bySteps())
      .showThresholdMarkers(true)
      .showThresholdLabels(false),
  );
}

/** Of a share of nearly nothing Grafana would show every digit that it has. */
function rounded<R extends Reading>(reading: R): R {
  return reading.unit === 'percentunit' ? { decimals: 1, ...reading } : reading;
}

/** Lines over time. */
export function timeseries(title: string, asked: Asked | Series, reading: Reading): Panel {
  // As many lines as a label has values: what is below each would be a wall of all of them.
  const many = Object.keys(named(title, asked)).some((name) => name.includes('{{'));
  return overTime(title, asked, reading, (built) => built.lineWidth(1).fillOpacity(many ? 0 : 8));
}

/** Bars on each other: how much, and how much of it by whom. */
export function stacked(title: string, asked: Asked | Series, reading: Reading): Panel {
  return overTime(title, asked, reading, (built) => onEachOther(built).fillOpacity(80));
}

/** What should not happen, counted over time: as long as nothing happens there is nothing to see. */
export function mishaps(title: string, asked: Asked | Series, reading: Reading): Panel {
  return overTime(title, asked, reading, (built) => {
    // There is no half of an error, and one of them is not a full house.
    if (countable.includes(reading.unit)) built.axisSoftMax(4);
    return onEachOther(built)
      .fillOpacity(90)
      .colorScheme(ofMishaps(named(title, asked)));
  });
}

/** Beside or before each other, bars of one moment hide each other, and nobody sees how many there are of all. */
function onEachOther(built: timeseriesPanel.PanelBuilder): timeseriesPanel.PanelBuilder {
  return built
    .drawStyle(common.GraphDrawStyle.Bars)
    .lineWidth(0)
    .stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal).group('A'));
}

function overTime(
  title: string,
  asked: Asked | Series,
  reading: Reading,
  draw: (built: timeseriesPanel.PanelBuilder) => timeseriesPanel.PanelBuilder,
): Panel {
  const series = named(title, asked);
  return numbers(title, series, { width: 8, height: 8, min: 0, ...reading }, () => {
    const built = new timeseriesPanel.PanelBuilder()
      .colorScheme(byOrder(series))
      .targets(targets(title, series, 'range'))
      .showPoints(common.VisibilityMode.Never)
      .tooltip(
        new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Multi).sort(common.SortOrder.Descending),
      )
      // One line alone has the panel's title for its name.
      .legend(title in series ? hidden() : legend(series));
    // Else Grafana draws a scale to 100 above a line that is 0.
    if (countable.includes(reading.unit) || reading.unit.startsWith('suffix:')) built.axisSoftMax(1);
    if (reading.unit === 'percentunit' && reading.max === undefined) built.axisSoftMax(0.01);
    if (reading.steps) {
      built.thresholdsStyle(
        new common.GraphThresholdsStyleConfigBuilder().mode(common.GraphThresholdsStyleMode.Dashed),
      );
    }
    return draw(built);
  });
}

/** How often a value fell into which range, over time: `sum by (le) (rate(…_bucket…))`. A dot is a trace: click on it. */
export function heatmap(title: string, asked: Query, reading: Omit<Reading, 'steps' | 'min' | 'max'>): Panel {
  const series = named(title, asked);
  if (!asked.labels.has('le')) throw new Error(`Cannot draw "${title}": ${asked.text} has no buckets. Keep "le".`);
  return numbers(title, { '{{le}}': asked }, { width: 8, height: 8, ...reading }, () =>
    new heatmapPanel.PanelBuilder()
      .targets(targets(title, { '{{le}}': series[title] as Asked }, 'heatmap'))
      .calculate(false)
      .yAxis(new heatmapPanel.YAxisConfigBuilder().unit(reading.unit).axisPlacement(common.AxisPlacement.Left))
      // Cividis reads the same for every kind of colour vision.
      .color(
        new heatmapPanel.HeatmapColorOptionsBuilder()
          .mode(heatmapPanel.HeatmapColorMode.Scheme)
          .scheme('Cividis')
          .exponent(0.5)
          .steps(64)
          .fill('dark-orange'),
      )
      .exemplarsColor('rgba(255,255,255,0.9)')
      .filterValues(new heatmapPanel.FilterValueRangeBuilder().le(1e-9))
      .cellGap(1)
      .showValue(common.VisibilityMode.Never)
      .tooltip(new heatmapPanel.HeatmapTooltipBuilder().mode(common.TooltipDisplayMode.Single).yHistogram(true))
      .hideLegend(),
  );
}

/** The longest few, as bars. */
export function bars(title: string, asked: Asked | Series, reading: Reading): Panel {
  const series = named(title, asked);
  return numbers(title, series, { width: 8, height: 8, min: 0, ...reading }, () => {
    const built = new bargauge.PanelBuilder()
      .targets(targets(title, series, 'instant'))
      .reduceOptions(latest())
      .orientation(common.VizOrientation.Horizontal)
      .displayMode(common.BarGaugeDisplayMode.Basic)
      .showUnfilled(false)
      // One bar alone would else be as high as the panel, and its name as big as a heading.
      .sizing(common.BarGaugeSizing.Manual)
      .minVizHeight(12)
      .maxVizHeight(36)
      .namePlacement(common.BarGaugeNamePlacement.Left)
      .text(new common.VizTextDisplayOptionsBuilder().titleSize(12).valueSize(14));
    const [legend = '', ...others] = Object.keys(series);
    // Grafana drops the name of a bar that is alone, unless the panel itself gives it.
    if (others.length === 0) built.displayName(legend.replaceAll(/\{\{(\w+)\}\}/g, '$${__field.labels.$1}'));
    return built;
  });
}

/** Shares of a whole: of a few named parts, not of many. */
export function pie(title: string, asked: Series, reading: Omit<Reading, 'steps'>): Panel {
  return numbers(title, asked, { width: 6, height: 7, ...reading }, () =>
    new piechart.PanelBuilder()
      .targets(targets(title, asked, 'instant'))
      .reduceOptions(latest())
      .colorScheme(byOrder(asked))
      .pieType(piechart.PieChartType.Donut)
      .tooltip(new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Multi))
      .legend(
        new piechart.PieChartLegendOptionsBuilder()
          .showLegend(true)
          .displayMode(common.LegendDisplayMode.Table)
          .placement(common.LegendPlacement.Right)
          .values([piechart.PieChartLegendValues.Value, piechart.PieChartLegendValues.Percent]),
      ),
  );
}

/** One bar per series that shows when it was in which state; the states are the steps, `words` what each value means. */
export function timeline(
  title: string,
  asked: Asked | Series,
  reading: Reading & { steps: Steps; words?: Readonly<Record<number, string>> },
): Panel {
  const series = named(title, asked);
  const words = Object.entries(reading.words ?? {}).map(([value, text]) => [value, { text }] as const);
  return numbers(title, series, { width: 8, height: 8, ...reading }, () =>
    new OnePage()
      .targets(targets(title, series, 'range'))
      .mappings(words.length > 0 ? [{ type: model.MappingType.ValueToText, options: Object.fromEntries(words) }] : [])
      .colorScheme(bySteps())
      .mergeValues(true)
      .showValue(common.VisibilityMode.Never)
      .fillOpacity(80)
      .lineWidth(0)
      .legend(hidden()),
  );
}

/** 0 is Grafana's word for no pages; the SDK's setter refuses it. */
class OnePage extends statetimeline.PanelBuilder {
  override build() {
    const built = super.build();
    return { ...built, options: { ...built.options, perPage: 0 } };
  }
}

function hidden(): Builder<common.VizLegendOptions> {
  return new common.VizLegendOptionsBuilder()
    .showLegend(false)
    .placement(common.LegendPlacement.Bottom)
    .displayMode(common.LegendDisplayMode.List);
}

/** Names stand in lines below: a table would scroll. A number of now has no line, and stands beside its name. */
function legend(series: Series): Builder<common.VizLegendOptions> {
  const built = new common.VizLegendOptionsBuilder()
    .showLegend(true)
    .placement(common.LegendPlacement.Bottom)
    .displayMode(common.LegendDisplayMode.List);
  return Object.values(series).some(isNow) ? built.calcs(['lastNotNull']) : built;
}

function latest(): Builder<common.ReduceDataOptions> {
  return new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']);
}
