/** One question to a backend, as the data source of Grafana asks it. */
import { getJson } from '../../doctor/ask.ts';
import { serviceGraph } from '../../queries/stack-metrics.ts';
import type { Language } from './interpolate.ts';
import type { TimeRange } from './time.ts';

export type Backends = Record<Language, string>;

export interface Question {
  source: Language;
  kind: 'instant' | 'range' | 'search' | 'values' | 'graph';
  /** Plain PromQL, LogQL or TraceQL; of `values` a series. */
  query: string;
  /** Of `values`. */
  label?: string;
  range: TimeRange;
  /** In ms. */
  step: number;
  limit: number | undefined;
  exemplars: boolean;
}

export interface Answer {
  /** Series, streams of lines, or traces. */
  found: number;
  /** Of these, series that are not a number anywhere: Grafana draws nothing. */
  nothing: number;
  /** Of `values`. */
  values: string[];
}

const patienceMs = 30_000;

/** @throws Error in the backend's words. */
export async function ask(backends: Backends, question: Question): Promise<Answer> {
  const [answer] = await Promise.all([
    getJson(addressOf(backends, question), patienceMs),
    question.exemplars && getJson(exemplarsOf(backends, question), patienceMs),
  ]);
  return read(question, answer as never);
}

/** Every name that Prometheus has had within its retention. */
export async function metricNames({ prometheus }: Backends): Promise<string[]> {
  const { data } = (await getJson(`${prometheus}/api/v1/label/__name__/values`, patienceMs)) as { data: string[] };
  return data;
}

/** The address that a person can open, or give to curl. */
export function addressOf(backends: Backends, question: Question): string {
  const { source, kind, query, range, step, label, limit } = question;
  const [from, to] = [range.from / 1000, range.to / 1000];
  const stepSeconds = step / 1000;
  const address = (path: string, parameters: Record<string, string | number | undefined>) => {
    const given = new URLSearchParams();
    for (const [name, value] of Object.entries(parameters)) if (value !== undefined) given.set(name, `${value}`);
    return `${backends[source]}${path}?${given}`;
  };
  // Whole steps, so that a panel keeps its points when it is asked again.
  const whole = {
    start: Math.floor(from / stepSeconds) * stepSeconds,
    end: Math.floor(to / stepSeconds) * stepSeconds,
  };
  switch (source) {
    case 'prometheus':
      if (kind === 'values')
        return address(`/api/v1/label/${label}/values`, { 'match[]': query, start: from, end: to });
      return kind === 'instant'
        ? address('/api/v1/query', { query, time: to })
        : address('/api/v1/query_range', { query, ...whole, step: stepSeconds });
    case 'loki':
      return kind === 'instant'
        ? address('/loki/api/v1/query', { query, time: range.to * 1e6, limit })
        : address('/loki/api/v1/query_range', {
            query,
            start: range.from * 1e6,
            end: range.to * 1e6,
            step: stepSeconds,
            limit,
          });
    default: {
      const seconds = { start: Math.floor(from), end: Math.floor(to) };
      if (kind === 'graph') {
        const requests = `sum by (client, server) (rate(${serviceGraph.requests.name}[${Math.round(to - from)}s]))`;
        return `${backends.prometheus}/api/v1/query?${new URLSearchParams({ query: requests, time: `${to}` })}`;
      }
      return givesNumbers(query)
        ? address('/api/metrics/query_range', { q: query, ...seconds, step: `${stepSeconds}s` })
        : address('/api/search', { q: query, ...seconds, limit, spss: 3 });
    }
  }
}

function exemplarsOf({ prometheus }: Backends, { query, range }: Question): string {
  const parameters = { query, start: `${range.from / 1000}`, end: `${range.to / 1000}` };
  return `${prometheus}/api/v1/query_exemplars?${new URLSearchParams(parameters)}`;
}

/** TraceQL that counts instead of finding. */
function givesNumbers(query: string): boolean {
  return /\|\s*(?:rate|compare|\w+_over_time)\s*\(/.test(query);
}

interface Series {
  value?: [number, string];
  values?: [number | string, string][];
  samples?: unknown[];
}

function read({ source, kind }: Question, body: { data: unknown; traces?: unknown[]; series?: Series[] }): Answer {
  if (kind === 'values') {
    const values = body.data as string[];
    return { found: values.length, nothing: 0, values };
  }
  if (source === 'tempo' && kind !== 'graph') {
    return { found: (body.traces ?? body.series ?? []).length, nothing: 0, values: [] };
  }
  const { resultType, result } = body.data as { resultType: string; result: Series[] };
  if (resultType === 'scalar' || resultType === 'streams') return { found: result.length, nothing: 0, values: [] };
  const nothing = result.filter(({ value, values = [] }) =>
    (value ? [value] : values).every(([, text]) => text === 'NaN'),
  );
  return { found: result.length, nothing: nothing.length, values: [] };
}
