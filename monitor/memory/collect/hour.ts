/** An hour as it is remembered. Pure: from answers of Prometheus to rows. (M03) */
import type { MetricDay, MetricHour } from '../record.ts';
import type { Answer, Reading } from './prometheus.ts';
import { metrics, shares } from './remembered.ts';

export type Measured = Omit<MetricHour, 'hour'>;

export function hourRows(hour: string, { coverage, answers }: Reading): MetricHour[] {
  const rows = metrics.flatMap(({ metric, unit }) => measured(metric, unit, coverage, answers.get(metric) ?? []));
  return [...rows, ...shareRows(rows)].sort(byName).map((row) => ({ hour, ...row }));
}

/** One row for each answer, and always one of everything together: without a value it says why. */
export function measured(metric: string, unit: string, coverage: number, answers: readonly Answer[]): Measured[] {
  const hasAll = answers.some(({ labels }) => Object.keys(labels).length === 0);
  const rows = answers.map(({ labels, value }) => ({ metric, labels, value, unit, coverage, gap: null }));
  return hasAll ? rows : [{ metric, labels: {}, value: null, unit, coverage, gap: gapOf(coverage) }, ...rows];
}

/** Samples may be there that came late, of a time when Prometheus was not: then there is a value, and no gap. */
export function gapOf(coverage: number): MetricHour['gap'] {
  return coverage > 0 ? 'nothing sent' : 'prometheus';
}

export function shareRows(rows: readonly Measured[]): Measured[] {
  return shares.flatMap(({ metric, unit, part, rest }) => {
    const of = (name: string) => rows.filter((row) => row.metric === name);
    const labels = new Map([...of(part), ...of(rest)].map((row) => [nameOf(row.labels), row]));
    return [...labels].map(([name, { labels: whose, coverage }]): Measured => {
      const [some, others] = [part, rest].map((one) => of(one).find((row) => nameOf(row.labels) === name)?.value ?? 0);
      const all = (some as number) + (others as number);
      const value = all > 0 ? (some as number) / all : null;
      return { metric, labels: whose, value, unit, coverage, gap: value === null ? gapOf(coverage) : null };
    });
  });
}

/** Keys in order: equal labels are equal text. */
export function nameOf(labels: MetricHour['labels']): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}

export function byName(a: Pick<MetricDay, 'metric' | 'labels'>, b: Pick<MetricDay, 'metric' | 'labels'>): number {
  const [one, other] = [`${a.metric} ${nameOf(a.labels)}`, `${b.metric} ${nameOf(b.labels)}`];
  return one === other ? 0 : one < other ? -1 : 1;
}
