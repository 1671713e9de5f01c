/** Links that keep the time range and every variable, and may set one of them to what was clicked on. */
import type { Label } from '../instrumentation/src/catalog/attribute.ts';
import { prometheusLabel } from '../instrumentation/src/catalog/prometheus-name.ts';
import { dashboardList, type Uid } from './dashboard-list.ts';

export interface Link {
  readonly title: string;
  /** Whether it depends on what was clicked on, and so has no sense beside a panel's title. */
  readonly onValue: boolean;
  /** The address, from a dashboard that has these variables. */
  url(variables: readonly string[]): string;
}

/** What a panel leads to: a dashboard by its uid, or one with a variable set. */
export type To = Uid | Link;

/** Another dashboard; `values` sets its variables: `open('agent-detail', { agent: ofSeries(agentName) })`. */
export function open(uid: Uid, values: Readonly<Record<string, string>> = {}): Link {
  return {
    title: `Open ${dashboardList[uid]}`,
    onValue: Object.keys(values).length > 0,
    url(variables) {
      const kept = variables.filter((name) => !(name in values)).map((name) => macro(`${name}:queryparam`));
      const set = Object.entries(values).map(([name, value]) => `var-${name}=${value}`);
      return `/d/${uid}?${[macro('__url_time_range'), ...kept, ...set].join('&')}`;
    },
  };
}

export function link(to: To): Link {
  return typeof to === 'string' ? open(to) : to;
}

/** As Grafana keeps it, on a dashboard with these variables. */
export function linkFrom(to: To, variables: readonly string[]) {
  const { title, url } = link(to);
  return { title, url: url(variables), targetBlank: false };
}

/** The value that a label has on the line, slice or bar that was clicked on. */
export function ofSeries(label: Label): string {
  return macro(`__field.labels.${prometheusLabel(label.name)}`);
}

/** The text of the cell that was clicked on. */
export const ofCell = macro('__value.text');

/** The text of another column in the row that was clicked on. */
export function ofColumn(title: string): string {
  return macro(`__data.fields["${title}"]`);
}

function macro(name: string): string {
  return `\${${name}}`;
}
