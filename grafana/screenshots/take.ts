/** One picture of one dashboard at one width, when everything on it has come. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Browser, Page, Request } from 'playwright-core';
import { type PageState, pageState } from './page-state.ts';

export interface Shot {
  state: PageState;
  /** Messages of failed queries, by the panel's id in the file. */
  errors: Map<string, string>;
  /** WebP. */
  picture: Buffer;
  height: number;
}

export interface View {
  url: string;
  width: number;
  /** How long a dashboard may take to come to rest. */
  timeoutMs: number;
}

/** Lossy, of 100: letters stay sharp, and a page is a tenth of its PNG. */
const quality = 75;
/** WebP has no higher pictures. */
const mostPixels = 16_383;
const margin = 16;
const pollMs = 250;
/** So often in a row nothing may have changed. */
const restPolls = 4;

export async function take(browser: Browser, { url, width, timeoutMs }: View): Promise<Shot> {
  const page = await browser.newPage({ viewport: { width, height: 2000 }, reducedMotion: 'reduce' });
  try {
    const traffic = watch(page);
    await page.goto(url, { waitUntil: 'domcontentloaded', timeout: timeoutMs }).catch((cause: Error) => {
      throw new Error(`Cannot open ${url}: ${cause.message.split('\n')[0]}. Is Grafana still there?`, { cause });
    });
    const state = await rest(page, traffic.pending, Date.now() + timeoutMs);
    const height = Math.min(state.bottom + margin, mostPixels);
    await page.setViewportSize({ width, height });
    // The page is laid out anew; drawings follow a moment later.
    const last = await rest(page, traffic.pending, Date.now() + timeoutMs);
    return { state: last, errors: traffic.errors, picture: await picture(page, width, height), height };
  } finally {
    await page.close();
  }
}

/** Opens closed rows and grows the window until everything is in it: Grafana asks nothing for what is out of sight. */
async function rest(page: Page, pending: () => number, deadline: number): Promise<PageState> {
  let before = '';
  let calm = 0;
  for (;;) {
    const state = await pageState(page);
    if (state.closedRows > 0) {
      await page.locator('[aria-label="Expand row"]:not(section *)').first().click();
      // Under the pointer a panel shows its menu.
      await page.mouse.move(0, 0);
    }
    const { height, width } = page.viewportSize() as { width: number; height: number };
    if (state.pageHeight > height) {
      await page.setViewportSize({ width, height: Math.min(state.pageHeight, mostPixels) });
    }
    const busy = state.closedRows > 0 || pending() > 0 || state.panels.some(({ loading }) => loading);
    const now = JSON.stringify(state);
    calm = !busy && state.panels.length > 0 && now === before ? calm + 1 : 0;
    if (calm >= restPolls || Date.now() > deadline) return state;
    before = now;
    await delay(pollMs);
  }
}

/** Queries under way, and what those that failed said. */
function watch(page: Page): { pending: () => number; errors: Map<string, string> } {
  const open = new Set<Request>();
  const errors = new Map<string, string>();
  const isQuery = (request: Request) => /\/api\/(ds\/query|datasources\/|prometheus\/)/.test(request.url());
  page.on('request', (request) => isQuery(request) && open.add(request));
  page.on('requestfailed', (request) => open.delete(request));
  page.on('requestfinished', async (request) => {
    try {
      const response = isQuery(request) ? await request.response() : null;
      const panel = request.headers()['x-panel-id'];
      if (response && response.status() >= 400 && panel) errors.set(panel, messageOf(await response.text()));
    } catch {
      // The page is gone, or its answer is: then there is nothing to tell.
    } finally {
      open.delete(request);
    }
  });
  return { pending: () => open.size, errors };
}

/** Grafana's answer to a query that failed, in one line. */
export function messageOf(body: string): string {
  try {
    const { results = {}, message = '' } = JSON.parse(body) as {
      results?: Record<string, { error?: string }>;
      message?: string;
    };
    const [first] = Object.values(results).flatMap(({ error }) => error ?? []);
    return first ?? message;
  } catch {
    return body.slice(0, 200);
  }
}

/** Playwright itself makes no WebP; Chromium does. */
async function picture(page: Page, width: number, height: number): Promise<Buffer> {
  const session = await page.context().newCDPSession(page);
  const { data } = await session.send('Page.captureScreenshot', {
    ...{ format: 'webp', quality },
    clip: { x: 0, y: 0, width, height, scale: 1 },
  });
  return Buffer.from(data, 'base64');
}
