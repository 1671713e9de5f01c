/** Incidents as text for people at a terminal. */
import type * as v from 'valibot';
import type { Verdict } from '../audit/verify.ts';
import type * as schema from '../http/api-schema.ts';
import { spoken } from '../http/page/words.ts';

type Incident = v.InferOutput<typeof schema.incident>;
type Summary = v.InferOutput<typeof schema.incidentSummary>;
type Entry = v.InferOutput<typeof schema.timeline>['entries'][number];

export function listRows(incidents: readonly Summary[], now: number): string[][] {
  const rows = incidents.map(({ id, severity, state, team, openedAt, acknowledged, assignee, title }) => [
    ...[id, severity, state, team, spoken(now - Date.parse(openedAt))],
    ...[assignee ?? acknowledged?.by ?? '-', title],
  ]);
  return [['ID', 'SEVERITY', 'STATE', 'TEAM', 'AGE', 'WHO', 'TITLE'], ...rows];
}

export function incidentText(incident: Incident, now: number, table: (rows: string[][]) => string): string {
  const { alerts, deliveries, hookRuns, notes } = incident;
  const facts = [
    ['id', incident.id],
    ['state', `${incident.state}${incident.snoozedUntil ? ` until ${incident.snoozedUntil}` : ''}`],
    ['severity', incident.severity],
    ['team', incident.team],
    ['opened', `${incident.openedAt}, ${spoken(now - Date.parse(incident.openedAt))} ago`],
    ['acknowledged', done(incident.acknowledged)],
    ['assigned to', incident.assignee],
    ['resolved', done(incident.resolved)],
    ['next', incident.state === 'open' && incident.dueAt ? incident.dueAt : undefined],
  ].filter((row): row is [string, string] => row[1] !== undefined);
  const parts = [
    block('ALERTS', alerts.flatMap(alertLines)),
    section(['MESSAGE', 'CHANNEL', 'PERSON', 'STATE', 'TRIES', 'WHEN', 'WHY'], deliveries.map(deliveryRow), table),
    section(['REMEDY', 'HOOK', 'STATE', 'RESULT'], hookRuns.map(remedyRow), table),
    block(
      'NOTES',
      notes.map(({ at, by, text }) => `${at} ${by}: ${text}`),
    ),
  ];
  return [`${incident.title}\n\n${table(facts)}`, ...parts.filter((part) => part !== '')].join('\n\n');
}

export function timelineRows(entries: readonly Entry[]): string[][] {
  return [
    ['WHEN', 'WHO', 'WHAT', 'WHY'],
    ...entries.map(({ at, who, what, why }) => [at, who, what, oneLine(why ?? '')]),
  ];
}

export function verdictText(verdict: Verdict, withLog: boolean): string {
  if (!verdict.ok)
    return `The audit trail is broken at ${verdict.broken}: ${verdict.how}. ${verdict.entries} entries before it are whole.`;
  const compared = withLog ? ', as the daily log has it' : '';
  return `The audit trail is whole${compared}: ${verdict.entries} entries, the last one's hash is ${verdict.head.hash}.`;
}

function alertLines({ labels, annotations, status, startsAt }: Incident['alerts'][number]): string[] {
  const { summary, runbook_url: runbook, dashboard_url: dashboard } = annotations;
  return [
    `${status} since ${startsAt}: ${labels.alertname ?? 'alert'}${summary ? `: ${oneLine(summary)}` : ''}`,
    ...(runbook ? [`  runbook    ${runbook}`] : []),
    ...(dashboard ? [`  dashboard  ${dashboard}`] : []),
  ];
}

function deliveryRow(delivery: Incident['deliveries'][number]): string[] {
  const { message, channel, person = '-', state, attempts, sentAt, attemptAt, reason = '' } = delivery;
  return [message, channel, person, state, `${attempts}`, sentAt ?? attemptAt, state === 'sent' ? '' : oneLine(reason)];
}

function remedyRow({ key, hook, state, dryRun, result = '' }: Incident['hookRuns'][number]): string[] {
  return [key.split('/').at(-1) ?? '', hook, `${state}${dryRun ? ' (dry run)' : ''}`, oneLine(result)];
}

function done(what: { by: string; at: string } | undefined): string | undefined {
  return what && `${what.at} by ${what.by}`;
}

function section(head: string[], rows: string[][], table: (rows: string[][]) => string): string {
  return rows.length > 0 ? table([head, ...rows]) : '';
}

function block(title: string, lines: readonly string[]): string {
  return lines.length > 0 ? [title, ...lines].join('\n') : '';
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ');
}
