/** The one way into an incident: load it, decide, save. Who was too slow loads and decides again. */
import { randomInt } from 'node:crypto';
import { setTimeout as after } from 'node:timers/promises';
import type { Instant } from '../clock.ts';
import type { AlertsReceived, Event } from '../incident/event.ts';
import type { Incident } from '../incident/incident.ts';
import type { Store } from '../store/store.ts';
import { wholeGroup } from './cut-off.ts';
import { incidentId } from './incident-id.ts';
import { Problem } from './problem.ts';

export interface Desk {
  /** Durable when it answers, one incident for each group. */
  receive(groups: readonly AlertsReceived[]): Promise<Incident[]>;
  /** @throws Refused what cannot be done to it now; Problem 404 where there is no such incident. */
  apply(id: string, event: Exclude<Event, AlertsReceived>): Promise<Incident>;
}

export interface DeskDeps {
  readonly store: Pick<Store, 'byId' | 'newestOf' | 'save'>;
  /** `decide` with the policy of now: a reload gives the next decision another. */
  readonly decide: (incident: Incident | undefined, event: Event, now: Instant) => Incident;
  readonly now: () => Instant;
  /** After each save, with what was there before. Something may be due: whoever sends is not to wait for its next look. */
  readonly onSaved: (before: Incident | undefined, after: Incident) => void;
  readonly pause?: (ms: number) => Promise<unknown>;
}

/** In a storm on one group: 12 tries are half a second, then Alertmanager is asked to come again. */
const tries = 12;

export function openDesk({ store, decide, now, onSaved, pause = after }: DeskDeps): Desk {
  async function save(load: () => Promise<Incident | undefined>, next: (before: Incident | undefined) => Incident) {
    for (let attempt = 0; attempt < tries; attempt++) {
      // Not all at the same moment again: that would be the same race.
      if (attempt > 0) await pause(randomInt(1, 2 + 2 ** Math.min(attempt, 6)));
      const before = await load();
      const incident = next(before);
      if (!(await store.save(incident))) continue;
      onSaved(before, incident);
      return incident;
    }
    throw new Problem(503, `Cannot save the incident: others changed it first, ${tries} times. Try again.`);
  }

  return {
    async receive(groups) {
      const incidents: Incident[] = [];
      for (const group of groups) {
        incidents.push(
          await save(
            () => store.newestOf(group.key),
            // A new id with each try: two groups that open in the same second may have drawn the same.
            (before) => decide(before, { ...wholeGroup(group, before), id: incidentId(now()) }, now()),
          ),
        );
      }
      return incidents;
    },

    apply: (id, event) =>
      save(
        async () => {
          const incident = await store.byId(id);
          if (incident) return incident;
          throw new Problem(404, `Cannot find the incident ${id}: there is none. List them: /api/incidents.`);
        },
        (before) => decide(before, event, now()),
      ),
  };
}
