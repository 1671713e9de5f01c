/** A day as it is remembered. Pure: sums of the rows of its hours, and what does not add up as Prometheus answers it for the whole day. (M03) */
import { beginOf, hourOf } from '../periods.ts';
import type { MetricDay, MetricHour } from '../record.ts';
import { byName, gapOf, type Measured, measured, nameOf, shareRows } from './hour.ts';
import type { Reading } from './prometheus.ts';
import type { DaySpan } from './read-ledger.ts';
import { metrics } from './remembered.ts';

const hourMs = 3_600_000;

/** The hours of a day that are over when it is told. */
export function hoursOf({ sinceIso, untilIso }: DaySpan): string[] {
  const [begin, end] = [Date.parse(sinceIso), Date.parse(untilIso)];
  return Array.from({ length: Math.floor((end - begin) / hourMs) }, (_, i) => hourOf(begin + i * hourMs));
}

/** @param hours rows of the hours of the day. An hour that has none counts as one that nobody measured. */
export function dayRows(span: DaySpan, hours: readonly MetricHour[], { answers }: Reading): MetricDay[] {
  const coverage = coverageOf(span, hours);
  const rows = metrics.flatMap(({ metric, unit, ofDay }) =>
    ofDay === 'asked'
      ? measured(metric, unit, coverage, answers.get(metric) ?? [])
      : sums(
          hours.filter((row) => row.metric === metric),
          unit,
          coverage,
        ),
  );
  return [...rows, ...shareRows(rows)].sort(byName).map((row) => ({ date: span.date, ...row }));
}

/** By hour, how much of it was measured. */
export function coverages(hours: readonly MetricHour[]): ReadonlyMap<string, number> {
  return new Map(hours.map(({ hour, coverage }) => [hour, coverage]));
}

function coverageOf(span: DaySpan, hours: readonly MetricHour[]): number {
  const known = coverages(hours);
  const all = hoursOf(span);
  const sum = all.reduce((total, hour) => total + (known.get(hour) ?? 0), 0);
  return all.length === 0 ? 0 : Number((sum / all.length).toPrecision(4));
}

function sums(rows: readonly MetricHour[], unit: string, coverage: number): Measured[] {
  const groups = Map.groupBy(rows, ({ labels }) => nameOf(labels));
  return [...groups.values()].map((some): Measured => {
    const { metric, labels } = some[0] as MetricHour;
    const values = some.toSorted((a, b) => beginOf(a.hour) - beginOf(b.hour)).flatMap(({ value }) => value ?? []);
    const value = values.length === 0 ? null : rounded(values.reduce((sum, one) => sum + one, 0));
    return { metric, labels, value, unit, coverage, gap: value === null ? gapOf(coverage) : null };
  });
}

/** Of decimal fractions no dust is told. */
function rounded(value: number): number {
  return Number(value.toPrecision(12));
}
