/** Asks a part what it holds. */
import { answers } from '../../engine/supervisor.ts';
import { type Place, readyUrl, url } from '../../place.ts';
import type { Source } from '../sources.ts';
import { type Census, windowsBefore } from './census.ts';
import { countFiles } from './files.ts';
import { countLogs } from './logs.ts';
import { countMetrics } from './metrics.ts';
import { countRows } from './rows.ts';
import { countTraces } from './traces.ts';

/**
 * Of a part that runs, for the time at which it was captured; of databases the copies themselves.
 * @returns undefined where it does not answer
 */
export async function count(
  place: Place,
  { part }: Source,
  at: number,
  staged: string,
  settleMs?: number,
): Promise<Census | undefined> {
  const windows = windowsBefore(at, settleMs);
  if (part === 'escalation' || part === 'monitor' || part === 'grafana') return countRows(staged);
  if (part === 'alertmanager') return countFiles(staged);
  if (!(await answers(readyUrl(place, part)))) return undefined;
  const of = url(place, part, 'http');
  if (part === 'prometheus') return countMetrics(of, windows);
  return part === 'loki' ? countLogs(of, windows) : countTraces(of, windows);
}
