/** What every kind of panel has: a title, a place, a text on how to read it, a word for when it is empty, a way on. */
import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import type * as common from '@grafana/grafana-foundation-sdk/common';
import * as model from '@grafana/grafana-foundation-sdk/dashboard';
import type * as units from '@grafana/grafana-foundation-sdk/units';
import { link, linkFrom, type To } from './links.ts';
import { looksOf, type Steps, thresholds } from './looks.ts';
import { type Asked, emptyWhen, type Series, sourceOf } from './series.ts';

/** A panel before it has a place. Built anew on each call, so that no two dashboards share an object. */
export interface Panel {
  readonly title: string;
  /** Of 24 columns. */
  readonly width: number;
  /** In grid units of about 38 pixels. */
  readonly height: number;
  /** Its queries, in which the dashboard looks for variables. */
  readonly asks: readonly Asked[];
  /** For a dashboard with these variables. */
  build(variables: readonly string[]): object;
}

/** Of Grafana's list, or a word of our own behind the number: `suffix: tasks/min`. */
export type Unit = Extract<(typeof units)[keyof typeof units], string> | `suffix:${string}`;

/** What is said beside any panel. */
export interface Note {
  /** How to read it and what to do next: the text behind the (i). */
  read: string;
  /** Why it may show nothing. A panel that has none shows data whenever the stack runs, and a test holds it to that. */
  empty?: string;
  /** Where a click leads; time range and variables stay. */
  to?: To;
  /** Of 24 columns. */
  width?: number;
  height?: number;
  /** The shortest step between two points, `$__interval` in its queries: a bar per day, a point per 5 minutes. */
  every?: `${number}${'m' | 'h' | 'd'}`;
  /** The most points in time; Grafana's own is one per pixel, and those of a month are hours apart. */
  points?: number;
  /** Its own time range, whatever the dashboard's: `now/d` is today so far, and `$__range` its length. */
  over?: 'now/d' | 'now/w' | 'now/M' | `now-${number}${'m' | 'h' | 'd'}`;
}

/** What is said beside a panel of numbers. */
export interface Reading extends Note {
  unit: Unit;
  /** The value from which each colour holds; only where crossing it means what `read` says, and an alert takes the same number. */
  steps?: Steps;
  decimals?: number;
  /** The ends of the scale where there are any: 0 and 1 for a share. */
  min?: number;
  max?: number;
}

/** Shown by a panel that must have data and has none. */
export const noDataYet = 'No data. Run "npm run doctor".';

/** The part of the SDK's panel builders that all of them have. */
export interface HousePanel {
  title(title: string): this;
  description(description: string): this;
  datasource(datasource: common.DataSourceRef): this;
  links(links: Builder<model.DashboardLink>[]): this;
  timeFrom(timeFrom: string): this;
  hideTimeOverride(hide: boolean): this;
  interval(interval: string): this;
  maxDataPoints(most: number): this;
  build(): model.Panel;
}

/** The part that those with numbers have. */
export interface NumbersPanel extends HousePanel {
  unit(unit: string): this;
  noValue(noValue: string): this;
  decimals(decimals: number): this;
  min(min: number): this;
  max(max: number): this;
  thresholds(thresholds: Builder<model.ThresholdsConfig>): this;
  overrideByName(name: string, properties: model.DynamicConfigValue[]): this;
}

/** A panel of numbers: a click on one leads on. @throws Error when it may be empty and does not say so. */
export function numbers(
  title: string,
  series: Series,
  reading: Reading & { width: number; height: number },
  builder: () => NumbersPanel,
): Panel {
  const asks = Object.values(series);
  const { to, ...rest } = reading;
  const { unit, empty, steps, decimals, min, max } = rest;
  const framed = frame(title, asks, to && !link(to).onValue ? { ...rest, to } : rest, () => {
    const built = builder()
      .unit(shown(unit, decimals))
      .noValue(empty ?? noDataYet)
      .thresholds(thresholds(steps));
    if (decimals !== undefined) built.decimals(decimals);
    if (min !== undefined) built.min(min);
    if (max !== undefined) built.max(max);
    for (const legend of Object.keys(series))
      for (const [name, look] of looksOf(legend)) built.overrideByName(name, look);
    return built;
  });
  return {
    ...framed,
    build(variables) {
      const panel = framed.build(variables) as { fieldConfig: { defaults: { links?: object[] } } };
      if (to) panel.fieldConfig.defaults.links = [linkFrom(to, variables)];
      return panel;
    },
  };
}

/** What is counted is shown in full, 1,048 and not 1 K; Grafana sets the blank before a word of ours itself. */
export function shown(unit: Unit, decimals: number | undefined): string {
  return unit === 'short' && decimals === 0 ? 'locale' : unit.replace(/^suffix: /, 'suffix:');
}

/** The frame of any panel, with the way on beside its title. @throws Error when it may be empty and does not say so. */
export function frame(
  title: string,
  asks: readonly Asked[],
  note: Note & { width: number; height: number },
  builder: () => HousePanel,
  source: common.DataSourceRef = sourceOf(asks),
): Panel {
  const { width, height, read, empty, to, over, every, points } = note;
  const may = emptyWhen(asks);
  if (may.length > 0 && !empty) {
    throw new Error(
      `Cannot show "${title}" without "empty": it has no data ${may.join(' and ')}. Say so for its reader.`,
    );
  }
  if (to && link(to).onValue) {
    throw new Error(
      `Cannot lead on from "${title}": its link needs the value that was clicked on. Put it on a column.`,
    );
  }
  return {
    title,
    width,
    height,
    asks,
    build(variables) {
      const built = builder()
        .title(title)
        .description(empty ? `${read}\n\nMay be empty: ${empty}` : read)
        .datasource(source);
      // In a narrow panel it would leave no room for the title, which then has to say it.
      if (over) built.timeFrom(over).hideTimeOverride(width < 8);
      if (every) built.interval(every);
      if (points) built.maxDataPoints(points);
      // The SDK leaves functions in what it builds.
      const panel = JSON.parse(JSON.stringify(built.build()));
      return to ? { ...panel, links: [linkFrom(to, variables)] } : panel;
    },
  };
}

/** No data must not have the colour of the lowest step, which is green. */
export function nothing({ empty }: Note): model.ValueMapping {
  const result = { text: empty ?? noDataYet, color: empty ? 'text' : 'red' };
  return { type: model.MappingType.SpecialValue, options: { match: model.SpecialValueMatch.Null, result } };
}
