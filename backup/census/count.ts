/** Asks a part what it holds. */
import { getText } from '../../doctor/ask.ts';
import { type Place, readyUrl, url } from '../../place.ts';
import type { Source } from '../sources.ts';
import { type Census, windowsBefore } from './census.ts';
import { countFiles } from './files.ts';
import { countLogs } from './logs.ts';
import { countMetrics } from './metrics.ts';
import { countRows } from './rows.ts';
import { countTraces } from './traces.ts';

export interface CountOptions {
  /** What is younger is not counted. Default: that of `windowsBefore`. */
  readonly settleMs?: number;
  /** Told that it does not answer at once. */
  readonly notice?: (line: string) => void;
  /** In milliseconds. Default 20 000. */
  readonly patienceMs?: number;
  /** Ends the counting at once, and what is being asked. */
  readonly signal?: AbortSignal;
}

/**
 * Of a part that runs, for the time at which it was captured; of databases the copies themselves.
 * @returns undefined where it does not answer
 */
export async function count(
  place: Place,
  { part }: Source,
  at: number,
  staged: string,
  { settleMs, notice, patienceMs = 20_000, signal }: CountOptions = {},
): Promise<Census | undefined> {
  const windows = windowsBefore(at, settleMs);
  if (part === 'escalation' || part === 'monitor' || part === 'grafana') return countRows(staged);
  if (part === 'alertmanager') return countFiles(staged);
  // One that is not there says so at once; one that is may be slow: its neighbours are backed up at the same time.
  const silent = setTimeout(
    () => notice?.(`${part}: does not answer yet; it is waited for, ${patienceMs / 1000} s at most.`),
    patienceMs / 10,
  );
  const isThere = await getText(readyUrl(place, part), patienceMs, signal)
    .then(
      () => true,
      () => false,
    )
    .finally(() => clearTimeout(silent));
  signal?.throwIfAborted();
  if (!isThere) return undefined;
  const of = url(place, part, 'http');
  if (part === 'prometheus') return countMetrics(of, windows, signal);
  return part === 'loki' ? countLogs(of, windows, signal) : countTraces(of, windows, signal);
}
