import { until } from '../../doctor/ask.ts';
import type { Canary } from '../../doctor/canary.ts';
import { type Finding, find } from '../../doctor/find.ts';
import type { Targets } from '../../doctor/targets.ts';

const everything = Object.keys(find) as Finding[];

/** Where a canary is found again whatever was restarted in between. */
export const stored: readonly Finding[] = everything.filter((finding) => finding !== 'Ledger');

/** Waits until a canary can be found. @throws Error that names where it could not. */
export async function findable(
  targets: Targets,
  canary: Canary,
  where: readonly Finding[] = everything,
): Promise<void> {
  for (const finding of where) {
    const result = await until(() => find[finding](targets, canary), { timeoutMs: 60_000, everyMs: 250 });
    if (!result.found)
      throw new Error(
        `Cannot find canary ${canary.id} (${finding}): ${result.lastError?.message ?? 'it is not there after 60 s'}.`,
      );
  }
}

/** True when it is there now. */
export function isFindable(targets: Targets, canary: Canary, where: Finding): Promise<boolean> {
  return find[where](targets, canary).catch(() => false);
}
