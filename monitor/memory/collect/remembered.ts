/** Which metrics are remembered, and how each is asked for: what measures.ts declares, without what it takes to check a query. */
import made from './measures.json' with { type: 'json' };
import type { Span } from './span.ts';

export interface Metric {
  /** As it is in the rows. */
  readonly metric: string;
  /** Of the catalogue. */
  readonly unit: string;
  /** A day is the sum of its hours, or is asked for anew: the greatest, percentiles and numbers of different things do not add up. */
  readonly ofDay: 'sum' | 'asked';
  /** A change that nobody minds, in its unit: see anomalies.ts. */
  readonly least: number;
  readonly questions: { readonly [Text in Span['text']]?: readonly Question[] };
}

export interface Question {
  readonly query: string;
  /** By which of its labels its answers are added up; by none: everything together. What does not add up has a question for each. */
  readonly sums: readonly (readonly string[])[];
  /** Its answers are buckets, by `le`: once added up, this quantile of them, in 1, is the value. */
  readonly quantile?: number;
}

export const metrics = made.metrics as readonly Metric[];

/** How many scrapes of itself Prometheus has of a time. */
export const scrapes: Readonly<Record<Span['text'], string>> = made.scrapes;

/** Shares of what others count. Who counts what went well sends no failures before the first one: then there were none. */
export const shares = [
  { ...{ metric: 'error_rate', unit: '1', least: 0.02 }, part: 'tasks_failed', rest: 'tasks_completed' },
] as const;
