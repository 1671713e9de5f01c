import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';

/** What a person sees of a panel. */
export interface PanelState {
  title: string;
  loading: boolean;
  /** The red triangle. */
  error: boolean;
  /** Grafana's own words for nothing in place of a drawing. */
  noData: boolean;
  text: string;
  /** Neither words nor a drawing. */
  blank: boolean;
  /** The directions in which something inside can be scrolled; `legend`: only the names of the series can. */
  scrolls: ('vertical' | 'horizontal' | 'legend')[];
}

export interface PageState {
  panels: PanelState[];
  closedRows: number;
  /** Where the last panel ends, in pixels from the top. */
  bottom: number;
  pageHeight: number;
}

const inPage = readFileSync(join(import.meta.dirname, 'in-page.js'), 'utf8');

export async function pageState(page: Page): Promise<PageState> {
  return page.evaluate(inPage) as Promise<PageState>;
}
