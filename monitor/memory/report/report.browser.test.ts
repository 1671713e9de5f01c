/** The monthly report in a real Chromium: as on a phone, and printed. Run with "npm test -- browser": CI has no browser. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findChromium, launch } from '../../../grafana/screenshots/browser.ts';
import type { Snapshot } from '../record.ts';
import { elevenWeeks, rememberedDays } from '../testing/remembered-days.ts';
import type { Fleet, Habit } from '../testing/some-days.ts';
import { reportPage } from './page.ts';
import { readMonth } from './read-month.ts';

const look = readFileSync(join(import.meta.dirname, '../../../alertmanager/escalation/http/testing/look.js'), 'utf8');
/** Where to put pictures, for people who want to see it. */
const pictures = process.env.FLEETSCOPE_PICTURES;
const long = 'an-agent-with-a-name-that-is-very-long-and-has-no-blank-in-it-anywhere';

const works = (agent: string, operation: string, model: string, times: number, usd: number): Habit => ({
  ...{ agent, operation, model, times, fails: (day) => (agent === 'code' && day > 45 ? 0.15 : 0.04) },
  ...{ ms: () => 3000, cost: (day) => usd * 1e6 * (agent === 'director' ? 1 + day / 90 : 1) },
});

/** More agents and models than colours, errors of every kind, names and messages without an end. */
const rich: Fleet = {
  ...{ seed: 3, from: '2025-12-01', days: 62 },
  habits: [
    ...[works('director', 'plan', 'claude-opus-5', 14, 0.42), works('code', 'write', 'claude-sonnet-5', 90, 0.06)],
    ...[works('qa', 'verify', 'claude-haiku-4.5', 70, 0.015), works('research', 'summarise', 'gpt-5-mini', 60, 0.02)],
    ...[
      works('research', 'summarise', 'claude-haiku-4.5', 60, 0.009),
      works('docs', 'write', 'gemini-3-flash', 30, 0.006),
    ],
    ...[works('publisher', 'publish', `local/${long}`, 20, 0.003), works(long, 'work', 'gpt-5', 12, 0.03)],
  ],
  troubles: [
    { fingerprint: '0123456789ab', chance: () => 0.6 },
    { fingerprint: 'fedcba987654', chance: (day) => (day < 40 ? 0.8 : 0) },
    { fingerprint: 'aaaaaaaaaaaa', chance: (day) => (day > 50 ? 0.7 : 0) },
    { fingerprint: 'bbbbbbbbbbbb', chance: (day) => (day < 20 || day > 48 ? 0.9 : 0) },
  ],
};

/** Two days are missing, some are known in part, some alerts stay open. */
function asItHappens(day: Snapshot): Snapshot | undefined {
  const number = Number(day.date.slice(8));
  if (day.date === '2026-01-12' || day.date === '2026-01-13') return undefined;
  return {
    ...day,
    errors: day.errors.map((error, at) => ({
      ...{ ...error, times: 1 + ((number * 7 + at * 3) % 9) },
      ...(at === 1 && {
        error_message: `connect ECONNREFUSED https://api.example.com/v1/messages?${'0123456789'.repeat(20)}`,
      }),
    })),
    gaps: number % 11 === 5 ? ['The escalation service did not answer: what alerts there were is not known.'] : [],
    cost: { ...day.cost, unpriced_calls: number % 8 === 0 ? 3 : 0 },
  };
}

const months: readonly (readonly [name: string, html: () => Promise<string>, sheets: number])[] = [
  ['rich', () => page(rich, '2026-01', asItHappens), 4],
  ['partial', () => page(elevenWeeks, '2026-02'), 3],
  ['one-day', () => page({ ...elevenWeeks, from: '2026-02-02', days: 1 }, '2026-02'), 3],
  ['without-work', () => page({ ...elevenWeeks, habits: [], troubles: [], days: 9 }, '2025-12'), 2],
];

async function page(fleet: Fleet, month: string, change?: typeof asItHappens): Promise<string> {
  await using there = await rememberedDays(fleet, change);
  return reportPage(await readMonth(there.memory, month), 23);
}

const made = new Map<string, string>();

let browser: Browser;
beforeAll(async () => {
  browser = await launch(findChromium(process.env));
  for (const [name, html] of months) made.set(name, await html());
});
afterAll(() => browser?.close());

async function opened(html: string, width: number, colorScheme: 'light' | 'dark') {
  const context = await browser.newContext({
    ...{ viewport: { width, height: 844 }, colorScheme },
    // Nothing on the page needs it.
    javaScriptEnabled: false,
  });
  const page = await context.newPage();
  const said: string[] = [];
  page.on('console', (message) => said.push(message.text()));
  page.on('request', (request) => said.push(`asks for ${request.url()}`));
  await page.setContent(html);
  return { page, said, close: () => context.close() };
}

/** Of elements that are wider than what they are in: what is cut, or has to be scrolled to. `summary` is small to a finger, and long to it. */
async function wrong(page: Page, name: string): Promise<string[]> {
  if (pictures) await page.screenshot({ path: join(pictures, `report-${name}.png`), fullPage: true });
  const cut = await page.$$eval('.wide', (all) =>
    all
      .filter((one) => one.checkVisibility() && one.scrollWidth > one.clientWidth)
      .map((one) => `cut: ${one.textContent?.slice(0, 60)}`),
  );
  const seen = (await page.evaluate(look)) as string[];
  return [...seen.filter((complaint) => !complaint.startsWith('small to touch: <summary>')), ...cut];
}

test.each(months)(
  'M06 the month "%s" is read on a phone and on a screen, light and dark, and nothing is cut',
  async (name) => {
    const text = made.get(name) as string;
    for (const [width, scheme] of [
      [390, 'light'],
      [390, 'dark'],
      [360, 'light'],
      [1280, 'light'],
      [1280, 'dark'],
    ] as const) {
      const { page, said, close } = await opened(text, width, scheme);
      expect(await wrong(page, `${name}-${width}-${scheme}`), `${width} ${scheme}`).toEqual([]);
      expect(said).toEqual([]);
      await close();
    }
  },
);

test.each(months)('M06 the month "%s" prints on few sheets, with a page number on each', async (name, _, sheets) => {
  const { page, close } = await opened(made.get(name) as string, 1280, 'dark');
  const pdf = await page.pdf({
    preferCSSPageSize: true,
    ...(pictures && { path: join(pictures, `report-${name}.pdf`) }),
  });
  // How much fits on a sheet depends on the fonts that there are.
  const printed = pdf.toString('latin1').match(/\/Type \/Page\b(?!s)/g) ?? [];
  expect(printed.length).toBeGreaterThan(1);
  expect(printed.length).toBeLessThanOrEqual(sheets);
  // On paper a picture that is too wide is cut: there is nothing to scroll.
  await page.emulateMedia({ media: 'print' });
  await page.setViewportSize({ width: 688, height: 1000 });
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(688);
  expect(await page.$$eval('details', (all) => all.some((one) => one.checkVisibility()))).toBe(false);
  await close();
});

test('M06 the eyes of this test see what is cut', async () => {
  const row = `<div class="wide" style="width:90px;overflow-x:auto"><table><tr><td>${'x'.repeat(60)}</td></tr></table></div>`;
  const { page, close } = await opened(`<!doctype html><html lang="en"><title>x</title><h1>x</h1>${row}`, 390, 'light');
  expect(await wrong(page, 'cut')).toEqual([`cut: ${'x'.repeat(60)}`]);
  await close();
});
