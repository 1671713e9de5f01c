/** Known troubles of the past, to judge alerts by: those of the demo, or anybody's incidents. */
import { readFileSync } from 'node:fs';
import * as v from 'valibot';

export interface Fault {
  /** What it was, e.g. `error-spike`. */
  kind: string;
  /** Seconds since the epoch. */
  from: number;
  to: number;
}

const time = v.pipe(
  v.string(),
  v.isoTimestamp((issue) => `${issue.received} is no time such as "2026-02-15T10:00:00Z"`),
  v.transform((text) => Date.parse(text) / 1000),
);
const line = v.object({ kind: v.string(), from: time, to: v.optional(time) });

/**
 * Reads a record of faults, one JSON object a line: `{"kind":"error-spike","from":"2026-02-15T10:00:00Z","to":"…"}`.
 * The demo writes a fault twice: when it begins, without `to`, and when it ends. What never ended (the demo was killed)
 * lasts until something else begins. @throws Error that names the line.
 */
export function parseFaults(text: string, now: number): Fault[] {
  const windows = new Map<string, { kind: string; from: number; to?: number | undefined }>();
  for (const [at, row] of text.split('\n').entries()) {
    if (row.trim() === '') continue;
    try {
      const window = v.parse(line, JSON.parse(row));
      windows.set(`${window.kind} ${window.from}`, window);
    } catch (cause) {
      throw new Error(
        `Cannot read line ${at + 1} of the faults: ${(cause as Error).message}. Correct it or leave it out.`,
        {
          cause,
        },
      );
    }
  }
  const ordered = [...windows.values()].sort((a, b) => a.from - b.from);
  return ordered.map(({ kind, from, to }) => ({
    kind,
    from,
    to: to ?? ordered.find((later) => later.from > from)?.from ?? now,
  }));
}

/** The faults of a file; none where it was not given and is not there. */
export function readFaults(path: string, given: boolean, now: number): Fault[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    if (!given && (cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new Error(`Cannot read ${path}: ${(cause as Error).message}. Give a file that the demo or you wrote.`, {
      cause,
    });
  }
  return parseFaults(text, now);
}
