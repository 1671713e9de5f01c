import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { getJson } from '../../doctor/ask.ts';
import type { Targets } from '../../doctor/targets.ts';

/** Spans or log records per request; one request of spans is one trace. */
export const perRequest = 100;
const service = 'numbered';
const metric = 'numbered.sample';

/** What was acknowledged: nothing else is promised. */
export interface Acknowledged {
  logs: Set<number>;
  spans: Set<number>;
  samples: Set<number>;
  traceIds: string[];
  /** Requests that were sent more than once because no acknowledgement came. */
  resent: number;
}

/** Sends numbered records by OTLP/HTTP, each request until it is acknowledged, as an SDK's retry does. */
export class NumberedSender {
  readonly acknowledged: Acknowledged = {
    logs: new Set(),
    spans: new Set(),
    samples: new Set(),
    traceIds: [],
    resent: 0,
  };
  readonly #endpoint: string;

  constructor(endpoint: string) {
    this.#endpoint = endpoint;
  }

  /** One request each of logs, spans and metric samples, with the numbers from `first`. */
  async send(first: number): Promise<void> {
    const numbers = Array.from({ length: perRequest }, (_, index) => first + index);
    const nowNano = BigInt(Date.now()) * 1_000_000n;
    const timeOf = (index: number) => String(nowNano + BigInt(index) * 1_000_000n);
    const traceId = randomBytes(16).toString('hex');
    const { logs, spans, samples, traceIds } = this.acknowledged;

    await this.#post('logs', {
      resourceLogs: [
        {
          resource,
          scopeLogs: [
            {
              logRecords: numbers.map((number, index) => ({
                timeUnixNano: timeOf(index),
                severityNumber: 9,
                body: { stringValue: `number ${number}` },
              })),
            },
          ],
        },
      ],
    });
    for (const number of numbers) logs.add(number);

    await this.#post('traces', {
      resourceSpans: [
        {
          resource,
          scopeSpans: [
            {
              spans: numbers.map((number, index) => ({
                traceId,
                spanId: randomBytes(8).toString('hex'),
                name: 'numbered',
                kind: 1,
                startTimeUnixNano: timeOf(index),
                endTimeUnixNano: timeOf(index + 1),
                attributes: [{ key: 'number', value: { intValue: String(number) } }],
              })),
            },
          ],
        },
      ],
    });
    for (const number of numbers) spans.add(number);
    traceIds.push(traceId);

    // Fewer samples: one per ten numbers, each with a time of its own.
    const sampled = numbers.filter((number) => number % 10 === 0);
    await this.#post('metrics', {
      resourceMetrics: [
        {
          resource,
          scopeMetrics: [
            {
              metrics: [
                {
                  name: metric,
                  gauge: {
                    dataPoints: sampled.map((number, index) => ({
                      timeUnixNano: timeOf(index * 10),
                      asInt: String(number),
                    })),
                  },
                },
              ],
            },
          ],
        },
      ],
    });
    for (const number of sampled) samples.add(number);
  }

  async #post(signal: 'logs' | 'traces' | 'metrics', body: object): Promise<void> {
    for (;;) {
      try {
        const response = await fetch(`${this.#endpoint}/v1/${signal}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
          signal: AbortSignal.timeout(10_000),
        });
        const text = await response.text();
        if (response.ok && !/rejected(Spans|LogRecords|DataPoints)/.test(text)) return;
        if (![429, 502, 503, 504].includes(response.status))
          throw new Error(`Collector answers ${response.status}: ${text}`);
      } catch (error) {
        if (!isConnectionLoss(error)) throw error;
      }
      this.acknowledged.resent++;
      await delay(200);
    }
  }
}

const resource = {
  attributes: [
    { key: 'service.name', value: { stringValue: service } },
    { key: 'service.instance.id', value: { stringValue: '1' } },
  ],
};

function isConnectionLoss(error: unknown): boolean {
  return error instanceof TypeError || (error as Error).name === 'TimeoutError';
}

/** How often each number was found; a number found twice is a duplicate, which at-least-once allows. */
export type Found = Map<number, number>;

export async function numbersInLoki({ loki }: Targets, fromMs: number): Promise<Found> {
  const found: Found = new Map();
  const limit = 5000;
  let start = BigInt(fromMs) * 1_000_000n;
  const end = String(BigInt(Date.now() + 60_000) * 1_000_000n);
  for (;;) {
    const query = new URLSearchParams({
      query: `{service_name="${service}"}`,
      start: String(start),
      end,
      limit: String(limit),
      direction: 'forward',
    });
    const { data } = (await getJson(`${loki}/loki/api/v1/query_range?${query}`, 30_000)) as {
      data: { result: { values: [string, string][] }[] };
    };
    const lines = data.result.flatMap(({ values }) => values);
    // A page may end between lines of one moment: those are left to the next page, which begins there.
    const last = lines.reduce((latest, [time]) => (BigInt(time) > latest ? BigInt(time) : latest), start);
    const isLast = lines.length < limit;
    if (!isLast && last === start) throw new Error(`Cannot read Loki: more than ${limit} lines have one time.`);
    for (const [time, line] of lines)
      if (isLast || BigInt(time) < last) count(found, Number(line.replace('number ', '')));
    if (isLast) return found;
    start = last;
  }
}

export async function numbersInTempo({ tempo }: Targets, traceIds: readonly string[]): Promise<Found> {
  const found: Found = new Map();
  for (const traceId of traceIds) {
    const trace = JSON.stringify(await getJson(`${tempo}/api/traces/${traceId}`, 30_000));
    for (const [, number] of trace.matchAll(/"key":"number","value":\{"intValue":"(\d+)"/g))
      count(found, Number(number));
  }
  return found;
}

export async function numbersInPrometheus({ prometheus }: Targets): Promise<Found> {
  const query = new URLSearchParams({ query: `numbered_sample{service_name="${service}"}[1h]` });
  const { data } = (await getJson(`${prometheus}/api/v1/query?${query}`, 30_000)) as {
    data: { result: { values: [number, string][] }[] };
  };
  const found: Found = new Map();
  for (const [, value] of data.result.flatMap(({ values }) => values)) count(found, Number(value));
  return found;
}

function count(found: Found, number: number): void {
  found.set(number, (found.get(number) ?? 0) + 1);
}

/** The acknowledged numbers that are not there. */
export function missing(acknowledged: ReadonlySet<number>, found: Found): number[] {
  return [...acknowledged].filter((number) => !found.has(number));
}

export function duplicates(found: Found): number {
  return [...found.values()].filter((times) => times > 1).length;
}
