/** What every channel says: readable in five seconds on a phone. What is wrong, since when, who is told, where to answer. */
import type { Severity } from '../../routes.ts';
import type { Instant } from '../clock.ts';
import type { Incident, SeenAlert } from '../incident/incident.ts';
import type { Message } from './channel.ts';

export interface Text {
  /** `Critical: the agent research is silent`; what a locked phone shows. */
  readonly title: string;
  /** What it is about in one or two sentences, empty where the title says it all. */
  readonly summary: string;
  readonly facts: readonly Fact[];
  /** The alerts in a line each, firing ones first; five at most, and how many more. */
  readonly alerts: readonly string[];
  /** Labels that all alerts share. */
  readonly labels: readonly string[];
  /** The first is what one should do. */
  readonly links: readonly { readonly name: string; readonly url: string; readonly primary?: true }[];
  /** The same in each attempt: who sees it twice sees that it is one message. */
  readonly key: string;
}

/** `Since: 09:30`. A moment stays one: Slack and Discord show it in the reader's own time zone. */
export interface Fact {
  readonly name: string;
  readonly value: readonly (string | Instant)[];
}

/** For the eye: red, orange, yellow, blue, and what is over is green. */
export const colours = { critical: 0xd92d20, high: 0xf79009, warning: 0xeaaa08, info: 0x2e90fa, resolved: 0x12b76a };
const marks: Record<Severity, string> = { critical: '🔴', high: '🟠', warning: '🟡', info: '🔵' };

/** `2026-11-26 09:30 UTC`. */
export function utc(at: Instant): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** A fact's value where there are no time zones: mails, logs. */
export function plain({ value }: Fact): string {
  return value.map((part) => (typeof part === 'number' ? utc(part) : part)).join('');
}

export function textOf(message: Message): Text {
  const { incident, kind } = message;
  return {
    title: titleOf(message),
    summary: summaryOf(incident),
    facts: factsOf(message),
    alerts: alertLines(incident),
    labels: sharedLabels(incident.alerts),
    links: [
      ...(kind === 'resolved'
        ? []
        : [
            ...(incident.state === 'open'
              ? [{ name: 'Acknowledge', url: message.links.acknowledge, primary: true as const }]
              : []),
            { name: 'Resolve', url: message.links.resolve },
          ]),
      { name: 'Open', url: message.links.page },
      ...annotationLinks(incident),
    ],
    key: message.key,
  };
}

/** The colour of what the message is about now. */
export function colourOf({ kind, incident }: Message): number {
  return colours[kind === 'resolved' ? 'resolved' : incident.severity];
}

/** `12 s`, `5 min`, `3 h 20 min`, `2 d 4 h`. */
export function lasting(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return hours % 24 === 0 ? `${hours / 24} d` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** At most so many characters, never half of a surrogate pair, with … for what is missing. */
export function shorten(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${text.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/** One line, without control characters, also those that turn the direction of writing: for titles, subjects, list entries. */
export function oneLine(text: string): string {
  return text.replace(/[\s\p{Cc}\u202a-\u202e\u2066-\u2069]+/gu, ' ').trim();
}

function titleOf({ kind, incident }: Message): string {
  const title = oneLine(incident.title);
  const severity = incident.severity.charAt(0).toUpperCase() + incident.severity.slice(1);
  if (kind === 'resolved') return `✅ Resolved: ${title}`;
  if (kind === 'acknowledged') return `👀 Acknowledged: ${title}`;
  return `${marks[incident.severity]} ${severity}${kind === 'update' ? ', update' : ''}: ${title}`;
}

/** The description of the first alert says more than the title; its summary, where it has no description, may. */
function summaryOf(incident: Incident): string {
  const [first] = ordered(incident.alerts);
  const text = first?.annotations.description ?? first?.annotations.summary ?? '';
  return text === incident.title ? '' : text.trim();
}

function factsOf({ incident, person }: Message): Fact[] {
  const { acknowledged, resolved, snoozedUntil, state } = incident;
  const firing = incident.alerts.filter(({ status }) => status === 'firing').length;
  const told = toldOf(incident);
  const facts: [string, ...(string | Instant | undefined)[]][] = [
    ['Team', incident.team],
    ['Since', incident.openedAt],
    [
      'Alerts',
      firing === incident.alerts.length ? `${firing} firing` : `${firing} of ${incident.alerts.length} firing`,
    ],
    ['For', person?.name],
    ['Assigned to', incident.assignee],
    ['Told', told === '' ? undefined : told],
    ['Acknowledged', ...(acknowledged ? [`${acknowledged.by}, `, acknowledged.at] : [])],
    ['Snoozed until', state === 'snoozed' ? snoozedUntil : undefined],
    ['Resolved', ...(resolved ? [`${resolved.by}, after ${lasting(resolved.at - incident.openedAt)}`] : [])],
  ];
  return facts.flatMap(([name, ...parts]) => {
    const value = parts.filter((part) => part !== undefined);
    return value.length > 0 ? [{ name, value }] : [];
  });
}

/** Who really got it before this message: people by name, else the channel. */
function toldOf({ deliveries }: Incident): string {
  const sent = deliveries.filter(({ state, message }) => state === 'sent' && message === 'alert');
  return [...new Set(sent.map(({ person, channel }) => (person ? `${person} (${channel})` : channel)))].join(', ');
}

const mostAlerts = 5;

function alertLines({ alerts }: Incident): string[] {
  if (alerts.length < 2) return [];
  const lines = ordered(alerts)
    .slice(0, mostAlerts)
    .map(({ status, annotations, labels }) => {
      const text = annotations.summary ?? labels.alertname ?? 'an alert';
      return oneLine(status === 'resolved' ? `resolved: ${text}` : text);
    });
  return alerts.length > mostAlerts ? [...lines, `and ${alerts.length - mostAlerts} more`] : lines;
}

function ordered(alerts: readonly SeenAlert[]): readonly SeenAlert[] {
  return alerts.toSorted(
    (a, b) => Number(a.status === 'resolved') - Number(b.status === 'resolved') || a.startsAt - b.startsAt,
  );
}

/** What the facts above say already. */
const said = new Set(['severity', 'team']);

function sharedLabels(alerts: readonly SeenAlert[]): string[] {
  const [first, ...rest] = alerts;
  return Object.entries(first?.labels ?? {})
    .filter(([name, value]) => !said.has(name) && rest.every(({ labels }) => labels[name] === value))
    .map(([name, value]) => oneLine(`${name}=${value}`));
}

/** Only http and https: an annotation is written by whoever writes an alert. */
function annotationLinks({ alerts }: Incident): { name: string; url: string }[] {
  const [first] = ordered(alerts);
  const found = [
    { name: 'Runbook', url: first?.annotations.runbook_url },
    { name: 'Dashboard', url: first?.annotations.dashboard_url },
    { name: 'Query', url: first?.generatorUrl },
  ];
  return found.flatMap(({ name, url }) =>
    url && /^https?:\/\/\S+$/i.test(url) && URL.canParse(url) ? [{ name, url }] : [],
  );
}
