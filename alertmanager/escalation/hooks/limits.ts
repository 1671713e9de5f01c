/**
 * How often a hook runs, and beside what. Both hold for all processes on one store, since they are leases in it: a lock is one
 * lease until the run has ended, a start takes one of `ratePerHour` leases, which nobody gives back. (store/store.ts)
 */
import type { Instant } from '../clock.ts';
import type { Store } from '../store/store.ts';
import type { HookConfig } from './hook-config.ts';

type Limited = Pick<HookConfig, 'lock' | 'ratePerHour' | 'timeoutMs'>;

const hourMs = 3_600_000;

/** Beyond the time limit, for ending what runs and for saying what came of it. */
export const graceMs = 10_000;

/** The lease that stands for a hook's lock. */
export function lockOf(name: string, { lock = name }: Pick<Limited, 'lock'>): string {
  return `hook/lock/${lock}`;
}

/** The leases of which a start takes one for an hour, so that any 60 minutes have so many starts at most. */
function startsOf(name: string, { ratePerHour }: Pick<Limited, 'ratePerHour'>): string[] {
  return Array.from({ length: ratePerHour }, (_, index) => `hook/start/${name}/${index + 1}`);
}

/** Until when a run that begins now has a claim on its lock and its incident. */
export function leaseEnd({ timeoutMs }: Pick<Limited, 'timeoutMs'>, now: Instant): Instant {
  return now + timeoutMs + graceMs;
}

interface Taking {
  store: Pick<Store, 'lease'>;
  holder: string;
  now: Instant;
}

/** Whether the hook's lock is this holder's from now on, until it is released or its time is over. */
export function takeLock(name: string, hook: Limited, { store, holder, now }: Taking): Promise<boolean> {
  return store.lease(lockOf(name, hook), holder, leaseEnd(hook, now), now);
}

/** Whether the hook may start once more in this hour. That counts, whatever comes of it. */
export async function takeStart(name: string, hook: Limited, { store, holder, now }: Taking): Promise<boolean> {
  for (const start of startsOf(name, hook)) {
    if (await store.lease(start, holder, now + hourMs, now)) return true;
  }
  return false;
}
