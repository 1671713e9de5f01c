/** Asks Prometheus, or Thanos, for an hour or a day, at its end. What it cannot ask is an error, what is not there a gap: neither is ever a number. (M03) */
import * as v from 'valibot';
import { intervalSeconds } from '../../../stack.ts';
import { type Bucket, bucketQuantile } from './bucket-quantile.ts';
import { type Metric, metrics, scrapes } from './remembered.ts';
import type { Span } from './span.ts';

export interface PrometheusSource {
  /** `http://127.0.0.1:9090`, of Prometheus or of Thanos' queries. */
  readonly url: string;
  /** ms for one question. Default: 60 000. */
  readonly timeoutMs?: number;
  /** For tests. */
  readonly fetch?: typeof fetch;
}

export interface Answer {
  /** Empty: of everything together. */
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Reading {
  /** How many of the expected scrapes of itself Prometheus has, in 1. */
  readonly coverage: number;
  /** By metric. Of what had no sample there is nothing. */
  readonly answers: ReadonlyMap<string, readonly Answer[]>;
}

/**
 * @param endMs when the time that is asked for ends. @param which of the metrics; of what is not asked of such a time, nothing.
 * @throws Error where it cannot be asked, or has only a part: the job is to be run again.
 */
export async function readPrometheus(
  source: PrometheusSource,
  endMs: number,
  span: Span,
  which: readonly Metric[] = metrics,
): Promise<Reading> {
  const asked = { source, endMs };
  const own = await ask(asked, 'its own scrapes', scrapes[span.text]);
  const expected = span.seconds / intervalSeconds.scrape;
  const answers = new Map<string, Answer[]>();
  // One after the other: nobody waits for it, and whoever looks at a dashboard meanwhile does.
  for (const { metric, questions } of which) {
    const found: Answer[] = [];
    for (const { query, sums, quantile } of questions[span.text] ?? []) {
      const said = await ask(asked, metric, query);
      for (const by of sums)
        found.push(...(quantile === undefined ? summed(said, by) : quantilesOf(said, by, quantile)));
    }
    answers.set(metric, found);
  }
  return { coverage: rounded(Math.min(1, (own[0]?.value ?? 0) / expected), 4), answers };
}

function quantilesOf(said: readonly Answer[], by: readonly string[], quantile: number): Answer[] {
  const groups = new Map<string, { labels: Record<string, string>; buckets: Bucket[] }>();
  for (const { labels, value } of summed(said, [...by, bound])) {
    const { [bound]: le = '', ...kept } = labels;
    const group = groups.get(JSON.stringify(kept)) ?? { labels: kept, buckets: [] };
    group.buckets.push({ upTo: le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le), count: value });
    groups.set(JSON.stringify(kept), group);
  }
  return [...groups.values()].flatMap(({ labels, buckets }) => {
    const value = bucketQuantile(buckets, quantile);
    return value === undefined ? [] : [{ labels, value: rounded(value, 12) }];
  });
}

const bound = 'le';

/** What has no such label (a tool's cost has no model) is in the sum of everything alone. */
function summed(said: readonly Answer[], by: readonly string[]): Answer[] {
  const groups = new Map<string, { labels: Record<string, string>; values: number[] }>();
  for (const { labels, value } of said) {
    if (!by.every((label) => labels[label])) continue;
    const kept = Object.fromEntries(by.map((label) => [label, labels[label] as string]));
    const group = groups.get(JSON.stringify(kept)) ?? { labels: kept, values: [] };
    group.values.push(value);
    groups.set(JSON.stringify(kept), group);
  }
  return [...groups.values()].map(({ labels, values }) => {
    // In one order, whichever they came in: sums of fractions depend on it.
    const sum = values.sort((a, b) => a - b).reduce((total, one) => total + one, 0);
    return { labels, value: rounded(sum, 12) };
  });
}

interface Asked {
  readonly source: PrometheusSource;
  readonly endMs: number;
}

async function ask({ source, endMs }: Asked, what: string, query: string): Promise<Answer[]> {
  const { url, timeoutMs = 60_000 } = source;
  const cannot = (seen: string, remedy: string, cause?: unknown) =>
    new Error(`Cannot read ${what} from Prometheus at ${url}: ${seen}. ${remedy}`, { cause });
  const body = new URLSearchParams({
    ...{ query, time: String(endMs / 1000), timeout: `${Math.ceil(timeoutMs / 1000)}s` },
    // Thanos: of two replicas one, and all or nothing. Prometheus does not know them.
    ...{ dedup: 'true', partial_response: 'false' },
  });
  let status: number;
  let text: string;
  try {
    const answer = await (source.fetch ?? fetch)(`${url}/api/v1/query`, {
      ...{ method: 'POST', body, signal: AbortSignal.timeout(timeoutMs) },
    });
    [status, text] = [answer.status, await answer.text()];
  } catch (error) {
    const { name, message, cause } = error as Error;
    if (name === 'TimeoutError')
      throw cannot(`no answer within ${timeoutMs} ms`, 'Is it at its limits? Look at its dashboard.', error);
    throw cannot(`no answer (${(cause as Error)?.message ?? message})`, 'Look at "npm run status".', error);
  }
  const said = v.safeParse(vector, json(text));
  if (!said.success) throw cannot(`it answers ${status}: ${shown(text)}`, 'Look at its log.');
  // Notes on the query itself begin with PromQL; any other one says that something is missing.
  const missing = said.output.warnings?.find((warning) => !warning.startsWith('PromQL'));
  if (missing !== undefined) throw cannot(`it has only a part (${missing})`, 'Look at its log.');
  return said.output.data.result.flatMap(({ metric: labels, value: [, value] }) =>
    // NaN: a percentile of nothing. It says no more than no answer.
    Number.isFinite(Number(value)) ? [{ labels, value: rounded(Number(value), 12) }] : [],
  );
}

const vector = v.object({
  status: v.literal('success'),
  data: v.object({
    resultType: v.literal('vector'),
    result: v.array(v.object({ metric: v.record(v.string(), v.string()), value: v.tuple([v.number(), v.string()]) })),
  }),
  warnings: v.optional(v.array(v.string())),
});

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What Prometheus says of an error, else the beginning of the answer. */
function shown(text: string): string {
  const said = v.safeParse(v.object({ error: v.string() }), json(text));
  return (said.success ? said.output.error : text).replace(/\s+/g, ' ').slice(0, 200).trim() || 'nothing';
}

/** Whichever block a series is read from, and in which order they are added up: the last digits are not told. */
function rounded(value: number, digits: number): number {
  return Number(value.toPrecision(digits));
}
