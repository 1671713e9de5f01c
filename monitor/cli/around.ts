/** What the running stack knows of a run: alerts, who was told of them, and where to look further. (B01) */
import * as v from 'valibot';
import type { Surroundings } from '../analysis/dossier.ts';
import { alertDelayMs, type RelatedAlert } from '../analysis/related-alert.ts';
import { escalationApi, pageRows } from '../escalation-api.ts';
import type { Run } from '../ledger/run-tree.ts';
import { links, type Servers } from './links.ts';

export interface Stack {
  readonly escalationUrl: string;
  /** Of its API. @throws Error where there is none. */
  readonly token: () => string | Promise<string>;
  readonly servers: Servers;
}

/** A dossier is worth having without alerts: whoever does not answer soon is done without. */
const timeoutMs = 3000;
/** So many pages are listed at most; so many of those of the run's time are read whole. */
const [mostPages, readWhole] = [20, 50];
/** An incident that was opened so long before a run, and is still open, has nothing to do with it. */
const longBeforeMs = 7 * 86_400_000;

export async function around(stack: Stack, run: Run): Promise<Surroundings> {
  const found = { links: links(stack.servers, run) };
  try {
    return { ...found, alerts: await alertsAround(stack, run) };
  } catch (error) {
    return { ...found, missing: `Alerts are not known. ${(error as Error).message}` };
  }
}

async function alertsAround({ escalationUrl: url, token }: Stack, { orchestration }: Run): Promise<RelatedAlert[]> {
  const get = await escalationApi({ url, token, timeoutMs });
  const from = Date.parse(orchestration.started_at);
  const until = orchestration.completed_at ? Date.parse(orchestration.completed_at) + alertDelayMs : Infinity;
  const near: { readonly id: string }[] = [];
  let before = '';
  for (let page = 0; page < mostPages; page++) {
    const { incidents, next } = await get(`/api/incidents?limit=${pageRows}${before}`, incidentList);
    near.push(
      ...incidents.filter(
        ({ openedAt, resolved }) => Date.parse(openedAt) <= until && (!resolved || Date.parse(resolved.at) >= from),
      ),
    );
    // The newest come first.
    if (next === undefined || Date.parse(incidents.at(-1)?.openedAt ?? '') < from - longBeforeMs) break;
    before = `&before=${encodeURIComponent(next)}`;
  }
  const whole: RelatedAlert[] = [];
  // One after the other: a command that reads is no reason for a burst.
  for (const { id } of near.slice(0, readWhole))
    whole.push(...alertsOf(await get(`/api/incidents/${encodeURIComponent(id)}`, incident)));
  return whole;
}

const done = v.object({ by: v.string(), at: v.string() });
const incidentList = v.object({
  incidents: v.array(v.object({ id: v.string(), openedAt: v.string(), resolved: v.optional(done) })),
  next: v.optional(v.string()),
});
/** What is read of the service's answer; its own schema is /openapi.json. */
const incident = v.object({
  id: v.string(),
  severity: v.string(),
  acknowledged: v.optional(done),
  alerts: v.array(
    v.object({
      labels: v.record(v.string(), v.string()),
      annotations: v.record(v.string(), v.string()),
      startsAt: v.string(),
      endsAt: v.optional(v.string()),
    }),
  ),
  deliveries: v.array(
    v.object({
      channel: v.string(),
      person: v.optional(v.string()),
      state: v.string(),
      attemptAt: v.string(),
      sentAt: v.optional(v.string()),
      reason: v.optional(v.string()),
    }),
  ),
});

function alertsOf({ id, severity, acknowledged, alerts, deliveries }: v.InferOutput<typeof incident>): RelatedAlert[] {
  const told = deliveries
    .map(({ channel, person, state, attemptAt, sentAt, reason }) => {
      const outcome = state === 'failed' && reason ? `failed: ${reason}` : state;
      return { at: sentAt ?? attemptAt, channel: person ? `${channel} ${person}` : channel, outcome };
    })
    .sort((one, other) => (one.at < other.at ? -1 : 1));
  return alerts.map(({ labels, annotations, startsAt, endsAt }) => ({
    ...{ incident_id: id, alert: labels.alertname ?? 'alert', severity, labels, told },
    ...{ summary: annotations.summary ?? null, runbook_url: annotations.runbook_url ?? null },
    ...{ opened_at: startsAt, resolved_at: endsAt ?? null },
    ...{ acknowledged_at: acknowledged?.at ?? null, acknowledged_by: acknowledged?.by ?? null },
  }));
}
