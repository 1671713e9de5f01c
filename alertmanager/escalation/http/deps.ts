/** What the HTTP side needs of the rest. service.ts gives it, tests give their own. */
import type { Tls } from '../../../place.ts';
import type { Door, Limits } from '../../../service/server.ts';
import type { Instant } from '../clock.ts';
import type { Incident } from '../incident/incident.ts';
import type { Store } from '../store/store.ts';
import type { Desk } from './desk.ts';

export interface ServerDeps {
  readonly desk: Desk;
  readonly store: Store;
  readonly tokens: { readonly webhook: string; readonly api: string };
  /** Signs links and sessions. At least 32 characters by chance; who changes it ends them all. */
  readonly signingKey: string;
  readonly now: () => Instant;
  readonly policyInfo: () => PolicyInfo;
  /** What the senders are at, for /api/status. */
  readonly dispatcherState: () => Readonly<Record<string, unknown>>;
  /** Which step an unanswered incident takes next, and when. */
  readonly nextStep?: (incident: Incident) => { readonly at: Instant; readonly tells: string } | undefined;
  /** By which people reach it, e.g. `https://ops.example.org/fleetscope`; a proxy takes the path off. */
  readonly publicUrl: string;
  /** By which people reach Grafana; left out: links to dashboards stay as the rules have them. */
  readonly grafanaUrl?: string;
  readonly onRefused: (reason: Refusal) => void;
  /** Alertmanager's dead man's switch was heard. */
  readonly onHeartbeat: (now: Instant) => void;
  /** What failed on our side, with its cause: for the log. */
  readonly onError: (error: unknown) => void;
  readonly bind: string;
  /** 0: any free one. */
  readonly port: number;
  readonly limits?: Partial<Limits>;
  /** Alerts come by a door of their own, which asks for a certificate, and by no other. Absent: by the one that people use. */
  readonly alerts?: AlertsDoor;
}

export interface AlertsDoor extends Door {
  readonly tls: Tls;
  /** Its certificate was renewed, or could not be. */
  readonly notice: (line: string) => void;
}

export interface PolicyInfo {
  readonly loadedAt: Instant;
  readonly source: string;
  /** Why the newest file is not in force. */
  readonly problem?: string;
  /** Names that an incident can be given to. */
  readonly people: readonly string[];
}

/** Why a webhook was not taken, or a link not followed. */
export type Refusal =
  | 'unauthenticated'
  | 'oversize'
  | 'malformed'
  | 'unsupported_version'
  | 'forged_link'
  | 'expired_link'
  | 'spent_link';
