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
  /** `unclear`: it may be chance. Where most points are alike, it may rise or fall with a slope of 0: it stopped at the end. */
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
 * bend. `lookedAtMs`: now, or the end of what is looked at: nothing having begun until then is told, too. A stretch that is
 * under way then is shown where something began in it, but it is not whole, and bends no line. (R05)
 */
export function trend(course: readonly Course[], stretch: Stretch, lookedAtMs: number, confidence = 0.95): Trend {
  const seen = new Map(course.map((one) => [Date.parse(one.at), one]));
  const [first, seenLast] = [course[0], course.at(-1)].map((one) => one && Date.parse(one.at));
  const underWay = beginOf(stretch, lookedAtMs);
  const last = Math.max(seenLast ?? 0, underWay - stretchMs[stretch]);
  const points: TrendPoint[] = [];
  for (let at = first ?? Number.POSITIVE_INFINITY; at <= last && points.length < longest; at += stretchMs[stretch])
    points.push(pointOf(new Date(at).toISOString(), seen.get(at)));
  const whole = points.filter(({ at }) => Date.parse(at) < underWay);
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

/** Of values at equal distances; null: not known there. */
export function directionOf(values: readonly (number | null)[], confidence = 0.95): Direction {
  const known = values.flatMap((y, x) => (y === null ? [] : [{ x, y }]));
  const slope = known.length < fewest ? undefined : slopeOf(known, confidence);
  if (!slope) return { verdict: 'too_few', slope: null, low: null, high: null };
  const { value, low, high, sign } = slope;
  return { verdict: sign > 0 ? 'rising' : sign < 0 ? 'falling' : 'unclear', slope: value, low, high };
}

/**
 * Theil–Sen, with Sen's interval: https://en.wikipedia.org/wiki/Theil–Sen_estimator. `sign`: where it leads, by the test of
 * Mann and Kendall, which heeds values that are alike; 0: that may be chance.
 */
function slopeOf(points: readonly { x: number; y: number }[], confidence: number): Estimate & { sign: number } {
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
  const z = zOf(confidence);
  const variance = (of: number) => (of * (of - 1) * (2 * of + 5)) / 18;
  const reach = z * Math.sqrt(variance(n));
  const alike = [...Map.groupBy(used, ({ y }) => y).values()];
  const strays = variance(n) - alike.reduce((sum, { length }) => sum + variance(length), 0);
  const risen = slopes.reduce((sum, slope) => sum + Math.sign(slope), 0);
  const at = (rank: number) => sorted[Math.min(sorted.length, Math.max(1, rank)) - 1] as number;
  return {
    value: quantile(sorted, 0.5) as number,
    low: at(Math.floor((sorted.length - reach) / 2)),
    high: at(Math.ceil((sorted.length + reach) / 2) + 1),
    sign: Math.abs(risen) - 1 > z * Math.sqrt(strays) ? Math.sign(risen) : 0,
  };
}
