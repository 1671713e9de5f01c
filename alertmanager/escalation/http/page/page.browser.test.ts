/** The page of incidents in a real Chromium, as on a phone. Run with "npm test -- browser": CI has no browser. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findChromium, launch } from '../../../../grafana/screenshots/browser.ts';
import { openServer } from '../server.ts';
import { hookRun } from '../testing/hook-run.ts';
import { group, service, tokens, webhookHeaders } from '../testing/service.ts';

const look = readFileSync(join(import.meta.dirname, '..', 'testing', 'look.js'), 'utf8');
/** Where to put pictures, for people who want to see it. */
const pictures = process.env.FLEETSCOPE_PICTURES;

const here = service({ publicUrl: 'http://127.0.0.1' });
let server: Awaited<ReturnType<typeof openServer>>;
let browser: Browser;

beforeAll(async () => {
  server = await openServer(here.deps);
  browser = await launch(findChromium(process.env));
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
});

async function opened(labels: Record<string, string>, more: Parameters<typeof group>[0] = {}): Promise<string> {
  const body = JSON.stringify(group({ labels, ...more }));
  const answer = await fetch(`${server.url}/alerts`, { method: 'POST', headers: webhookHeaders, body });
  here.clock.now += 90_000;
  return ((await answer.json()) as { incidents: [string] }).incidents[0];
}

async function phone(colorScheme: 'light' | 'dark' = 'light', width = 390) {
  const context = await browser.newContext({
    ...{ viewport: { width, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true, colorScheme },
    // Nothing on the page needs it.
    javaScriptEnabled: false,
  });
  const page = await context.newPage();
  const said: string[] = [];
  page.on('console', (message) => said.push(message.text()));
  page.on('pageerror', (error) => said.push(error.message));
  page.on('requestfailed', (request) => said.push(`${request.url()} failed`));
  return { page, said, close: () => context.close() };
}

async function logIn(page: Page, path = '/incidents'): Promise<void> {
  await page.goto(`${server.url}${path}`);
  await page.getByLabel('Your name').fill('Ana');
  await page.getByLabel('API token').fill(tokens.api);
  await page.getByRole('button', { name: 'Log in' }).click();
}

/** What is wrong with what is seen now; takes its picture. */
async function wrong(page: Page, name: string): Promise<string[]> {
  if (pictures) await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
  return page.evaluate(look);
}

test('X02 on a phone: log in, take an incident, see it taken, note, resolve', async () => {
  await opened({ service_name: 'gateway', alertname: 'LatencyHigh' }, { receiver: 'platform-warning' });
  const id = await opened({}, { alerts: [{}, {}] });
  const incident = await here.store.byId(id);
  if (incident) await here.store.save({ ...incident, version: incident.version + 1, hookRuns: [hookRun(id, 1)] });
  const { page, said, close } = await phone();

  await page.goto(`${server.url}/incidents`);
  expect(await wrong(page, 'login')).toEqual([]);
  await logIn(page);
  expect(await page.title()).toBe('2 open incidents');
  expect(await wrong(page, 'list')).toEqual([]);

  await page.getByRole('link', { name: 'AgentSilent' }).click();
  expect(page.url()).toBe(`${server.url}/incidents/${id}`);
  expect(await wrong(page, 'detail')).toEqual([]);
  await page.getByRole('button', { name: 'Acknowledge' }).click();
  expect(await page.getByRole('status').textContent()).toMatch(/You have it/);
  expect(await page.getByText('Ana has it').isVisible()).toBe(true);

  await page.getByText('Add a note').click();
  await page.getByLabel('What whoever looks next should know').fill('Restarted it.\nIt is the disk.');
  expect(await wrong(page, 'note')).toEqual([]);
  await page.getByRole('button', { name: 'Add the note' }).click();
  expect(await page.getByText('Restarted it.').isVisible()).toBe(true);
  await page.getByRole('button', { name: 'Do it' }).click();
  expect(await page.getByText('about to start').isVisible()).toBe(true);

  await page.getByRole('button', { name: 'Resolve' }).click();
  expect(await page.getByText('Resolved now by Ana').isVisible()).toBe(true);
  expect(await page.getByRole('button', { name: 'Acknowledge' }).count()).toBe(0);
  expect(await wrong(page, 'resolved')).toEqual([]);
  await page.getByRole('link', { name: 'Incidents' }).click();
  await page.getByRole('link', { name: 'Resolved' }).click();
  expect(await page.getByRole('link', { name: 'AgentSilent' }).isVisible()).toBe(true);

  await page.getByRole('button', { name: 'Log out' }).click();
  expect(await page.getByRole('button', { name: 'Log in' }).isVisible()).toBe(true);
  expect(said).toEqual([]);
  expect(await here.store.byId(id)).toMatchObject({ state: 'resolved', resolved: { by: 'Ana' } });
  await close();
});

test('X02 in the dark and on the narrowest phone it is as easy to read', async () => {
  const id = await opened({ service_name: 'a-service-with-a-name-that-is-very-long-and-has-no-blank-in-it-anywhere' });
  for (const [scheme, width] of [
    ['dark', 390],
    ['light', 360],
    ['dark', 360],
    ['dark', 1280],
    ['light', 1280],
  ] as const) {
    const { page, said, close } = await phone(scheme, width);
    await logIn(page, `/incidents/${id}`);
    expect(await wrong(page, `detail-${scheme}-${width}`)).toEqual([]);
    for (const words of ['Add a note', 'Give it to somebody', 'Snooze'])
      await page.locator('summary', { hasText: words }).click();
    expect(await wrong(page, `forms-${scheme}-${width}`)).toEqual([]);
    await page.goto(`${server.url}/incidents?team=fleet`);
    expect(await wrong(page, `list-${scheme}-${width}`)).toEqual([]);
    await page.goto(`${server.url}/incidents?team=finops`);
    expect(await wrong(page, `empty-${scheme}-${width}`)).toEqual([]);
    expect(said).toEqual([]);
    await close();
  }
});

test('X02 the link of a message asks first, and does it then', async () => {
  const id = await opened({ service_name: 'by-link' });
  const { openLinks } = await import('../links.ts');
  const { acknowledge } = openLinks({ ...here.deps, publicUrl: server.url }).linksFor({ id }, `${id}/1`);
  for (const scheme of ['light', 'dark'] as const) {
    const { page, said, close } = await phone(scheme);
    await page.goto(acknowledge);
    expect(await wrong(page, `confirm-${scheme}`)).toEqual([]);
    await page.getByLabel('Your name').fill('Ana');
    await page.getByRole('button', { name: 'I have it' }).click();
    expect(await page.getByText(scheme === 'light' ? 'Ana has it' : 'used already').isVisible()).toBe(true);
    expect(await wrong(page, `done-${scheme}`)).toEqual([]);
    // A browser says of every refusal that it was one.
    expect(said.filter((line) => !/status of 410/.test(line))).toEqual([]);
    await close();
  }
  expect(await here.store.byId(id)).toMatchObject({ state: 'acknowledged' });
});

test('X02 the eyes of this test see what is wrong', async () => {
  const { page, close } = await phone();
  await page.setContent(
    '<meta name="viewport" content="width=device-width"><p style="color:#999">pale</p><input><a href="/x">x</a><div style="width:900px">wide</div>',
  );
  const found = (await wrong(page, 'wrong')).map((complaint) => complaint.split(':')[0]);
  expect(found).toEqual(
    expect.arrayContaining(['contrast 2.85', 'no label', 'small to touch', 'not one h1', 'scrolls sideways']),
  );
  await close();
});
