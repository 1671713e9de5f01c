/** Incidents as the API shows them: times as text, without what is the store's own business. */
import type * as v from 'valibot';
import type { Incident } from '../incident/incident.ts';
import type { AuditRecord } from '../store/store.ts';
import type * as schema from './api-schema.ts';

export function incidentView(incident: Incident): v.InferOutput<typeof schema.incident> {
  const { version, key, journal, ladder, ...shown } = incident;
  return withTimes({ ...shown, ladder: { startedAt: ladder.startedAt, taken: ladder.taken } });
}

export function summaryView(incident: Incident): v.InferOutput<typeof schema.incidentSummary> {
  const { version, key, journal, ladder, reopenedAt, deliveries, hookRuns, notes, alerts, ...shown } = incident;
  const firing = alerts.filter(({ status }) => status === 'firing').length;
  return withTimes({ ...shown, alerts: { firing, resolved: alerts.length - firing } });
}

export function timelineView(records: readonly AuditRecord[]): v.InferOutput<typeof schema.timeline> {
  // What was done with the data stays as it was: `data` holds the times of whoever wrote it.
  return {
    entries: records.map(({ previous, hash, at, ...shown }) => ({ ...shown, at: new Date(at).toISOString() })),
  };
}

/** Instants become ISO 8601. Their names say what they are: `openedAt`, `snoozedUntil`, `at`. */
export function withTimes<T>(value: unknown, name = ''): T {
  if (typeof value === 'number' && /(At|Until|Since|^at|^since)$/.test(name)) return new Date(value).toISOString() as T;
  if (Array.isArray(value)) return value.map((item) => withTimes(item, name)) as T;
  if (typeof value !== 'object' || value === null) return value as T;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withTimes(item, key)])) as T;
}
