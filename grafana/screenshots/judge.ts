import { noDataYet } from '../panel.ts';
import type { PanelState } from './page-state.ts';

/** What the dashboard's file says of a panel. */
export interface Declared {
  type: string;
  title: string;
  /** Why it may be empty; undefined when it must have data. */
  mayBeEmpty: string | undefined;
}

/** Lists: they are as long as what they list, and are meant to be scrolled. */
const lists = ['logs', 'table', 'alertlist', 'news', 'dashlist'];

/** Below this Grafana puts panels under each other: there a list may be wider than the window. */
const narrowPixels = 768;

/** What is wrong with a panel as it is seen in a window of a width; nothing when it is well. */
export function judge(state: PanelState, declared: Declared | undefined, width: number): string[] {
  if (state.loading) return ['did not finish loading'];
  if (state.error) return ['shows an error'];
  const isList = lists.includes(declared?.type ?? '');
  return [
    ...(state.text.includes(noDataYet) ? [`shows "${noDataYet}"`] : []),
    ...(state.noData && declared?.mayBeEmpty === undefined
      ? [`shows "${firstLine(state.text)}" and does not say why it may`]
      : []),
    ...(state.blank ? ['is blank'] : []),
    ...state.scrolls
      .filter((direction) => (isList ? direction === 'horizontal' && width >= narrowPixels : true))
      // On a phone the names stand under each other: a list.
      .filter((direction) => direction !== 'legend' || width >= narrowPixels)
      .map((direction) => (direction === 'legend' ? 'has a legend that is cut' : `has a ${direction} scroll bar`)),
  ];
}

/** The panels of a dashboard's file, those in rows included. */
export function declaredPanels(dashboard: { panels?: PanelFile[] }): Declared[] {
  return (dashboard.panels ?? [])
    .flatMap((panel) => [panel, ...(panel.panels ?? [])])
    .map(({ type, title = '', description = '', fieldConfig }) => {
      const noValue = fieldConfig?.defaults?.noValue;
      const said = noValue ?? /^May be empty: (.+)$/m.exec(description)?.[1];
      return { type, title, mayBeEmpty: said === noDataYet ? undefined : said };
    });
}

export interface PanelFile {
  type: string;
  title?: string;
  description?: string;
  fieldConfig?: { defaults?: { noValue?: string } };
  panels?: PanelFile[];
}

function firstLine(text: string): string {
  return text.split('\n')[0] as string;
}
