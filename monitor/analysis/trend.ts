/** How things develop from one stretch of time to the next. Pure. */
import { beginOf, stretchMs } from '../store/course.ts';
import type { Course, Stretch } from '../store/store.ts';
import { type Estimate, quantile, zOf } from './interval.ts';

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

/** Of fewer points everything can be read. */
const fewest = 6;
/** Between so many points there are lines enough. */
const most = 300;
/** Points; a clock that was wrong by decades fills no memory. */
const longest = 10_000;

/**
 * The course of executions, stretch by stretch without a gap, and where it leads: the Theil–Sen slope, which strays do not
 * bend. `lookedAtMs`: now; a stretch that is under way then is shown, but not whole, and bends no line. (R05)
 */
export function trend(course: readonly Course[], stretch: Stretch, lookedAtMs: number, confidence = 0.95): Trend {
  const seen = new Map(course.map((one) => [Date.parse(one.at), one]));
  const [first = 0, last = -1] = [course[0]?.at, course.at(-1)?.at].flatMap((at) => (at ? Date.parse(at) : []));
  const points: TrendPoint[] = [];
  for (let at = first; at <= last && points.length < longest; at += stretchMs[stretch])
    points.push(pointOf(new Date(at).toISOString(), seen.get(at)));
  const isUnderWay = last >= beginOf(stretch, lookedAtMs);
  const whole = isUnderWay ? points.slice(0, -1) : points;
  const direction = (measure: Measure) =>
    directionOf(
      whole.map((point) => point[measure]),
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

function pointOf(at: string, seen: Course | undefined): TrendPoint {
  if (!seen) return { at, executions: 0, failed: 0, error_rate: null, p50_ms: null, p95_ms: null, cost_micro_usd: 0 };
  const { executions, in_progress, failed, p50_ms, p95_ms, cost_micro_usd } = seen;
  const ended = executions - in_progress;
  return { at, executions, failed, error_rate: ended === 0 ? null : failed / ended, p50_ms, p95_ms, cost_micro_usd };
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
