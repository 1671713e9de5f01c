/** Prometheus: of each metric its series and every raw sample. */
import { getJson } from '../../doctor/ask.ts';
import { type Census, canonical, eachOf, sumOf, type Window } from './census.ts';

interface Series {
  readonly metric: Record<string, string>;
  readonly values?: [number, string][];
  readonly histograms?: [number, unknown][];
}

const timeoutMs = 120_000;

export async function countMetrics(prometheus: string, windows: readonly Window[]): Promise<Census> {
  const entries: Census['entries'] = {};
  for (const [index, { from, to }] of windows.entries()) {
    const range = new URLSearchParams({ start: seconds(from), end: seconds(to) });
    const names = (await ask(prometheus, `label/__name__/values?${range}`)) as string[];
    await eachOf(names, 4, async (name) => {
      const query = `{__name__=${JSON.stringify(name)}}[${Math.round((to - from) / 1000)}s]`;
      const asked = new URLSearchParams({ query, time: seconds(to) });
      const { result } = (await ask(prometheus, `query?${asked}`)) as { result: Series[] };
      const samples = result.flatMap(({ metric, values = [], histograms = [] }) => {
        const labels = canonical(metric);
        return [...values, ...histograms].map(([time, value]) => `${labels} ${time} ${canonical(value)}`);
      });
      // The index names a series of a block whose samples are all outside the window.
      if (samples.length > 0)
        entries[`${index} ${name}`] = { groups: result.length, items: samples.length, sum: sumOf(samples) };
    });
  }
  return { kind: 'metrics', windows: [...windows], entries };
}

async function ask(prometheus: string, path: string): Promise<unknown> {
  const { data } = (await getJson(`${prometheus}/api/v1/${path}`, timeoutMs)) as { data: unknown };
  return data;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}
