/** What a part holds, counted and summed, so that what was restored can be held against it. */
import { createHash } from 'node:crypto';
import * as v from 'valibot';

const Entry = v.object({
  /** Series of a metric; 1 for a stream, a trace, a table, a file. */
  groups: v.number(),
  /** Samples, lines, spans, rows, bytes. */
  items: v.number(),
  /** SHA-256 over all of them, sorted. */
  sum: v.string(),
});

export type Entry = v.InferOutput<typeof Entry>;

export const census = v.object({
  kind: v.picklist(['metrics', 'logs', 'traces', 'rows', 'files']),
  /** Of time, in milliseconds: what was looked at. Empty for rows and files: all of them. */
  windows: v.array(v.object({ from: v.number(), to: v.number() })),
  /** By what it is: a metric, a stream, a trace, a table, a file, after the number of its window. */
  entries: v.record(v.string(), Entry),
});

export type Census = v.InferOutput<typeof census>;
export type Window = Census['windows'][number];

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** What is younger than this may still arrive, in seconds. */
export const settleSeconds = 60;

/** The hour before, and the same hour a day, a week and four weeks ago: of logs and of blocks, new ones and compacted ones. */
export function windowsBefore(at: number, settleMs = settleSeconds * 1000): Window[] {
  const to = at - settleMs;
  return [0, 1, 7, 28].map((days) => ({ from: to - days * dayMs - hourMs, to: to - days * dayMs }));
}

/** Their order is not theirs: it is sorted first. */
export function sumOf(lines: readonly string[]): string {
  const hash = createHash('sha256');
  for (const line of lines.toSorted()) hash.update(line).update('\n');
  return hash.digest('hex');
}

/** The same text for the same value, whatever order its keys came in. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/**
 * Runs so many at a time; none that has not begun when the signal comes. Rejects with the first that fails, and waits for none of the
 * others: what they ask takes the signal too.
 */
export async function eachOf<T>(
  all: readonly T[],
  atOnce: number,
  work: (one: T) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const left = [...all];
  const one = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      signal?.throwIfAborted();
      await work(next);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, one));
}
