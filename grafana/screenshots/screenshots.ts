/** Every dashboard of a running Grafana as pictures, and what is wrong with them to the eye. (D19) */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { getJson } from '../../doctor/ask.ts';
import { findChromium, launch } from './browser.ts';
import { declaredPanels, judge, type PanelFile } from './judge.ts';
import { take } from './take.ts';

export interface ScreenshotsOptions {
  grafana: string;
  /** Uids; undefined: every dashboard. */
  dashboard?: readonly string[] | undefined;
  out: string;
  widths: readonly number[];
  theme: 'light' | 'dark';
  /** Time range as Grafana writes it, e.g. `now-1h`; undefined: as each dashboard says. */
  from?: string | undefined;
  to: string;
  timeoutMs: number;
  env: NodeJS.ProcessEnv;
  onProgress?: (text: string) => void;
}

export interface Picture {
  uid: string;
  width: number;
  height: number;
  path: string;
  bytes: number;
  panels: number;
  ms: number;
  findings: string[];
}

interface DashboardFile {
  uid: string;
  title: string;
  panels: (PanelFile & { id: number; panels?: (PanelFile & { id: number })[] })[];
}

/** @throws RangeError for a dashboard that Grafana does not have. */
export async function screenshots(options: ScreenshotsOptions): Promise<Picture[]> {
  const { grafana, dashboard: uids, out, widths, onProgress } = options;
  const executable = findChromium(options.env);
  const files = await dashboards(grafana, uids);
  mkdirSync(out, { recursive: true });
  const browser = await launch(executable);
  const pictures: Picture[] = [];
  try {
    for (const file of files) {
      for (const width of widths) {
        onProgress?.(`${pictures.length + 1} of ${files.length * widths.length}: ${file.title}, ${width} pixels wide`);
        pictures.push(await one(browser, file, width, options));
      }
    }
  } finally {
    await browser.close();
  }
  return pictures;
}

/** `1600,420`. @throws RangeError for what no window has. */
export function widthsIn(text: string): number[] {
  const widths = text.split(',').map(Number);
  if (widths.every((width) => Number.isInteger(width) && width >= 200 && width <= 4000)) return widths;
  throw new RangeError(`Cannot take pictures ${text} pixels wide: give whole numbers from 200 to 4000, e.g. 1600,420.`);
}

async function one(
  browser: Awaited<ReturnType<typeof launch>>,
  file: DashboardFile,
  width: number,
  options: ScreenshotsOptions,
): Promise<Picture> {
  const { grafana, out, theme, from, to, timeoutMs } = options;
  const startedAt = performance.now();
  // Without a refresh: a picture is of one moment.
  const range = from === undefined ? {} : { from, to };
  const url = `${grafana}/d/${file.uid}?kiosk&${new URLSearchParams({ theme, refresh: '', ...range })}`;
  const { state, errors, picture, height } = await take(browser, { url, width, timeoutMs });
  const path = join(out, `${file.uid}-${width}.webp`);
  writeFileSync(path, picture);
  const declared = declaredPanels(file);
  const seen = state.panels.flatMap((panel) => {
    const said = errors.get(String(idOf(file, panel.title)));
    return judge(
      panel,
      declared.find(({ title }) => title === panel.title),
      width,
    ).map((finding) => `"${panel.title}" ${finding}${panel.error && said ? `: ${said}` : ''}`);
  });
  const missing = declared
    .filter(({ type, title }) => type !== 'row' && !state.panels.some((panel) => panel.title === title))
    .map(({ title }) => `"${title}" is not to be seen`);
  const findings = [...seen, ...missing].map((finding) => `${file.uid} at ${width}: ${finding}`);
  const panels = state.panels.length;
  return {
    uid: file.uid,
    width,
    height,
    path,
    bytes: picture.length,
    panels,
    ms: performance.now() - startedAt,
    findings,
  };
}

function idOf({ panels }: DashboardFile, title: string): number | undefined {
  return panels.flatMap((panel) => [panel, ...(panel.panels ?? [])]).find((panel) => panel.title === title)?.id;
}

async function dashboards(grafana: string, uids: readonly string[] | undefined): Promise<DashboardFile[]> {
  if (!/^https?:$/.test(URL.parse(grafana)?.protocol ?? ''))
    throw new RangeError(`Cannot take pictures of "${grafana}": give Grafana's address, e.g. http://127.0.0.1:3003.`);
  const search = `${grafana}/api/search?${new URLSearchParams({ type: 'dash-db', tag: 'fleetscope' })}`;
  const known = ((await getJson(search, 30_000).catch(needGrafana)) as { uid: string }[]).map(({ uid }) => uid).sort();
  const unknown = uids?.find((uid) => !known.includes(uid));
  if (unknown)
    throw new RangeError(`Cannot find the dashboard "${unknown}" in ${grafana}: it has ${known.join(', ')}.`);
  if (known.length === 0)
    throw new Error(`Cannot take pictures: ${grafana} has no dashboard of ours. Is it the right one?`);
  const files: DashboardFile[] = [];
  for (const uid of uids ?? known) {
    const { dashboard } = (await getJson(`${grafana}/api/dashboards/uid/${uid}`, 30_000)) as {
      dashboard: DashboardFile;
    };
    files.push(dashboard);
  }
  return files;
}

function needGrafana(cause: Error): never {
  throw new Error(`Cannot take pictures: ${cause.message}. Start Grafana with "npm run up", or give --grafana.`, {
    cause,
  });
}
