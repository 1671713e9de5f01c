/** Executions added up by hour, day or week of their beginning. */
import { Histogram } from './histogram.ts';
import type { Course, Sample, Stretch } from './store.ts';
import { Sums } from './summary.ts';

export const stretchMs: Record<Stretch, number> = { hour: 3_600_000, day: 86_400_000, week: 604_800_000 };

/** 1970 began on a Thursday; weeks begin on Monday. */
const mondayMs = 4 * 86_400_000;

/** When the stretch begins that a moment is in. */
export function beginOf(stretch: Stretch, atMs: number): number {
  const offset = stretch === 'week' ? mondayMs : 0;
  return Math.floor((atMs - offset) / stretchMs[stretch]) * stretchMs[stretch] + offset;
}

export class CourseSummary {
  readonly #stretch: Stretch;
  readonly #stretches = new Map<number, { readonly sums: Sums; readonly histogram: Histogram }>();

  constructor(stretch: Stretch) {
    this.#stretch = stretch;
  }

  count(row: Omit<Sample, 'agent_name' | 'operation'>): void {
    const { sums, histogram } = this.#at(row.started_at);
    sums.count(row, 1);
    if (row.duration_ms !== null) histogram.add(row.duration_ms, 1);
  }

  /** @param at an hour or a day: `2026-11-26T09`, `2026-11-26`. */
  add(at: string, counted: Sums, durations: string): void {
    const { sums, histogram } = this.#at(at.length > 10 ? `${at}:00Z` : at);
    sums.add(counted);
    histogram.mergeText(durations);
  }

  /** Oldest first. */
  rows(): Course[] {
    return [...this.#stretches]
      .sort(([a], [b]) => a - b)
      .map(([begin, { sums, histogram }]) => {
        const [p50_ms = null, p95_ms = null] = histogram.percentiles([0.5, 0.95]);
        return {
          at: new Date(begin).toISOString(),
          ...{ executions: sums.total, in_progress: sums.unfinished, failed: sums.failed },
          ...{ p50_ms, p95_ms, cost_micro_usd: sums.cost },
        };
      });
  }

  #at(iso: string) {
    const begin = beginOf(this.#stretch, Date.parse(iso));
    const found = this.#stretches.get(begin) ?? { sums: new Sums(), histogram: new Histogram() };
    this.#stretches.set(begin, found);
    return found;
  }
}
