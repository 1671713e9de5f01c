/** What each job reads, and the rows that it makes of it: an hour, a day. Keeping them is the job's. */
import type { EscalationApi } from '../../escalation-api.ts';
import type { Ledger } from '../../store/store.ts';
import { beginOf, hourOf, lengthOf } from '../periods.ts';
import type { Anomaly, MetricDay, MetricHour } from '../record.ts';
import type { Batch, MemoryStore } from '../store/memory-store.ts';
import { anomaliesOf, comparedHours, fewest } from './anomalies.ts';
import { dayRows, hoursOf } from './day.ts';
import { hourRows } from './hour.ts';
import { type IncidentsRead, readIncidents } from './incidents.ts';
import { lostHours } from './lost-hours.ts';
import { type PrometheusSource, readPrometheus } from './prometheus.ts';
import { type DaySpan, daySpan, readLedgerDay } from './read-ledger.ts';
import { snapshotOf, unknownIncidents } from './snapshot.ts';
import { spans } from './span.ts';

type Remembered = Pick<MemoryStore, 'hours'>;

export interface Sources {
  readonly prometheus: PrometheusSource;
  readonly ledger: Ledger;
  /** What was kept before. */
  readonly memory: Remembered;
  /** Text: there is none to ask, or nobody waits for it any more, and why. A whole sentence, for people. */
  readonly escalation: (Omit<EscalationApi, 'timeoutMs'> & { readonly timeoutMs?: number }) | string;
}

/** @throws Error where Prometheus cannot be asked: the hour is made when it can. */
export async function collectHour(
  sources: Pick<Sources, 'prometheus' | 'memory'>,
  hour: string,
): Promise<Batch & Hours> {
  return { job: 'hour', period: hour, rows: await readHour(sources, hour) };
}

interface Hours {
  readonly rows: { readonly metrics_hourly: MetricHour[]; readonly anomalies: Anomaly[] };
}

async function readHour({ prometheus, memory }: Pick<Sources, 'prometheus' | 'memory'>, hour: string) {
  const read = hourRows(hour, await readPrometheus(prometheus, beginOf(hour) + lengthOf(hour), spans['1h']));
  const rows = fuller(read, await memory.hours({ from: hour, to: hour }));
  // Nothing in a gap is unusual.
  const before = rows.every(({ value }) => value === null) ? [] : await compared(memory, hour);
  return { metrics_hourly: rows, anomalies: anomaliesOf(rows, before) };
}

/** None where too few hours are remembered to say what is usual: so young a memory is not asked for all that it does not have. */
async function compared(memory: Remembered, hour: string): Promise<MetricHour[]> {
  const before: MetricHour[] = [];
  const hours = comparedHours(hour).reverse();
  let empty = 0;
  for (const one of hours) {
    const rows = await memory.hours({ from: one, to: one });
    if (rows.length === 0) empty += 1;
    if (hours.length - empty < fewest) return [];
    before.push(...rows);
  }
  return before;
}

/** What Prometheus has lost since, memory has not. */
function fuller(read: MetricHour[], kept: MetricHour[]): MetricHour[] {
  const coverage = (rows: MetricHour[]) => rows[0]?.coverage ?? 0;
  return coverage(kept) > coverage(read) ? kept : read;
}

/**
 * A day, so far (`open`) or for good (`final`). A final one reads its hours anew, when what was late has come: it does not depend on when,
 * or whether, they were read before. @throws Error where something cannot be asked that the day does not do without.
 */
export async function collectDay(sources: Sources, date: string, state: DaySpan['state']): Promise<Batch> {
  const span = daySpan(date, state);
  // First: while it does not answer, nobody else is asked in vain, again and again.
  const { incidents, gaps } = await incidentsOf(sources.escalation, span);
  const { part, decisions, isEmpty, ...read } = await readLedgerDay(sources.ledger, span);
  const own = state === 'final' ? await readHours(sources, span) : undefined;
  const hours = own?.metrics_hourly ?? (await sources.memory.hours({ from: date, to: date }));
  const within = new Set(hoursOf(span));
  const known = hours.filter(({ hour }) => within.has(hour));
  const reading = await readPrometheus(
    sources.prometheus,
    Date.parse(span.untilIso),
    spans[state === 'open' ? '23h' : '24h'],
  );
  const metrics_daily = dayRows(span, known, reading);
  // One day of work that the ledger knows nothing of is no quiet day.
  const unseen = isEmpty ? startedOn(metrics_daily) : 0;
  const eve = hourOf(Date.parse(span.sinceIso) - 1);
  const told = [...(await sources.memory.hours({ from: eve, to: eve })), ...known];
  const lost = lostHours([eve, ...hoursOf(span)], told, read.hours, read.before, Date.parse(span.cutoffIso));
  const parts = { ledger: part, isEmpty, unseen, lost, decisions, hours: known, incidents, incidentGaps: gaps };
  return {
    ...{ job: state === 'open' ? 'day-so-far' : 'day', period: date },
    rows: {
      snapshots: [snapshotOf(span, parts)],
      decisions_log: decisions,
      metrics_daily,
      ...own,
    },
  };
}

/** Tasks, by Prometheus. */
function startedOn(rows: readonly MetricDay[]): number {
  const all = rows.find(({ metric, labels }) => metric === 'tasks_started' && Object.keys(labels).length === 0);
  return Math.round(all?.value ?? 0);
}

async function readHours(sources: Sources, span: DaySpan): Promise<Hours['rows']> {
  const all: Hours['rows'] = { metrics_hourly: [], anomalies: [] };
  for (const hour of hoursOf(span)) {
    const { metrics_hourly, anomalies } = await readHour(sources, hour);
    all.metrics_hourly.push(...metrics_hourly);
    all.anomalies.push(...anomalies);
  }
  return all;
}

/**
 * A day so far does without: it is made anew tomorrow. A final one is made once, and the service will still know: its silence is an error, and
 * the day is made when it answers. Who has no such service, or gives up waiting for it, says so instead of naming it.
 */
async function incidentsOf(escalation: Sources['escalation'], span: DaySpan): Promise<IncidentsRead> {
  if (typeof escalation === 'string') return { incidents: unknownIncidents, gaps: [escalation] };
  try {
    return await readIncidents(escalation, span);
  } catch (error) {
    if (span.state === 'final') throw error;
    return { incidents: unknownIncidents, gaps: [`Incidents are not known. ${(error as Error).message}`] };
  }
}
