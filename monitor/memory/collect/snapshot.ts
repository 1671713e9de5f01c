/** A day as one record and one file. Pure: parts in, record and text out. (M01) */
import { count, number } from '../../words.ts';
import type { Decision, IncidentDay, MetricHour, Snapshot } from '../record.ts';
import { coverages, hoursOf } from './day.ts';
import type { LedgerPart } from './ledger-day.ts';
import type { LostHours } from './lost-hours.ts';
import type { DaySpan } from './read-ledger.ts';

export interface DayParts {
  readonly ledger: LedgerPart;
  /** It has no row of the day. */
  readonly isEmpty: boolean;
  /** Tasks that Prometheus counted on a day of which the ledger has no row. */
  readonly unseen: number;
  readonly lost: LostHours;
  readonly decisions: readonly Decision[];
  /** Rows of the hours of the day. */
  readonly hours: readonly MetricHour[];
  readonly incidents: IncidentDay;
  /** What is not known of them. */
  readonly incidentGaps: readonly string[];
}

/** Less than half of an hour measured is not an hour. */
const measuredFrom = 0.5;

export function snapshotOf(span: DaySpan, parts: DayParts): Snapshot {
  const { tasks, runs, success_rate, error_rate, p50_ms, p95_ms, cost } = parts.ledger;
  const { agents, models, work, approvals, errors, rest } = parts.ledger;
  const unmeasured = unmeasuredOf(span, parts.hours);
  return {
    ...{ date: span.date, state: span.state, through: span.cutoffIso },
    ...{ ledger: ledgerOf(span, parts), tasks, runs },
    ...{ success_rate, error_rate, p50_ms, p95_ms, cost, agents, models, work, approvals },
    ...{ decisions: parts.decisions.map(({ id }) => id), incidents: parts.incidents, errors, rest },
    hours_measured: hoursOf(span).length - unmeasured.length,
    gaps: [
      ...measureGaps(span, unmeasured),
      ...sentGaps(parts.hours),
      ...ledgerGaps(span, parts),
      ...openGaps(span, parts.ledger),
      ...costGaps(parts.ledger),
      ...restGaps(parts.ledger),
      ...parts.incidentGaps,
    ],
  };
}

/** Path below the folder that memory is written to. */
export function snapshotPath(date: string): string {
  return `logs/snapshots/${date}.json`;
}

export function snapshotText(snapshot: Snapshot): string {
  return `${JSON.stringify(snapshot, null, 2)}\n`;
}

/** Of an escalation service that was not asked. */
export const unknownIncidents: IncidentDay = { raised: null, resolved: null, open: null, alerts: [] };

function unmeasuredOf(span: DaySpan, hours: readonly MetricHour[]): string[] {
  const known = coverages(hours);
  return hoursOf(span).filter((hour) => (known.get(hour) ?? 0) < measuredFrom);
}

function measureGaps(span: DaySpan, unmeasured: readonly string[]): string[] {
  if (unmeasured.length === 0) return [];
  const all = hoursOf(span).length;
  if (unmeasured.length === all) return ['Prometheus measured none of the day.'];
  return [`Prometheus did not measure ${unmeasured.length} of ${all} hours: ${shown(unmeasured)} UTC.`];
}

/** It was there, and no agent told of a task. */
function sentGaps(hours: readonly MetricHour[]): string[] {
  const silent = hours
    .filter(({ metric, labels, gap }) => metric === 'tasks_started' && isAll(labels) && gap === 'nothing sent')
    .map(({ hour }) => hour)
    .sort();
  if (silent.length === 0) return [];
  return [`No agent sent metrics in ${silent.length} ${silent.length === 1 ? 'hour' : 'hours'}: ${shown(silent)} UTC.`];
}

function ledgerOf(span: DaySpan, parts: DayParts): Snapshot['ledger'] {
  const { unseen, lost } = parts;
  if (unseen > 0 || isUnwatched(span, parts)) return 'gone';
  return lost.fewer.length + lost.silent.length > 0 ? 'part' : 'known';
}

/** Neither of the two knows anything of it: a day before there was a stack, or without one, is no day without work. */
function isUnwatched(span: DaySpan, { isEmpty, hours }: DayParts): boolean {
  return isEmpty && unmeasuredOf(span, hours).length === hoursOf(span).length;
}

/** Its rows are deleted some day, and metrics outlive them; and what was sent to it while it was away for long is lost. */
function ledgerGaps(span: DaySpan, parts: DayParts): string[] {
  const { unseen, lost } = parts;
  if (isUnwatched(span, parts)) return ['The ledger has no row of the day: whether anybody worked is not known.'];
  if (unseen > 0) {
    const tasks = count(unseen, 'task');
    return [`The ledger has no row of the day, and Prometheus counted ${tasks}: what the ledger tells is not known.`];
  }
  const { fewer, counted, there, silent } = lost;
  const of = (hours: readonly string[]) => `${count(hours.length, 'hour')} (${shown(hours)} UTC)`;
  return [
    ...(fewer.length === 0
      ? []
      : [
          `The ledger has ${count(there, 'task')} of ${of(fewer)} in which Prometheus counted ${number(counted)}: what the ledger tells is a part.`,
        ]),
    ...(silent.length === 0
      ? []
      : [
          `The ledger has no row of ${of(silent)} between hours with many, and Prometheus does not tell of ${silent.length === 1 ? 'it' : 'them'}: whether anybody worked is not known.`,
        ]),
  ];
}

/** They are of this day, and of no later one: what came of them is told by the ledger alone. */
function openGaps({ cutoffIso }: DaySpan, { tasks: { in_progress } }: LedgerPart): string[] {
  if (in_progress === 0) return [];
  const [were, their] = in_progress === 1 ? ['was', 'its'] : ['were', 'their'];
  return [
    `${count(in_progress, 'task')} ${were} not over at ${cutoffIso.slice(11, 16)} UTC: ${their} outcome is in no sum, ${their} cost in that of models alone.`,
  ];
}

function restGaps({ rest }: LedgerPart): string[] {
  const told = (rows: number, one: string, many: string, what: string) =>
    rows === 0
      ? []
      : [`${count(rows, one, many)} of the day, the rarest, ${rows === 1 ? 'is' : 'are'} told together: ${what}.`];
  return [
    ...told(rest.agents, 'more agent', 'more agents', count(rest.agents_started, 'task')),
    ...told(rest.work, 'more kind of work', 'more kinds of work', count(rest.work_ended, 'task')),
    ...told(rest.errors, 'more kind of error', 'more kinds of error', count(rest.errors_times, 'time')),
  ];
}

function costGaps({ cost }: LedgerPart): string[] {
  if (cost.unpriced_calls === 0) return [];
  const [calls, have] = cost.unpriced_calls === 1 ? ['call', 'has'] : ['calls', 'have'];
  return [`${cost.unpriced_calls} model ${calls} ${have} no price: the cost is that of the others.`];
}

function isAll(labels: MetricHour['labels']): boolean {
  return Object.keys(labels).length === 0;
}

/** Neighbours as one: `02–04, 09`. */
function shown(hours: readonly string[]): string {
  const ranges: [number, number][] = [];
  for (const hour of hours.map((one) => Number(one.slice(11)))) {
    const last = ranges.at(-1);
    if (last && last[1] === hour - 1) last[1] = hour;
    else ranges.push([hour, hour]);
  }
  const two = (hour: number) => String(hour).padStart(2, '0');
  return ranges.map(([from, to]) => (from === to ? two(from) : `${two(from)}–${two(to)}`)).join(', ');
}
