/**
 * What the escalation service knows of a day: what was raised and resolved in it, what was open when it was closed. Told from the timeline of each
 * incident, which is never changed: asked late, it comes to the same. (M01)
 */
import * as v from 'valibot';
import { type EscalationApi, escalationApi, type Get, pageRows } from '../../escalation-api.ts';
import type { AlertDay, IncidentDay } from '../record.ts';
import type { DaySpan } from './read-ledger.ts';

/** More than a year of them, at a thousand a page. */
const mostPages = 1000;

const mostNamed = 5;

/** A job waits longer than a person. */
const defaultTimeoutMs = 30_000;

export interface IncidentsRead {
  readonly incidents: IncidentDay;
  /** What is not known of them. */
  readonly gaps: readonly string[];
}

/** @throws Error where the service cannot be asked. */
export async function readIncidents(
  source: Omit<EscalationApi, 'timeoutMs'> & { readonly timeoutMs?: number },
  span: DaySpan,
): Promise<IncidentsRead> {
  const get = await escalationApi({ timeoutMs: defaultTimeoutMs, ...source });
  const timelines: Timeline[] = [];
  for await (const { id } of concerned(get, span)) {
    const { entries } = await get(`/api/incidents/${encodeURIComponent(id)}/timeline`, timeline);
    timelines.push({ id, entries });
  }
  return incidentDay(span, timelines);
}

/** Those that anything may have happened to in the day, or that may have been open when it was closed. */
async function* concerned(get: Get, { sinceIso, cutoffIso }: DaySpan): AsyncGenerator<{ readonly id: string }> {
  const [since, cutoff] = [Date.parse(sinceIso), Date.parse(cutoffIso)];
  let before = '';
  for (let page = 0; page < mostPages; page++) {
    const { incidents, next } = await get(`/api/incidents?limit=${pageRows}${before}`, list);
    yield* incidents.filter(
      ({ openedAt, resolved }) => Date.parse(openedAt) <= cutoff && (!resolved || Date.parse(resolved.at) >= since),
    );
    if (next === undefined) return;
    before = `&before=${encodeURIComponent(next)}`;
  }
}

export interface Timeline {
  readonly id: string;
  /** Oldest first. */
  readonly entries: readonly Entry[];
}

/** Pure. Timelines in any order. */
export function incidentDay({ sinceIso, untilIso, cutoffIso }: DaySpan, timelines: readonly Timeline[]): IncidentsRead {
  const inDay = ({ at }: Entry) => at >= sinceIso && at < untilIso;
  const [counts, alerts] = [{ raised: 0, resolved: 0, open: 0 }, new Map<string, Alerts>()];
  let untold = 0;
  for (const { id, entries } of timelines.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
    const known = entries.filter(({ at }) => at <= cutoffIso);
    const turns = known.filter(({ what }) => begins.includes(what) || what === 'resolved');
    if (turns.length > 0 && turns.at(-1)?.what !== 'resolved') counts.open++;
    for (const { what } of turns.filter(inDay)) counts[what === 'resolved' ? 'resolved' : 'raised']++;
    for (const { data } of known.filter(inDay)) {
      untold += data?.more ?? 0;
      for (const { status, labels } of data?.changed ?? []) countAlert(alerts, id, status, labels);
    }
  }
  const gaps =
    untold > 0
      ? [`Of a storm of alerts ${untold} are not told by name: the escalation service keeps 100 at a time.`]
      : [];
  return { incidents: { ...counts, alerts: alertDays(alerts) }, gaps };
}

const begins = ['opened', 'opened again'];

interface Alerts extends Omit<AlertDay, 'raised' | 'resolved' | 'incidents'> {
  raised: number;
  resolved: number;
  readonly incidents: Set<string>;
}

function countAlert(
  alerts: Map<string, Alerts>,
  id: string,
  status: 'firing' | 'resolved',
  { alertname = 'alert', severity = '' }: Readonly<Record<string, string>>,
): void {
  const key = JSON.stringify([alertname, severity]);
  const found = alerts.get(key) ?? { alertname, severity, raised: 0, resolved: 0, incidents: new Set() };
  found[status === 'firing' ? 'raised' : 'resolved']++;
  found.incidents.add(id);
  alerts.set(key, found);
}

function alertDays(alerts: ReadonlyMap<string, Alerts>): AlertDay[] {
  return [...alerts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { incidents, ...rest }]) => ({ ...rest, incidents: [...incidents].slice(0, mostNamed) }));
}

const list = v.object({
  incidents: v.array(
    v.object({ id: v.string(), openedAt: v.string(), resolved: v.optional(v.object({ at: v.string() })) }),
  ),
  next: v.optional(v.string()),
});

const changed = v.object({ status: v.picklist(['firing', 'resolved']), labels: v.record(v.string(), v.string()) });
const entry = v.object({
  at: v.string(),
  what: v.string(),
  // Of `alerts received`. Other entries have other data, which is nobody's business here.
  data: v.optional(
    v.fallback(
      v.object({ changed: v.optional(v.array(changed)), more: v.optional(v.number()) }),
      {} as { changed?: v.InferOutput<typeof changed>[]; more?: number },
    ),
  ),
});
export type Entry = v.InferOutput<typeof entry>;
const timeline = v.object({ entries: v.array(entry) });
