/** Traces whose spans come to several Collectors, some of them with an error. */
import { createHash } from 'node:crypto';
import { postJson } from '../../doctor/ask.ts';

export interface Trace {
  readonly id: string;
  readonly failed: boolean;
}

export const spansPerTrace = 3;

/** The same at each run, and so are those that are sampled. */
export function traces(name: string, count: number, failed: (index: number) => boolean): Trace[] {
  return Array.from({ length: count }, (_, i) => ({ id: hash(`${name} ${i}`, 32), failed: failed(i) }));
}

/** The root to one Collector; to another what it called, of which the last has failed. @param to where each takes OTLP by HTTP. */
export async function sendTraces(all: readonly Trace[], to: readonly [string, string]): Promise<void> {
  const now = BigInt(Date.now()) * 1_000_000n;
  const span = ({ id, failed }: Trace, index: number) => ({
    traceId: id,
    spanId: hash(`${id} ${index}`, 16),
    ...(index > 0 && { parentSpanId: hash(`${id} 0`, 16) }),
    ...{ name: `step ${index}`, kind: 1, startTimeUnixNano: String(now), endTimeUnixNano: String(now + 1_000_000n) },
    ...(failed && index === spansPerTrace - 1 && { status: { code: 2 } }),
  });
  const post = (url: string, indexes: readonly number[]) =>
    postJson(`${url}/v1/traces`, {
      resourceSpans: [
        {
          resource: { attributes: [{ key: 'service.name', value: { stringValue: 'tiers' } }] },
          scopeSpans: [{ scope: { name: 'tiers' }, spans: all.flatMap((trace) => indexes.map((i) => span(trace, i))) }],
        },
      ],
    });
  await post(to[0], [0]);
  await post(to[1], [1, 2]);
}

function hash(of: string, digits: number): string {
  return createHash('sha256').update(of).digest('hex').slice(0, digits);
}

/** How many spans of a trace Tempo has, each counted once. @param answer what it says: OTLP as JSON. */
export function spansIn(answer: unknown): number {
  const { batches = [] } = answer as { batches?: { scopeSpans: { spans: { spanId: string }[] }[] }[] };
  const ids = batches.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans.map(({ spanId }) => spanId)));
  return new Set(ids).size;
}
