/** Incidents for tests. */
import type { Incident, JournalEntry } from '../incident/incident.ts';

export function someIncident(id: string, over: Partial<Incident> = {}): Incident {
  return {
    id,
    version: 1,
    key: `fleet/${id}`,
    title: 'qa fails 7 % of its tasks',
    team: 'fleet',
    severity: 'critical',
    state: 'open',
    alerts: [],
    openedAt: 1000,
    changedAt: 1000,
    ladder: { startedAt: 1000, taken: 0 },
    reopenedAt: [],
    deliveries: [],
    hookRuns: [],
    notes: [],
    journal: [],
    dueAt: 1000,
    ...over,
  };
}

export function entry(incident: string, version: number, number = 1): JournalEntry {
  return { id: `${incident}/${version}/${number}`, incident, at: 1000 + version, who: 'policy', what: 'told' };
}

/** All that comes, for what is known to be short. */
export async function list<T>(all: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const one of all) found.push(one);
  return found;
}
