/** One decision while it is made: the document that becomes the next one, and what is written down about it. */

import type { Instant } from '../clock.ts';
import type { Policy } from '../policy/policy.ts';
import type { Incident, JournalEntry } from './incident.ts';

export interface Turn {
  readonly policy: Policy;
  readonly now: Instant;
  /** Only its fields are replaced; what they held belongs to the document before. */
  readonly draft: Draft;
  /** Writes an entry of the journal. */
  record(who: string, what: Happening, more?: { why?: string; data?: Record<string, unknown> }): void;
}

export type Draft = { -readonly [Key in keyof Incident]: Incident[Key] };

/** What the audit trail tells of. */
export type Happening =
  | 'opened'
  | 'opened again'
  | 'alerts received'
  | 'severity raised'
  | 'flapping'
  | 'step taken'
  | 'nobody to tell'
  | 'sent'
  | 'sent twice'
  | 'not sent, tried again'
  | 'not sent'
  | 'sender gone'
  | 'cancelled'
  | 'acknowledged'
  | 'assigned'
  | 'snoozed'
  | 'snooze ended'
  | 'noted'
  | 'resolved'
  | 'remedy proposed'
  | 'remedy waiting'
  | 'remedy approved'
  | 'remedy refused'
  | 'remedy started'
  | 'remedy done'
  | 'remedy failed'
  | 'clock set back';

export function takeTurn(policy: Policy, draft: Draft, now: Instant): Turn {
  let number = 0;
  return {
    policy,
    now,
    draft,
    record(who, what, more = {}) {
      number++;
      const { id, version, journal } = draft;
      const entry: JournalEntry = { id: `${id}/${version}/${number}`, incident: id, at: now, who, what, ...more };
      draft.journal = [...journal, entry];
    },
  };
}
