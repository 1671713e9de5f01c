/** Which errors came back lately: what an alert is told of, whose link leads to their pages. (B11) */
import { beginOf, dateOf } from '../periods.ts';
import type { Override } from '../record.ts';
import type { MemoryStore } from '../store/memory-store.ts';
import { pastDays } from '../store/past-days.ts';
import { errorPagePath, hasPage } from './errors-page.ts';
import { knownErrors } from './known-error.ts';

/** So long it is news. */
const newsDays = 7;
/** As many as the metric has series for. */
const most = 20;

/** Fingerprints, the dearest first, as they stand on the newest day that is final. What people wrote counts from when it was kept. */
export async function returnedErrors(store: Pick<MemoryStore, 'done' | 'snapshots' | 'overrides'>): Promise<string[]> {
  const until = (await store.done('day')).at(-1);
  if (until === undefined) return [];
  const past = await pastDays(store, { to: until });
  const written = new Map<string, readonly Override[]>();
  for (const { fingerprint } of knownErrors({ past, until }, written))
    written.set(fingerprint, await store.overrides(errorPagePath(fingerprint)));
  const from = dateOf(beginOf(until) - (newsDays - 1) * 86_400_000);
  return knownErrors({ past, until }, written)
    .filter(({ status, since, fingerprint }) => status === 'returned' && since >= from && hasPage(fingerprint))
    .map(({ fingerprint }) => fingerprint)
    .slice(0, most);
}
