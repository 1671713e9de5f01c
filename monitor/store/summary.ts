/** Sums over rows, and what they come to. */
import { Histogram } from './histogram.ts';
import type { Health, Performance, Sample } from './store.ts';

/** Of so many executions percentiles are exact; of more, within 1 %. */
export const exactly = 20_000;

/** What is added up of a row. */
export interface Countable {
  readonly status: string;
  readonly duration_ms: number | null;
  readonly cost_micro_usd: number | null;
  readonly input_tokens?: number;
  readonly output_tokens?: number;
  readonly unpriced_calls?: number;
}

/** Sums over rows. Money is whole nano-USD, so that taking away leaves nothing behind. */
export class Sums {
  unfinished = 0;
  completed = 0;
  failed = 0;
  partial = 0;
  measured = 0;
  duration_ms = 0;
  priced = 0;
  cost_nano_usd = 0;
  input_tokens = 0;
  output_tokens = 0;
  unpriced_calls = 0;

  /** @param times -1: taken away. */
  count(row: Countable, times: number) {
    const { status, duration_ms, cost_micro_usd, input_tokens = 0, output_tokens = 0, unpriced_calls = 0 } = row;
    this[status === 'completed' || status === 'failed' || status === 'partial' ? status : 'unfinished'] += times;
    if (duration_ms !== null) {
      this.measured += times;
      this.duration_ms += times * duration_ms;
    }
    if (cost_micro_usd !== null) {
      this.priced += times;
      this.cost_nano_usd += times * Math.round(cost_micro_usd * 1000);
    }
    this.input_tokens += times * input_tokens;
    this.output_tokens += times * output_tokens;
    this.unpriced_calls += times * unpriced_calls;
  }

  add(other: Readonly<Record<(typeof sumFields)[number], number>>) {
    for (const field of sumFields) this[field] += other[field];
  }

  get total(): number {
    return this.unfinished + this.completed + this.failed + this.partial;
  }

  /** Micro-USD. Null: nothing is known. */
  get cost(): number | null {
    return this.priced === 0 ? null : this.cost_nano_usd / 1000;
  }
}

export const sumFields = [
  'unfinished',
  'completed',
  'failed',
  'partial',
  'measured',
  'duration_ms',
  'priced',
  'cost_nano_usd',
  'input_tokens',
  'output_tokens',
  'unpriced_calls',
] as const;

export function healthOf(runs: Sums, executions: Sums): Health {
  const { total, unfinished: running, completed, failed, partial } = runs;
  return {
    orchestrations: { total, running, completed, failed, partial },
    executions: {
      total: executions.total,
      in_progress: executions.unfinished,
      completed: executions.completed,
      failed: executions.failed,
    },
    success_rate: total === running ? null : completed / (total - running),
    average_duration_ms: runs.measured === 0 ? null : runs.duration_ms / runs.measured,
    cost_micro_usd: runs.cost,
  };
}

/** From the first begin to the end of the window, or until now. */
export function hoursIn(begin: string | undefined, untilIso: string | undefined, now: number): number {
  if (begin === undefined) return 0;
  return ((untilIso ? Date.parse(untilIso) : now) - Date.parse(begin)) / 3_600_000;
}

export type RollupRow = Sums & { readonly agent_name: string; readonly operation: string; readonly durations: string };

interface Group {
  readonly agent_name: string;
  readonly operation: string | null;
  readonly sums: Sums;
  /** Lengths one by one, while they are few enough. */
  readonly lengths: number[];
  readonly histogram: Histogram;
}

/** Executions per agent and operation. */
export class PerformanceSummary {
  readonly #few: boolean;
  readonly #groups = new Map<string, Group>();

  /** @param few percentiles are to be exact. */
  constructor(few: boolean) {
    this.#few = few;
  }

  count(row: Sample): void {
    const { sums, lengths, histogram } = this.#group(row.agent_name, row.operation);
    sums.count(row, 1);
    if (row.duration_ms === null) return;
    if (this.#few) lengths.push(row.duration_ms);
    else histogram.add(row.duration_ms, 1);
  }

  add(row: RollupRow): void {
    const { sums, histogram } = this.#group(row.agent_name, row.operation);
    sums.add(row);
    histogram.mergeText(row.durations);
  }

  rows(hours: number): Performance[] {
    return [...this.#groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => this.#row(group, hours));
  }

  #row({ agent_name, operation, sums, lengths, histogram }: Group, hours: number): Performance {
    const shares = [0, 0.5, 0.95, 0.99, 1];
    const percentiles = this.#few ? exactPercentiles(lengths, shares) : histogram.percentiles(shares);
    const [min_ms = null, p50_ms = null, p95_ms = null, p99_ms = null, max_ms = null] = percentiles;
    return {
      agent_name,
      operation,
      executions: sums.total,
      failed: sums.failed,
      error_rate: sums.failed / sums.total,
      per_hour: hours > 0 ? sums.total / hours : 0,
      min_ms,
      average_ms: sums.measured === 0 ? null : sums.duration_ms / sums.measured,
      p50_ms,
      p95_ms,
      p99_ms,
      max_ms,
      cost_micro_usd: sums.cost,
    };
  }

  #group(agent_name: string, operation: string | null): Group {
    const name = `${agent_name}\0${operation ?? ''}`;
    const found = this.#groups.get(name) ?? {
      ...{ agent_name, operation: operation || null, sums: new Sums(), lengths: [], histogram: new Histogram() },
    };
    this.#groups.set(name, found);
    return found;
  }
}

/** The smallest length that so many are not above. */
function exactPercentiles(lengths: number[], shares: readonly number[]): (number | null)[] {
  const sorted = Float64Array.from(lengths).sort();
  return shares.map((share) => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? null);
}
