/** What can happen to an incident. `decide` (decide.ts) says what follows. */
import type { Severity } from '../../routes.ts';
import type { Instant } from '../clock.ts';
import type { SeenAlert } from './incident.ts';

/** By which way somebody answered. */
export type Via = 'link' | 'api' | 'page' | 'cli';

export type Event =
  | AlertsReceived
  /** Time has passed. */
  | { readonly kind: 'tick' }
  | { readonly kind: 'acknowledge' | 'resolve'; readonly by: string; readonly via: Via }
  | { readonly kind: 'assign'; readonly to: string; readonly by: string; readonly via: Via }
  | { readonly kind: 'snooze'; readonly until: Instant; readonly by: string; readonly via: Via }
  | { readonly kind: 'note'; readonly text: string; readonly by: string; readonly via: Via }
  /** A sender takes a delivery or a hook run, and will have answered by `until`. */
  | { readonly kind: 'claim'; readonly key: string; readonly until: Instant }
  | { readonly kind: 'sent'; readonly key: string; readonly reference?: string }
  /** Without `retryAt` it is given up, and the next step comes at once. */
  | { readonly kind: 'notSent'; readonly key: string; readonly reason: string; readonly retryAt?: Instant }
  | { readonly kind: 'approveHook' | 'refuseHook'; readonly key: string; readonly by: string; readonly via: Via }
  | { readonly kind: 'hookEnded'; readonly key: string; readonly ok: boolean; readonly result: string };

/** Alertmanager told of a group of alerts. */
export interface AlertsReceived {
  readonly kind: 'alerts';
  /** The id that the incident gets if this opens one. */
  readonly id: string;
  readonly key: string;
  readonly title: string;
  readonly team: string;
  readonly severity: Severity;
  readonly alerts: readonly Omit<SeenAlert, 'lastSeenAt' | 'times'>[];
}

/** What cannot be done to this incident, in words for whoever asked: `Cannot snooze 2026…: it is resolved. …` */
export class Refused extends Error {
  override readonly name = 'Refused';
}
