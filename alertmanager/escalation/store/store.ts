/** Where incidents are kept. Two stores, one conformance suite (conformance.ts): SQLite by default, MongoDB for several machines. */
import type { Severity } from '../../routes.ts';
import type { Instant } from '../clock.ts';
import type { Incident, JournalEntry } from '../incident/incident.ts';

export interface Store {
  byId(id: string): Promise<Incident | undefined>;

  /** The incident of a key that is not resolved, else its newest: a clock that was set back makes ids that sort before older ones. */
  newestOf(key: string): Promise<Incident | undefined>;

  /**
   * Durable when it answers true. False: somebody else saved this version, or opened an incident of this key, first; nothing was
   * changed. The journal goes to the audit trail, each entry once, in the order of saving, and is empty in what is read back.
   */
  save(incident: Incident): Promise<boolean>;

  /** Those with `dueAt` ≤ now, the longest overdue first. */
  due(now: Instant, limit: number): Promise<Incident[]>;

  /** Every incident that is not resolved, oldest first: at a start they are all looked at, whatever the clock says. */
  unresolved(): AsyncIterable<Incident>;

  /** Newest first. `before`: the id of the last one of the page before. */
  list(filter: ListFilter): Promise<Incident[]>;

  /** How many are not resolved, by severity. */
  openBySeverity(): Promise<Record<Severity, number>>;

  /** True once for each token; it is remembered until `expiresAt`. (Links that work once.) */
  spend(token: string, expiresAt: Instant): Promise<boolean>;

  /**
   * Takes a name until then, for all processes: true when it is free, has run out, or is this holder's already. Atomic.
   * (Locks and rates of hooks: hooks/limits.ts)
   */
  lease(name: string, holder: string, until: Instant, now: Instant): Promise<boolean>;

  /** Gives a name back, if it is this holder's. */
  release(name: string, holder: string): Promise<void>;

  /** The audit trail from a number on, first entry 1. */
  audit(from?: number): AsyncIterable<AuditRecord>;

  /** The audit trail of one incident, oldest first. */
  historyOf(id: string): Promise<AuditRecord[]>;

  /** Forgets incidents resolved before, and tokens expired before. The audit trail stays. @returns how many incidents. */
  forget(before: Instant): Promise<number>;

  close(): Promise<void>;
}

export interface ListFilter {
  readonly states?: readonly Incident['state'][];
  readonly team?: string;
  readonly severity?: Severity;
  readonly before?: string;
  /** 1 to 1000. */
  readonly limit: number;
}

/** An entry in its place of the chain. */
export interface AuditRecord extends JournalEntry {
  /** 1, 2, 3 … without a gap. */
  readonly number: number;
  /** The hash of the entry before; 64 zeros for the first. */
  readonly previous: string;
  /** SHA-256 over `previous` and the entry as canonical JSON. */
  readonly hash: string;
}

export interface StoreOptions {
  /** One line for people about what is wrong and was lived with: a damaged file that was set aside, a trail that lags. */
  readonly notice: (line: string) => void;
  /** Told once when the store is damaged while it runs: it takes nothing more, and is mended when it is opened anew. */
  readonly onBroken?: (error: Error) => void;
}
