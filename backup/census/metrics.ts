/** Prometheus: of each metric its series and every raw sample. */
import { createHash } from 'node:crypto';
import { getJson } from '../../doctor/ask.ts';
import { type Census, canonical, eachOf, sumOf, type Window } from './census.ts';

interface Series {
  readonly metric: Record<string, string>;
  readonly values?: [number, string][];
  readonly histograms?: [number, unknown][];
}

const timeoutMs = 120_000;

export async function countMetrics(
  prometheus: string,
  windows: readonly Window[],
  signal?: AbortSignal,
): Promise<Census> {
  const entries: Census['entries'] = {};
  for (const [index, { from, to }] of windows.entries()) {
    const range = new URLSearchParams({ start: seconds(from), end: seconds(to) });
    const names = (await ask(prometheus, `label/__name__/values?${range}`, signal)) as string[];
    // A name may have many series: an answer is in memory as long as it is summed.
    await eachOf(
      names,
      2,
      async (name) => {
        const query = `{__name__=${JSON.stringify(name)}}[${Math.round((to - from) / 1000)}s]`;
        const asked = new URLSearchParams({ query, time: seconds(to) });
        const { result } = (await ask(prometheus, `query?${asked}`, signal)) as { result: Series[] };
        let items = 0;
        for (const { values = [], histograms = [] } of result) items += values.length + histograms.length;
        // The index names a series of a block whose samples are all outside the window.
        if (items > 0)
          entries[`${index} ${name}`] = { groups: result.length, items, sum: sumOf(result.map(sumOfSeries)) };
      },
      signal,
    );
  }
  return { kind: 'metrics', windows: [...windows], entries };
}

/** Samples come in the order of their times. */
function sumOfSeries({ metric, values = [], histograms = [] }: Series): string {
  const hash = createHash('sha256').update(canonical(metric));
  for (const samples of [values, histograms])
    for (const [time, value] of samples) hash.update(`\n${time} ${canonical(value)}`);
  return hash.digest('hex');
}

async function ask(prometheus: string, path: string, signal?: AbortSignal): Promise<unknown> {
  const { data } = (await getJson(`${prometheus}/api/v1/${path}`, timeoutMs, {}, signal)) as { data: unknown };
  return data;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}
