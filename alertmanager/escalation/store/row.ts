/** What both stores keep of an incident: its document as text, and beside it what is searched by. */
import { type Severity, severities } from '../../routes.ts';
import type { Instant } from '../clock.ts';
import type { Incident } from '../incident/incident.ts';

export interface Row {
  readonly id: string;
  readonly version: number;
  readonly key: string;
  readonly state: Incident['state'];
  readonly severity: Severity;
  readonly team: string;
  readonly dueAt: Instant | null;
  readonly openedAt: Instant;
  readonly resolvedAt: Instant | null;
  /** Text, also in MongoDB: labels may have names that a document there may not, and numbers come back as they went in. */
  readonly document: string;
}

export function rowOf(incident: Incident): Row {
  const { id, version, key, state, severity, team, dueAt, openedAt, changedAt } = incident;
  const resolvedAt = state === 'resolved' ? (incident.resolved?.at ?? changedAt) : null;
  const document = JSON.stringify({ ...incident, journal: [] });
  return { id, version, key, state, severity, team, dueAt, openedAt, resolvedAt, document };
}

export function incidentOf({ document }: Pick<Row, 'document'>): Incident {
  return JSON.parse(document) as Incident;
}

/** A page is never without an end: 1 to 1000. */
export function pageSize(limit: number): number {
  return Math.min(Math.max(Math.trunc(limit) || 1, 1), 1000);
}

/** Zero of each severity. */
export function noneOpen(): Record<Severity, number> {
  return Object.fromEntries(Object.keys(severities).map((severity) => [severity, 0])) as Record<Severity, number>;
}
