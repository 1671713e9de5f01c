/** How things develop from one stretch of time to the next. Pure. */
import type { AgentExecution } from '../ledger/record.ts';
import { type Estimate, quantile, zOf } from './interval.ts';
import { sumMicroUsd } from './money.ts';

export type Stretch = 'hour' | 'day' | 'week';

export type TrendSample = Pick<AgentExecution, 'status' | 'started_at' | 'duration_ms' | 'cost_micro_usd'>;

export interface TrendPoint {
  /** When the stretch begins, in UTC; weeks begin on Monday. */
  readonly at: string;
  readonly executions: number;
  readonly failed: number;
  /** Of what has ended. */
  readonly error_rate: number | null;
  readonly p50_ms: number | null;
  readonly p95_ms: number | null;
  readonly cost_micro_usd: number | null;
}

export type Measure = 'executions' | 'error_rate' | 'p50_ms' | 'p95_ms' | 'cost_micro_usd';

export interface Direction {
  /** `unclear`: the interval holds rising and falling. */
  readonly verdict: 'rising' | 'falling' | 'unclear' | 'too_few';
  /** Per stretch, in the measure's own unit, and what it lies between. */
  readonly slope: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

export interface Trend {
  readonly stretch: Stretch;
  readonly points: readonly TrendPoint[];
  readonly directions: Readonly<Record<Measure, Direction>>;
}

const lengthMs: Record<Stretch, number> = { hour: 3_600_000, day: 86_400_000, week: 604_800_000 };
/** 1970 began on a Thursday. */
const mondayMs = 4 * 86_400_000;
/** Of fewer points everything can be read. */
const fewest = 6;
/** Between so many points there are lines enough. */
const most = 300;

/** The course of executions, stretch by stretch without a gap, and where it leads: the Theil–Sen slope, which strays do not bend. (R05) */
export function trend(samples: Iterable<TrendSample>, stretch: Stretch, confidence = 0.95): Trend {
  const offset = stretch === 'week' ? mondayMs : 0;
  const numberOf = (iso: string) => Math.floor((Date.parse(iso) - offset) / lengthMs[stretch]);
  const stretches = new Map<number, Gathered>();
  for (const { status, started_at, duration_ms, cost_micro_usd } of samples) {
    const number = numberOf(started_at);
    const gathered = stretches.get(number) ?? { executions: 0, ended: 0, failed: 0, took: [], costs: [] };
    stretches.set(number, gathered);
    gathered.executions += 1;
    if (status !== 'in_progress') gathered.ended += 1;
    if (status === 'failed') gathered.failed += 1;
    if (status === 'completed' && duration_ms !== null) gathered.took.push(duration_ms);
    gathered.costs.push(cost_micro_usd);
  }
  const points: TrendPoint[] = [];
  const numbers = [...stretches.keys()].sort((a, b) => a - b);
  const [first = 0, last = -1] = [numbers[0], numbers.at(-1)];
  for (let number = first; number <= last && points.length < longest; number++) {
    const at = new Date(number * lengthMs[stretch] + offset).toISOString();
    points.push(pointOf(at, stretches.get(number)));
  }
  const direction = (measure: Measure) =>
    directionOf(
      // The last one is under way, most often: its sums are not whole.
      points.slice(0, -1).map((point) => point[measure]),
      confidence,
    );
  return {
    stretch,
    points,
    directions: {
      executions: direction('executions'),
      error_rate: direction('error_rate'),
      p50_ms: direction('p50_ms'),
      p95_ms: direction('p95_ms'),
      cost_micro_usd: direction('cost_micro_usd'),
    },
  };
}

/** Points; a clock that was wrong by decades fills no memory. */
const longest = 10_000;

interface Gathered {
  executions: number;
  ended: number;
  failed: number;
  readonly took: number[];
  readonly costs: (number | null)[];
}

function pointOf(at: string, gathered: Gathered | undefined): TrendPoint {
  if (!gathered) {
    const none = { error_rate: null, p50_ms: null, p95_ms: null, cost_micro_usd: 0 };
    return { at, executions: 0, failed: 0, ...none };
  }
  const { executions, ended, failed, costs } = gathered;
  const took = Float64Array.from(gathered.took).sort();
  return {
    ...{ at, executions, failed, error_rate: ended === 0 ? null : failed / ended },
    ...{ p50_ms: quantile(took, 0.5) ?? null, p95_ms: quantile(took, 0.95) ?? null },
    cost_micro_usd: sumMicroUsd(costs),
  };
}

function directionOf(values: readonly (number | null)[], confidence: number): Direction {
  const known = values.flatMap((y, x) => (y === null ? [] : [{ x, y }]));
  const slope = known.length < fewest ? undefined : slopeOf(known, confidence);
  if (!slope) return { verdict: 'too_few', slope: null, low: null, high: null };
  const { value, low, high } = slope;
  return { verdict: low > 0 ? 'rising' : high < 0 ? 'falling' : 'unclear', slope: value, low, high };
}

/** Theil–Sen, with Sen's interval: https://en.wikipedia.org/wiki/Theil–Sen_estimator */
function slopeOf(points: readonly { x: number; y: number }[], confidence: number): Estimate {
  // Evenly thinned out: all pairs of very many points are too many.
  const every = Math.ceil(points.length / most);
  const used = points.filter((_, index) => index % every === 0);
  const slopes: number[] = [];
  for (let i = 0; i < used.length; i++)
    for (let j = i + 1; j < used.length; j++) {
      const [a, b] = [used[i] as (typeof used)[0], used[j] as (typeof used)[0]];
      slopes.push((b.y - a.y) / (b.x - a.x));
    }
  const sorted = Float64Array.from(slopes).sort();
  const n = used.length;
  const reach = zOf(confidence) * Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18);
  const at = (rank: number) => sorted[Math.min(sorted.length, Math.max(1, rank)) - 1] as number;
  return {
    value: quantile(sorted, 0.5) as number,
    low: at(Math.floor((sorted.length - reach) / 2)),
    high: at(Math.ceil((sorted.length + reach) / 2) + 1),
  };
}
