/** What the generic webhook is sent, described: a receiver can check it against the schema. */
import * as v from 'valibot';
import { severities } from '../../routes.ts';
import type { Message } from './channel.ts';
import { textOf } from './text.ts';

const instant = v.pipe(v.string(), v.isoTimestamp());
const labels = v.record(v.string(), v.string());

export const webhookDocument = v.strictObject({
  /** Rises when a field changes its meaning. New fields may come at any time. */
  version: v.literal('1'),
  /** The same in each attempt, and the header `Idempotency-Key`. */
  key: v.string(),
  kind: v.picklist(['alert', 'update', 'acknowledged', 'resolved']),
  /** For people. */
  title: v.string(),
  summary: v.string(),
  incident: v.strictObject({
    id: v.string(),
    title: v.string(),
    team: v.string(),
    severity: v.picklist(Object.keys(severities) as (keyof typeof severities)[]),
    state: v.picklist(['open', 'acknowledged', 'snoozed', 'resolved']),
    openedAt: instant,
    assignee: v.nullable(v.string()),
    acknowledged: v.nullable(v.strictObject({ by: v.string(), at: instant })),
    resolved: v.nullable(v.strictObject({ by: v.string(), at: instant })),
  }),
  alerts: v.array(
    v.strictObject({
      fingerprint: v.string(),
      status: v.picklist(['firing', 'resolved']),
      startsAt: instant,
      endsAt: v.nullable(instant),
      labels,
      annotations: labels,
    }),
  ),
  /** Whom it is for, where it is for one person; `contact` is what the policy calls them on this channel. */
  person: v.nullable(v.strictObject({ name: v.string(), contact: v.nullable(v.string()) })),
  /** Each works for a time; those that answer, once. */
  links: v.strictObject({ page: v.string(), acknowledge: v.string(), resolve: v.string() }),
});

export type WebhookDocument = v.InferOutput<typeof webhookDocument>;

/** @param contact What the policy calls the person on this channel. */
export function documentOf(message: Message, contact: string | undefined): WebhookDocument {
  const { key, kind, incident, person, links } = message;
  const { title, summary } = textOf(message);
  const { id, team, severity, state, openedAt, assignee, acknowledged, resolved, alerts } = incident;
  return {
    version: '1',
    key,
    kind,
    title,
    summary,
    incident: {
      id,
      title: incident.title,
      team,
      severity,
      state,
      openedAt: iso(openedAt),
      assignee: assignee ?? null,
      acknowledged: acknowledged ? { by: acknowledged.by, at: iso(acknowledged.at) } : null,
      resolved: resolved ? { by: resolved.by, at: iso(resolved.at) } : null,
    },
    alerts: alerts.map(({ fingerprint, status, startsAt, endsAt, labels, annotations }) => ({
      fingerprint,
      status,
      startsAt: iso(startsAt),
      endsAt: endsAt === undefined ? null : iso(endsAt),
      labels,
      annotations,
    })),
    person: person ? { name: person.name, contact: contact ?? null } : null,
    links,
  };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
