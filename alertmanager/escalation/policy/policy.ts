/** A policy, read and checked (read-policy.ts): who is told what, by which way, after how long without an answer. */
import type { Severity } from '../../routes.ts';
import type { ChannelConfig } from '../channels/channel-config.ts';
import type { HookConfig } from '../hooks/hook-config.ts';

/** In place of a channel: the person on call, by their own contacts. */
export const human = 'human';

/** The channel that is always there: nothing is told to nobody. */
export const lastResort = 'log';

export type Level = 'L1' | 'L2' | 'L3' | 'executive';

export interface Policy {
  /** Quiet hours and rotations are in this zone where they name no other, e.g. `Europe/Berlin`. */
  readonly timeZone: string;
  /** Repeats of a group within this time after it was resolved are the same incident. Default 10 min. */
  readonly sameIncidentMs: number;
  readonly flapping: { readonly times: number; readonly withinMs: number };
  /** By name; steps name them. */
  readonly channels: Readonly<Record<string, ChannelConfig>>;
  readonly people: Readonly<Record<string, Person>>;
  readonly teams: Readonly<Record<string, TeamPolicy>>;
  readonly severities: Readonly<Record<Severity, SeverityPolicy>>;
  readonly hooks: Readonly<Record<string, HookConfig>>;
}

export interface Person {
  readonly name: string;
  readonly email?: string;
  /** How else they are reached: a channel of the policy, by name, and what it calls them. */
  readonly contacts: Readonly<Record<string, string>>;
  readonly timeZone?: string;
}

export interface TeamPolicy {
  /** Who is on call at each level: one after the other, or always the same. */
  readonly levels: Readonly<Partial<Record<Level, Rotation>>>;
  readonly quietHours?: QuietHours;
  /** Channels of this team instead of the general ones: `slack: slack-security`. */
  readonly channels?: Readonly<Record<string, string>>;
}

export interface Rotation {
  readonly people: readonly string[];
  /** Each has so many days, from `from` on, changing at its local time. One person needs none. */
  readonly days?: number;
  readonly from?: string;
  readonly timeZone?: string;
}

export interface QuietHours {
  /** Local `HH:MM`; `to` before `from` passes midnight. */
  readonly from: string;
  readonly to: string;
  /** Whole days that are quiet as well, `saturday` … */
  readonly days?: readonly string[];
  readonly timeZone?: string;
}

export interface SeverityPolicy {
  readonly steps: readonly Step[];
  /** The clock of its delays stands still in the team's quiet hours: nobody can answer who sleeps. Never for `critical`. */
  readonly respectsQuietHours: boolean;
  /** After the last step, it comes again and again after so long without an answer. Default: `usualRepeatMs`. */
  readonly repeatMs?: number;
  /** Unanswered for so long it becomes the next severity. */
  readonly rises?: { readonly afterMs: number; readonly to: Severity };
}

/** An hour. */
export const usualRepeatMs = 3_600_000;

export interface Step {
  /** After the incident opened, without an answer. */
  readonly afterMs: number;
  readonly level: Level;
  /** Channels by name, told at the same time; `human`: whoever is on call at this level, by their own contacts. */
  readonly tell: readonly string[];
  /** It comes when the incident has lasted so long, acknowledged or not. Such steps stand last. (X03: executive) */
  readonly evenAcknowledged?: boolean;
}
