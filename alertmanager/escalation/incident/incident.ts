/**
 * One incident: what happened, who was told, what they answered, what is still to do. It is stored as one document, so that a
 * decision and all that follows from it are on disk together or not at all; nothing waits in memory.
 */

import type { Severity } from '../../routes.ts';
import type { Instant } from '../clock.ts';

export interface Incident {
  /** Sorts by time and is readable aloud: `20261126-093015-k7qx`. */
  readonly id: string;
  /** 1 when it opens, one more with each change. Who saves on an older one was too slow, and decides again. */
  readonly version: number;
  /** What makes repeats one incident: team and what Alertmanager grouped by. The severity is no part of it. */
  readonly key: string;
  /** One line for people: what is wrong with what. */
  readonly title: string;
  readonly team: string;
  /** Only rises while the incident is open. */
  readonly severity: Severity;
  readonly state: 'open' | 'acknowledged' | 'snoozed' | 'resolved';
  readonly alerts: readonly SeenAlert[];
  readonly openedAt: Instant;
  /** The newest moment that it knows of. A clock that was set back is noticed by it. */
  readonly changedAt: Instant;
  readonly acknowledged?: { readonly by: string; readonly at: Instant };
  readonly assignee?: string;
  readonly snoozedUntil?: Instant;
  readonly resolved?: { readonly by: string; readonly at: Instant };
  /** How far it has been escalated. */
  readonly ladder: Ladder;
  /** When it was opened again after it had been resolved: many of them are flapping. */
  readonly reopenedAt: readonly Instant[];
  /** It comes and goes: it stays open until nothing has fired for a while, counted from `quietSince`. */
  readonly flapping?: { readonly since: Instant; readonly quietSince?: Instant };
  readonly deliveries: readonly Delivery[];
  readonly hookRuns: readonly HookRun[];
  readonly notes: readonly { readonly at: Instant; readonly by: string; readonly text: string }[];
  /** What happened and is not in the audit trail yet. */
  readonly journal: readonly JournalEntry[];
  /** When something is to be done next; null: nothing, until somebody says something. */
  readonly dueAt: Instant | null;
}

/** One alert of Alertmanager in an incident, by its fingerprint. */
export interface SeenAlert {
  readonly fingerprint: string;
  readonly status: 'firing' | 'resolved';
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: Instant;
  readonly endsAt?: Instant;
  readonly generatorUrl?: string;
  readonly lastSeenAt: Instant;
  /** How often Alertmanager has told of it. */
  readonly times: number;
}

export interface Ladder {
  /** From when the delays of the steps count. */
  readonly startedAt: Instant;
  /** How many steps of the severity's have been taken. */
  readonly taken: number;
  /** When the newest of them was. */
  readonly steppedAt?: Instant;
  /** Which one it was, once they repeat; -1: the last resort. */
  readonly repeated?: number;
  /** Number of the first delivery of this ladder, and of its newest step: `<incident id>/<number>`. */
  readonly firstDelivery?: number;
  readonly newestDelivery?: number;
  /** Since when it has this severity: steps that come even when acknowledged count from then. Default: `startedAt`. */
  readonly severitySince?: Instant;
  /** How many of those have been taken. */
  readonly lastingTaken?: number;
}

/** One message to one receiver. It is sent at least once; the key tells a duplicate. */
export interface Delivery {
  /** `<incident id>/<number>`: the same in every attempt. */
  readonly key: string;
  readonly message: 'alert' | 'update' | 'acknowledged' | 'resolved';
  /** Which step of the ladder it belongs to. */
  readonly step: number;
  /** A channel of the policy, by name. */
  readonly channel: string;
  /** A person of the policy, by name, where the channel tells one. */
  readonly person?: string;
  readonly state: 'waiting' | 'sending' | 'sent' | 'failed';
  readonly attempts: number;
  readonly createdAt: Instant;
  /** `waiting`: not before this. `sending`: whoever sends has died if it has not answered by then. */
  readonly attemptAt: Instant;
  readonly sentAt?: Instant;
  /** What the receiver calls it; a later message refers to it. */
  readonly reference?: string;
  /** Why the last attempt failed, without secrets. */
  readonly reason?: string;
}

/** One remedy that was started, or waits for a yes. */
export interface HookRun {
  /** `<incident id>/hook/<number>` */
  readonly key: string;
  /** A hook of the policy, by name. */
  readonly hook: string;
  /** What it is given: the fixed arguments of the policy with the labels that it allows. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly state: 'proposed' | 'waiting' | 'running' | 'done' | 'failed' | 'refused';
  /** Nothing was really done: it says what would have been. */
  readonly dryRun: boolean;
  readonly createdAt: Instant;
  readonly attemptAt: Instant;
  readonly endedAt?: Instant;
  readonly approvedBy?: string;
  /** What came of it, without secrets. */
  readonly result?: string;
}

/** Who did what, when, why, with which data. (X06) */
export interface JournalEntry {
  /** `<incident id>/<version>/<number>`: written twice, it is the same. */
  readonly id: string;
  readonly incident: string;
  readonly at: Instant;
  /** A person, `alertmanager`, `policy`, a channel, a hook. */
  readonly who: string;
  readonly what: string;
  readonly why?: string;
  readonly data?: Readonly<Record<string, unknown>>;
}
