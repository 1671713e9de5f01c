/** Several decisions that are saved as one: what has happened meanwhile, what is due, what is taken to be sent. */

import type { Instant } from '../clock.ts';
import type { Event } from '../incident/event.ts';
import type { Incident, JournalEntry } from '../incident/incident.ts';

/** `decide` with the policy of now. */
export type Decide = (incident: Incident, event: Event, now: Instant) => Incident;

export class Draft {
  readonly before: Incident;
  readonly now: Instant;
  readonly #decide: Decide;
  readonly #journal: JournalEntry[] = [];
  #current: Incident;

  constructor(decide: Decide, before: Incident, now: Instant) {
    this.#decide = decide;
    this.before = before.journal.length === 0 ? before : { ...before, journal: [] };
    this.now = now;
    this.#current = this.before;
  }

  /** @throws Refused what cannot be done to it; the draft is as it was. */
  apply(event: Event): void {
    // One save is one version, however much it decides.
    const from = this.changed ? { ...this.#current, version: this.before.version, journal: [] } : this.before;
    const next = this.#decide(from, event, this.now);
    if (next === from) return;
    this.#journal.push(...next.journal);
    this.#current = next;
  }

  get changed(): boolean {
    return this.#current !== this.before;
  }

  /** As it stands now. */
  get current(): Incident {
    return this.#current;
  }

  /** To be saved: the journal of all of it, numbered through. */
  get result(): Incident {
    const { id, version } = this.#current;
    const journal = this.#journal.map((entry, index) => ({ ...entry, id: `${id}/${version}/${index + 1}` }));
    return { ...this.#current, journal };
  }
}
