/** How errors stand, as their pages say it: what people wrote there counts. (B11) */
import { errorPagePath, hasPage } from '../knowledge/errors-page.ts';
import { type ErrorStatus, knownErrors } from '../knowledge/known-error.ts';
import type { Override, PastDay } from '../record.ts';
import type { MemoryStore } from '../store/memory-store.ts';

/** @param past all days until that one. @returns by fingerprint, of those that were seen on days for which `isAsked` is so */
export async function errorStatuses(
  memory: Pick<MemoryStore, 'overrides'>,
  past: readonly PastDay[],
  until: string,
  isAsked: (day: PastDay) => boolean = () => true,
): Promise<ReadonlyMap<string, ErrorStatus>> {
  const asked = new Set(past.filter(isAsked).flatMap(({ errors }) => errors.map((one) => one.fingerprint)));
  const written = new Map<string, readonly Override[]>();
  for (const one of asked) if (hasPage(one)) written.set(one, await memory.overrides(errorPagePath(one)));
  const all = knownErrors({ past, until }, written);
  return new Map(all.flatMap(({ fingerprint, status }) => (asked.has(fingerprint) ? [[fingerprint, status]] : [])));
}
