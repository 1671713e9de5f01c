/** Tempo: of traces that a search names every span that ended within its window. Nothing lists all traces; what is restored is asked for the same. */
import { atMost, getJson } from '../../doctor/ask.ts';
import { type Census, canonical, eachOf, sumOf, type Window } from './census.ts';

/** A window is searched in so many slices, each for so many traces. */
const slices = 12;
const tracesPerSlice = 200;
const timeoutMs = 60_000;

interface Span {
  readonly spanId: string;
  /** Left out where it is 0. */
  readonly endTimeUnixNano?: string;
}

interface Found {
  readonly batches?: {
    readonly resource: unknown;
    readonly scopeSpans?: { readonly scope: unknown; readonly spans?: Span[] }[];
  }[];
}

export async function countTraces(tempo: string, windows: readonly Window[], signal?: AbortSignal): Promise<Census> {
  const named: [number, string][] = [];
  for (const [index, window] of windows.entries())
    for (const id of await search(tempo, window, signal)) named.push([index, id]);
  return countNamed(tempo, windows, named, signal);
}

/** The traces that another census names. A trace that is not there has no spans. */
export function countTracesOf(tempo: string, { windows, entries }: Census): Promise<Census> {
  const named = Object.keys(entries).map((key): [number, string] => {
    const [index, id] = key.split(' ') as [string, string];
    return [Number(index), id];
  });
  return countNamed(tempo, windows, named);
}

async function countNamed(
  tempo: string,
  windows: readonly Window[],
  named: readonly [number, string][],
  signal?: AbortSignal,
): Promise<Census> {
  const entries: Census['entries'] = {};
  await eachOf(
    named,
    4,
    async ([index, id]) => {
      const spans = await spansOf(tempo, id, windows[index] as Window, signal);
      if (spans.length > 0) entries[`${index} ${id}`] = { groups: 1, items: spans.length, sum: sumOf(spans) };
    },
    signal,
  );
  return { kind: 'traces', windows: [...windows], entries };
}

async function search(tempo: string, { from, to }: Window, signal?: AbortSignal): Promise<Set<string>> {
  const ids = new Set<string>();
  const step = (to - from) / slices / 1000;
  for (let slice = 0; slice < slices; slice++) {
    const start = Math.floor(from / 1000 + slice * step);
    const asked = {
      q: '{}',
      start: String(start),
      end: String(Math.ceil(start + step)),
      limit: String(tracesPerSlice),
    };
    const { traces = [] } = (await getJson(
      `${tempo}/api/search?${new URLSearchParams(asked)}`,
      timeoutMs,
      {},
      signal,
    )) as {
      traces?: { traceID: string }[];
    };
    // Leading zeros are left out there.
    for (const { traceID } of traces) ids.add(traceID.padStart(32, '0'));
  }
  return ids;
}

async function spansOf(tempo: string, id: string, { from, to }: Window, signal?: AbortSignal): Promise<string[]> {
  const within = new URLSearchParams({
    start: String(Math.floor(from / 1000) - 86_400),
    end: String(Math.ceil(to / 1000) + 3_600),
  });
  const response = await fetch(`${tempo}/api/traces/${id}?${within}`, { signal: atMost(timeoutMs, signal) });
  if (response.status === 404) return [];
  if (!response.ok) throw new Error(`${tempo} answers ${response.status}: ${(await response.text()).slice(0, 200)}`);
  const { batches = [] } = (await response.json()) as Found;
  const spans = new Map<string, string>();
  for (const { resource, scopeSpans = [] } of batches)
    for (const { scope, spans: some = [] } of scopeSpans)
      for (const span of some) {
        // A trace may go on after the backup.
        const ended = Number(BigInt(span.endTimeUnixNano ?? 0) / 1_000_000n);
        if (ended > to) continue;
        // At-least-once: one that came twice is one.
        spans.set(span.spanId, canonical([sorted(resource), sorted(scope), sorted(span)]));
      }
  return [...spans.values()];
}

/** Attributes are a set: their order is not kept. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    const all = value.map(sorted);
    return all.every((one) => one !== null && typeof one === 'object' && 'key' in one)
      ? all.toSorted((a, b) => (canonical(a) < canonical(b) ? -1 : 1))
      : all;
  }
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, sorted(inner)]));
}
