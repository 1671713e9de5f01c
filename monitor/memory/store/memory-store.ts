/** Where memory is kept: SQLite beside the ledger, MongoDB for several machines; one conformance suite. */
import type { OpenOptions } from '../../store/store.ts';
import type { Anomaly, Decision, Finding, MetricDay, MetricHour, Override, Snapshot } from '../record.ts';

/** Rows by the names of their tables and collections. */
export interface Rows {
  readonly metrics_hourly: MetricHour;
  readonly metrics_daily: MetricDay;
  readonly snapshots: Snapshot;
  readonly decisions_log: Decision;
  readonly anomalies: Anomaly;
  readonly findings: Finding;
}

export type Table = keyof Rows;

/** `hour`, `history` (6 h), `day-so-far`, `day`, `week`. */
export type Job = 'hour' | 'history' | 'day-so-far' | 'day' | 'week';

/** All that a job has made of one period. */
export interface Batch {
  readonly job: Job;
  /** `2026-02-15T09`, `2026-02-15`, `2026-W07`. */
  readonly period: string;
  /** Each of a time that lies in the period. */
  readonly rows: { readonly [T in Table]?: readonly Rows[T][] };
}

/**
 * Of what a job has made of a period readers see all or nothing: nothing before it is marked, and what was there before until
 * what takes its place is whole. What `day` makes takes the place of `day-so-far` and of the `hour`s of the day, whichever comes last.
 */
export interface MemoryStore {
  /**
   * Takes the place of all that the job had made of the period, and marks it as done; durable when it answers. Killed in between,
   * all is as it was, and the next run makes it whole. The same batch twice leaves the same rows. Of two at once one stays, whole.
   * @throws RangeError for rows that are not of the period, come twice, or would not come back as they went in
   */
  keep(batch: Batch): Promise<void>;
  /** As if it had never been made, nor what it took the place of: all of it is to be made again. */
  forget(job: Job, period: string): Promise<void>;
  /** Periods that are done, in order, from the one on that this one is in or begins with. */
  done(job: Job, from?: string): Promise<string[]>;

  /** In order of time, then of metric and labels. */
  hours(window: Between, metric?: string): Promise<MetricHour[]>;
  days(window: Between, metric?: string): Promise<MetricDay[]>;
  /** @throws RangeError for what is no period, here as everywhere. */
  snapshot(date: string): Promise<Snapshot | undefined>;
  /** Oldest first, in constant memory. */
  snapshots(window: Between): AsyncIterable<Snapshot>;
  decision(id: string): Promise<Decision | undefined>;
  /** Of the days of the window, the oldest first. */
  decisions(window: Between): Promise<Decision[]>;
  anomaly(id: string): Promise<Anomaly | undefined>;
  anomalies(window: Between): Promise<Anomaly[]>;
  /** Of all weeks up to this one, in order: lessons are made of them anew each time (consolidate/lessons.ts). */
  findings(untilWeek: string): Promise<Finding[]>;

  override(document: string, block: string): Promise<Override | undefined>;
  overrides(document: string): Promise<Override[]>;
  /** In place of an older one. */
  putOverride(override: Override): Promise<void>;
  /** True: there was one. */
  dropOverride(document: string, block: string): Promise<boolean>;

  /**
   * Takes a name until then, for all processes: true when it is free, has run out, or is this holder's already. Atomic. Times in ms since 1970,
   * by the clock of who asks. What has longer to run than twice the time that is asked for was taken by a clock that was ahead: it is free.
   */
  lease(name: string, holder: string, until: number, now: number): Promise<boolean>;
  /** Gives a name back, if it is this holder's. */
  release(name: string, holder: string): Promise<void>;

  /** Undefined: it is whole, and so is each period that is done. */
  damage(): Promise<string | undefined>;
  close(): Promise<void>;
}

/** Hours, days or weeks as they are written, of any length; both are in it whole. */
export interface Between {
  readonly from?: string;
  readonly to?: string;
}

/** Of a file. What becomes of a damaged one is said there. */
export type OpenMemoryOptions = Pick<OpenOptions, 'notice' | 'ifDamaged' | 'onBroken'>;
