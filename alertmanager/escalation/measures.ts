/** What a saved decision says in numbers, and what all open incidents say together. Pure: telemetry.ts records it. */
import type { Severity } from '../routes.ts';
import type { Instant } from './clock.ts';
import type { Delivery, HookRun, Incident } from './incident/incident.ts';

/** Does a message on this channel reach a person? Not one that is only logged, unless nothing else is set up. */
export type Reaches = (channel: string) => boolean;

/** What is new in `after`. Times are seconds. */
export interface Change {
  readonly opened: boolean;
  readonly toNotify?: number;
  readonly toAcknowledge?: number;
  readonly toResolve?: number;
  /** Messages that have come to their end. */
  readonly ended: readonly Delivery[];
  /** Remedies that have come to theirs, dry runs left out. */
  readonly ran: readonly HookRun[];
}

/** What one save changed. A document that is saved twice says nothing the second time. */
export function changeOf(before: Incident | undefined, after: Incident, reaches: Reaches): Change {
  const since = openedSince(after);
  // Opened again, it is told and answered anew.
  const earlier = before && openedSince(before) === since ? before : undefined;
  const told = toldAt(after, reaches);
  return {
    opened: earlier === undefined,
    ...(told !== undefined && toldAt(earlier, reaches) === undefined && { toNotify: seconds(told - since) }),
    ...(after.acknowledged && !earlier?.acknowledged && { toAcknowledge: seconds(after.acknowledged.at - since) }),
    ...(after.resolved && !earlier?.resolved && { toResolve: seconds(after.resolved.at - since) }),
    ended: fresh(before?.deliveries, after.deliveries, ({ state }) => state === 'sent' || state === 'failed'),
    ran: fresh(before?.hookRuns, after.hookRuns, hasEnded).filter(({ dryRun }) => !dryRun),
  };
}

/** What is still to be done, over all incidents that are not resolved. Ages are seconds. */
export interface Standing {
  readonly open: readonly { readonly severity: Severity; readonly state: Incident['state']; readonly count: number }[];
  /** By channel: how many messages wait, and since when the oldest does. */
  readonly waiting: ReadonlyMap<string, { readonly count: number; readonly oldest: number }>;
  /** By severity: for how long nobody has been told of an open incident. */
  readonly untold: ReadonlyMap<Severity, number>;
}

export async function standingOf(
  unresolved: AsyncIterable<Incident>,
  now: Instant,
  reaches: Reaches,
): Promise<Standing> {
  const open = new Map<string, Standing['open'][number]>();
  const waiting = new Map<string, { count: number; oldest: number }>();
  const untold = new Map<Severity, number>();
  for await (const incident of unresolved) {
    const { severity, state } = incident;
    const key = `${severity} ${state}`;
    open.set(key, { severity, state, count: (open.get(key)?.count ?? 0) + 1 });
    for (const { channel, state, createdAt } of incident.deliveries) {
      if (state !== 'waiting' && state !== 'sending') continue;
      const before = waiting.get(channel) ?? { count: 0, oldest: 0 };
      waiting.set(channel, { count: before.count + 1, oldest: Math.max(before.oldest, seconds(now - createdAt)) });
    }
    if (state === 'open' && toldAt(incident, reaches) === undefined)
      untold.set(severity, Math.max(untold.get(severity) ?? 0, seconds(now - openedSince(incident))));
  }
  return { open: [...open.values()], waiting, untold };
}

function openedSince({ openedAt, reopenedAt }: Incident): Instant {
  return reopenedAt.at(-1) ?? openedAt;
}

/** When the first message of this opening arrived at somebody. */
function toldAt(incident: Incident | undefined, reaches: Reaches): Instant | undefined {
  if (!incident) return undefined;
  const since = openedSince(incident);
  const times = incident.deliveries.flatMap(({ state, createdAt, sentAt, channel }) =>
    state === 'sent' && createdAt >= since && sentAt !== undefined && reaches(channel) ? [sentAt] : [],
  );
  return times.length > 0 ? Math.min(...times) : undefined;
}

function fresh<T extends { key: string }>(before: readonly T[] = [], after: readonly T[], ended: (each: T) => boolean) {
  const known = new Set(before.filter(ended).map(({ key }) => key));
  return after.filter((each) => ended(each) && !known.has(each.key));
}

function hasEnded({ state }: HookRun): boolean {
  return state === 'done' || state === 'failed' || state === 'refused';
}

/** A clock that was set back makes no negative time. */
function seconds(ms: number): number {
  return Math.max(0, ms) / 1000;
}
