/** Alertmanager's webhook, version 4, as https://prometheus.io/docs/alerting/latest/configuration/#webhook_config has it. */
import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { receiverOf, type Severity, severities, type Team, teams } from '../../routes.ts';
import type { AlertsReceived } from '../incident/event.ts';
import { leftOut } from './cut-off.ts';
import { linkedTo } from './grafana-link.ts';

/** Go's zero time, and whatever else is before 1970, means: not yet. */
const instant = v.pipe(
  v.string(),
  v.transform((text) => Date.parse(text)),
  v.number('is no time. Send RFC 3339'),
);
const words = v.nullish(v.record(v.string(), v.string()), {});

/** Fields that are not named here are let pass: newer ones send more. */
export const webhookBody = v.object({
  version: v.literal('4'),
  receiver: v.string(),
  groupLabels: words,
  commonAnnotations: words,
  /** How many alerts did not fit (`max_alerts`). */
  truncatedAlerts: v.nullish(v.pipe(v.number(), v.integer(), v.minValue(0)), 0),
  alerts: v.array(
    v.object({
      status: v.picklist(['firing', 'resolved']),
      labels: v.record(v.string(), v.string()),
      annotations: words,
      startsAt: instant,
      endsAt: v.nullish(instant),
      generatorURL: v.nullish(v.string()),
      fingerprint: v.pipe(v.string(), v.nonEmpty()),
    }),
  ),
});

type WebhookBody = v.InferOutput<typeof webhookBody>;

/** The group as an event, or undefined where no alert came with it. */
export function alertsReceived(body: WebhookBody, id: string, grafanaUrl?: string): AlertsReceived | undefined {
  if (body.alerts.length === 0) return undefined;
  const team = teamOf(body);
  const severity = severityOf(body);
  const cut = body.truncatedAlerts;
  const began = Math.min(...body.alerts.map(({ startsAt }) => startsAt));
  const alerts = body.alerts.map(({ fingerprint, status, labels, annotations, startsAt, endsAt, generatorURL }) => ({
    ...{ fingerprint, status, labels, annotations: linkedTo(grafanaUrl, annotations ?? {}), startsAt },
    ...(typeof endsAt === 'number' && endsAt > 0 && { endsAt }),
    ...(generatorURL && { generatorUrl: generatorURL }),
  }));
  return {
    kind: 'alerts',
    id,
    key: keyOf(team, body.groupLabels),
    title: titleOf(body),
    team,
    severity,
    alerts: [...alerts, ...(cut > 0 ? [leftOut(cut, severity, body.groupLabels, began)] : [])],
  };
}

const all = Object.keys(teams).flatMap((team) =>
  Object.keys(severities).map((severity) => ({ team: team as Team, severity: severity as Severity })),
);

/** By its receiver; what matched no route goes to those who run the stack. */
function teamOf({ receiver, alerts }: WebhookBody): Team {
  const routed = all.find(({ team, severity }) => receiverOf(team, severity) === receiver);
  const labelled = alerts
    .map(({ labels }) => labels.team)
    .find((team) => team !== undefined && Object.hasOwn(teams, team));
  return routed?.team ?? (labelled as Team | undefined) ?? 'platform';
}

/** By its receiver, or the most urgent that an alert says. Whose urgency nobody knows does not wait for the morning. */
function severityOf({ receiver, alerts }: WebhookBody): Severity {
  const routed = all.find(({ team, severity }) => receiverOf(team, severity) === receiver);
  const said = (Object.keys(severities) as Severity[]).find((one) =>
    alerts.some(({ labels }) => labels.severity === one),
  );
  return routed?.severity ?? said ?? 'high';
}

/** Of the same trouble, however urgent it is by now. */
function keyOf(team: Team, groupLabels: Readonly<Record<string, string>>): string {
  const labels = Object.entries(groupLabels)
    .filter(([name]) => name !== 'severity')
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([team, labels]))
    .digest('hex');
}

/** The summary that they share, or the alert's name; then what of the group it does not say yet. */
function titleOf({ alerts, groupLabels, commonAnnotations }: WebhookBody): string {
  const name = groupLabels.alertname ?? alerts[0]?.labels.alertname ?? 'Alert without a name';
  const summaries = new Set(alerts.map(({ annotations }) => annotations.summary));
  const shared = commonAnnotations.summary ?? (summaries.size === 1 ? [...summaries][0] : undefined);
  const head = shared?.trim() || name;
  const words = new Set(head.split(/[^\w.-]+/));
  const rest = Object.entries(groupLabels)
    .filter(([label, value]) => label !== 'alertname' && value !== '' && !words.has(value))
    .map(([, value]) => value);
  const title = `${head}${rest.length > 0 ? ` (${rest.join(', ')})` : ''}`.replace(/\s+/g, ' ');
  return title.length > 200 ? `${title.slice(0, 199)}…` : title;
}
