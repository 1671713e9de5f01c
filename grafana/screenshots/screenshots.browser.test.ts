/** A page with Grafana's marks is looked at in a real Chromium. Run with "npm test -- browser": CI has no browser. */
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { screenshots } from './screenshots.ts';

const out = mkdtempSync(join(tmpdir(), 'fleetscope-screenshots-'));
const drawing = '<svg width="200" height="60"><rect width="200" height="60" fill="green"></rect></svg>';

/** What stands in each panel, by its title. */
const contents: Record<string, string> = {
  Well: drawing,
  Words: '<div>12</div>',
  Failed: '',
  Late: '',
  Empty: '<div data-testid="data-testid Panel data error message">No data</div>',
  Excused: '<div data-testid="data-testid Panel data error message">No data</div>',
  Blank: '<div style="height:60px"></div>',
  Cut: `<div style="height:60px;overflow-y:auto"><div style="height:200px">${drawing}</div></div>`,
  Wide: `<div style="width:100px;overflow-x:auto"><div style="width:900px">${drawing}</div></div>`,
  Long: `<div style="height:60px;overflow-y:auto"><div style="height:200px">rows</div></div>`,
};
const marks: Record<string, string> = {
  Failed: '<button data-testid="data-testid Panel status error"></button>',
  Late: '<div aria-label="Panel loading bar"></div>',
};

function panel(title: string): string {
  return `<section data-testid="data-testid Panel header ${title}" style="height:300px">${marks[title] ?? ''}
    <div data-testid="data-testid panel content">${contents[title] ?? drawing}</div></section>`;
}

/** A closed row that is filled when it is opened, and a panel that comes by a slow query. */
function pageOf(titles: readonly string[]): string {
  return `<!doctype html><body style="margin:0">
    <div data-testid="data-testid dashboard-row-title-Open">Open</div>${titles.map(panel).join('')}
    <div data-testid="data-testid dashboard-row-title-Closed"><button aria-label="Expand row">Closed</button></div>
    <script>
      document.querySelector('button[aria-label="Expand row"]').onclick = async ({ target }) => {
        target.setAttribute('aria-label', 'Collapse row');
        await fetch('/api/ds/query?slow');
        document.body.insertAdjacentHTML('beforeend', ${JSON.stringify(panel('Inside'))});
      };
      fetch('/api/ds/query?broken', { headers: { 'x-panel-id': '3' } });
    </script>`;
}

const shown: Record<string, string[]> = {
  well: ['Well', 'Words', 'Excused', 'Long'],
  ill: ['Failed', 'Empty', 'Blank', 'Cut', 'Wide', 'Well'],
  late: ['Late', 'Well'],
};

function fileOf(uid: string) {
  const excuse = { fieldConfig: { defaults: { noValue: 'nothing happened yet.' } } };
  const types: Record<string, string> = { Long: 'table' };
  const panels = [...(shown[uid] ?? []), 'Inside'].map((title) => ({
    ...{ id: title === 'Failed' ? 3 : 9, title, type: types[title] ?? 'timeseries' },
    ...(title === 'Excused' && excuse),
  }));
  // A panel that the page never shows.
  const missing = uid === 'ill' ? [{ id: 9, title: 'Missing', type: 'stat' }] : [];
  return { uid, title: uid, panels: [{ id: 1, title: 'Open', type: 'row' }, ...panels, ...missing] };
}

const asked: string[] = [];
const server = createServer((request, response) => {
  const { pathname, search } = new URL(request.url as string, 'http://localhost');
  const uid = pathname.split('/').at(-1) as string;
  asked.push(pathname + search);
  if (pathname === '/api/search') response.end(JSON.stringify(Object.keys(shown).map((uid) => ({ uid }))));
  else if (pathname.startsWith('/api/dashboards/')) response.end(JSON.stringify({ dashboard: fileOf(uid) }));
  else if (search === '?slow') setTimeout(() => response.end('{}'), 1_500);
  else if (search === '?broken') response.writeHead(400).end('{"results":{"A":{"error":"parse error"}}}');
  else response.setHeader('content-type', 'text/html').end(pageOf(shown[uid] ?? []));
});
let grafana: string;

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  grafana = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
  rmSync(out, { recursive: true });
});

async function look(uid: string, more: { widths?: number[]; timeoutMs?: number; from?: string } = {}) {
  const { env } = process;
  return screenshots({
    grafana,
    dashboard: [uid],
    out,
    widths: [800],
    theme: 'dark',
    to: 'now',
    timeoutMs: 30_000,
    env,
    ...more,
  });
}

test('D19 a dashboard that is well has a picture per width, as high as itself, closed rows opened', async () => {
  const pictures = await look('well', { widths: [1200, 420], from: 'now-2h' });
  expect(pictures.flatMap(({ findings }) => findings)).toEqual([]);
  expect(pictures).toMatchObject([
    { uid: 'well', width: 1200, panels: 5 },
    { uid: 'well', width: 420, panels: 5 },
  ]);
  for (const { path, width, height, bytes } of pictures) {
    expect(path).toBe(join(out, `well-${width}.webp`));
    expect(height).toBeGreaterThan(5 * 300);
    const file = readFileSync(path);
    expect([file.toString('latin1', 0, 4), file.toString('latin1', 8, 12), file.length]).toEqual([
      'RIFF',
      'WEBP',
      bytes,
    ]);
  }
  expect(asked).toContain('/d/well?kiosk&theme=dark&refresh=&from=now-2h&to=now');
});

test('D19 what a person would not like to see is named, panel by panel', async () => {
  const [picture] = await look('ill');
  expect(picture?.findings).toEqual([
    'ill at 800: "Failed" shows an error: parse error',
    'ill at 800: "Empty" shows "No data" and does not say why it may',
    'ill at 800: "Blank" is blank',
    'ill at 800: "Cut" has a vertical scroll bar',
    'ill at 800: "Wide" has a horizontal scroll bar',
    'ill at 800: "Missing" is not to be seen',
  ]);
});

test('D19 a panel that does not come in time is a finding, and is not waited for forever', async () => {
  const [picture] = await look('late', { timeoutMs: 4_000 });
  expect(picture?.findings).toEqual(['late at 800: "Late" did not finish loading']);
});

test('D19 a dashboard that Grafana has not is wrong usage; without Grafana the remedy is told', async () => {
  await expect(look('wel')).rejects.toThrow(RangeError);
  const nobody = {
    grafana: 'http://127.0.0.1:1',
    out,
    widths: [800],
    theme: 'light',
    to: 'now',
    timeoutMs: 1,
    env: process.env,
  } as const;
  await expect(screenshots(nobody)).rejects.toThrow(
    /^Cannot take pictures: .* Start Grafana with "npm run up", or give --grafana\.$/,
  );
});
