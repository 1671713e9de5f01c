/** Loki: of each stream every line, with its time and its structured metadata. */
import { atMost } from '../../doctor/ask.ts';
import { type Census, canonical, eachOf, sumOf, type Window } from './census.ts';

/** Nanoseconds as text, the line, what belongs to it. */
type Line = [string, string, object?];

const everything = '{service_name=~".+"}';
/** Loki's own limit of an answer, and what is asked for where a page is full of one moment: where it allows that. */
const pageLines = 5_000;
const mostLines = 100_000;
const timeoutMs = 120_000;

export async function countLogs(loki: string, windows: readonly Window[], signal?: AbortSignal): Promise<Census> {
  const entries: Census['entries'] = {};
  for (const [index, window] of windows.entries()) {
    const range = new URLSearchParams({ 'match[]': everything, start: nanos(window.from), end: nanos(window.to) });
    const streams = (await ask(loki, `series?${range}`, signal)) as Record<string, string>[];
    await eachOf(
      streams,
      4,
      async (labels) => {
        const lines = await linesOf(loki, labels, window, signal);
        if (lines.length > 0)
          entries[`${index} ${selector(labels)}`] = { groups: 1, items: lines.length, sum: sumOf(lines) };
      },
      signal,
    );
  }
  return { kind: 'logs', windows: [...windows], entries };
}

/** Page by page, oldest first. @throws Error where more lines have the same nanosecond than an answer may hold */
async function linesOf(
  loki: string,
  labels: Record<string, string>,
  window: Window,
  signal?: AbortSignal,
): Promise<string[]> {
  const query = selector(labels);
  const found: string[] = [];
  let limit = pageLines;
  for (let start = nanos(window.from); ; ) {
    const asked = { query, start, end: nanos(window.to), limit: String(limit), direction: 'forward' };
    const { result } = (await ask(loki, `query_range?${new URLSearchParams(asked)}`, signal)) as {
      result: { stream: Record<string, string>; values: Line[] }[];
    };
    // A selector also finds streams that have more labels.
    const all = result.flatMap(({ values }) => values);
    const own = result.filter(({ stream }) => canonical(stream) === canonical(labels)).flatMap(({ values }) => values);
    const last = all.reduce((latest, [time]) => (BigInt(time) > BigInt(latest) ? time : latest), start);
    const full = all.length >= limit;
    if (full && last === start) {
      if (limit >= mostLines) throw new Error(`Cannot count the lines of ${query}: ${limit} have the time ${last}.`);
      limit = Math.min(4 * limit, mostLines);
      continue;
    }
    // The next page begins with those of the last nanosecond: this one may have some of them only.
    found.push(...own.filter(([time]) => !full || time !== last).map((line) => canonical(line)));
    if (!full) return found;
    start = last;
  }
}

async function ask(loki: string, path: string, signal?: AbortSignal): Promise<unknown> {
  const response = await fetch(`${loki}/loki/api/v1/${path}`, {
    // Else structured metadata would be among the labels, and every line a stream.
    headers: { 'X-Loki-Response-Encoding-Flags': 'categorize-labels' },
    signal: atMost(timeoutMs, signal),
  });
  if (!response.ok) throw new Error(`${loki} answers ${response.status}: ${(await response.text()).slice(0, 200)}`);
  return ((await response.json()) as { data: unknown }).data;
}

function selector(labels: Record<string, string>): string {
  const matchers = Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${matchers.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(', ')}}`;
}

function nanos(ms: number): string {
  return String(BigInt(Math.floor(ms)) * 1_000_000n);
}
