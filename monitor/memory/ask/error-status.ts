/** How errors stand, as their pages say it: what people wrote there counts. (B11) */
import { errorPagePath, hasPage } from '../knowledge/errors-page.ts';
import { type ErrorStatus, knownErrors } from '../knowledge/known-error.ts';
import type { Override, Snapshot } from '../record.ts';
import type { MemoryStore } from '../store/memory-store.ts';

/** @param snapshots all until that day. @returns by fingerprint, of those that were seen on days for which `isAsked` is so */
export async function errorStatuses(
  memory: Pick<MemoryStore, 'overrides'>,
  snapshots: readonly Snapshot[],
  until: string,
  isAsked: (day: Snapshot) => boolean = () => true,
): Promise<ReadonlyMap<string, ErrorStatus>> {
  const asked = new Set(snapshots.filter(isAsked).flatMap(({ errors }) => errors.map((one) => one.fingerprint)));
  const written = new Map<string, readonly Override[]>();
  for (const one of asked) if (hasPage(one)) written.set(one, await memory.overrides(errorPagePath(one)));
  const all = knownErrors({ snapshots, until }, written);
  return new Map(all.flatMap(({ fingerprint, status }) => (asked.has(fingerprint) ? [[fingerprint, status]] : [])));
}
