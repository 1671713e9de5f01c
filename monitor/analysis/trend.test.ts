import { expect, test } from 'vitest';
import { beginOf, CourseSummary, stretchMs } from '../store/course.ts';
import type { Sample, Stretch } from '../store/store.ts';
import { type CostEstimate, estimateCost } from './cost-estimate.ts';
import { trend as trendOf } from './trend.ts';

type TrendSample = Omit<Sample, 'agent_name' | 'operation'>;

/** Default: looked at when the stretch of the last one is just over. */
function trend(samples: readonly TrendSample[], stretch: Stretch, lookedAtMs = endOf(samples, stretch)) {
  const course = new CourseSummary(stretch);
  for (const sample of samples) course.count(sample);
  return trendOf(course.rows(), stretch, lookedAtMs);
}

function endOf(samples: readonly TrendSample[], stretch: Stretch): number {
  const last = Math.max(...samples.map(({ started_at }) => Date.parse(started_at)), 0);
  return beginOf(stretch, last) + stretchMs[stretch];
}

const sample = (started_at: string, different: Partial<TrendSample> = {}): TrendSample => ({
  ...{ status: 'completed', started_at, duration_ms: 1000, cost_micro_usd: 10 },
  ...different,
});
/** Lengths are told within 1 %. */
const within = (ms: number) => expect.closeTo(ms, -Math.log10(ms / 50));
const days = (count: number, of: (day: number) => Partial<TrendSample>[]) =>
  Array.from({ length: count }, (_, day) =>
    of(day).map((one) => sample(new Date(Date.UTC(2026, 10, 1 + day, 12)).toISOString(), one)),
  ).flat();

test('R05 days are days in UTC, empty ones are there, weeks begin on Monday', () => {
  const seen = trend(
    [
      sample('2026-11-01T23:59:59.999Z', { status: 'failed', duration_ms: 50 }),
      sample('2026-11-02T00:00:00.000Z', { status: 'in_progress', duration_ms: null, cost_micro_usd: null }),
      sample('2026-11-04T10:00:00.000Z'),
    ],
    'day',
  );
  expect(seen.points).toEqual([
    {
      at: '2026-11-01T00:00:00.000Z',
      executions: 1,
      failed: 1,
      error_rate: 1,
      p50_ms: 50,
      p95_ms: 50,
      cost_micro_usd: 10,
    },
    {
      at: '2026-11-02T00:00:00.000Z',
      executions: 1,
      failed: 0,
      error_rate: null,
      p50_ms: null,
      p95_ms: null,
      cost_micro_usd: null,
    },
    {
      at: '2026-11-03T00:00:00.000Z',
      executions: 0,
      failed: 0,
      error_rate: null,
      p50_ms: null,
      p95_ms: null,
      cost_micro_usd: 0,
    },
    {
      at: '2026-11-04T00:00:00.000Z',
      executions: 1,
      failed: 0,
      error_rate: 0,
      p50_ms: within(1000),
      p95_ms: within(1000),
      cost_micro_usd: 10,
    },
  ]);
  expect(trend([sample('2026-11-01T12:00:00.000Z')], 'week').points[0]?.at).toBe('2026-10-26T00:00:00.000Z');
  expect(trend([sample('2026-11-02T00:00:00.000Z')], 'week').points[0]?.at).toBe('2026-11-02T00:00:00.000Z');
  expect(trend([], 'day').points).toEqual([]);
});

test('R05 what grows is rising, even with a day that strays; what goes up and down is not', () => {
  const slower = days(15, (day) => [{ duration_ms: day === 7 ? 90_000 : 1000 + 100 * day }]);
  expect(trend(slower, 'day').directions.p50_ms).toMatchObject({ verdict: 'rising', slope: within(100) });
  const reversed = days(15, (day) => [{ duration_ms: 3000 - 100 * day }]);
  expect(trend(reversed, 'day').directions.p50_ms.verdict).toBe('falling');
  const upAndDown = days(15, (day) => [{ duration_ms: 1000 + (day % 2) * 500 }]);
  expect(trend(upAndDown, 'day').directions.p50_ms).toMatchObject({ verdict: 'unclear', low: expect.any(Number) });
  expect(
    trend(
      days(5, (day) => [{ duration_ms: 1000 + 100 * day }]),
      'day',
    ).directions.p50_ms,
  ).toEqual({
    ...{ verdict: 'too_few', slope: null, low: null, high: null },
  });
});

test('R05 the day that is under way bends no line', () => {
  const steady = days(12, (day) => Array(day === 11 ? 1 : 50).fill({}));
  const noon = Date.UTC(2026, 10, 12, 13);
  expect(trend(steady, 'day', noon).directions.executions).toMatchObject({ verdict: 'unclear', slope: 0 });
  expect(trend(steady, 'day', noon).points).toHaveLength(12);
});

test('R05 that work has stopped is seen: days without any count up to the one that is looked at', () => {
  const until = (day: number, hour: number) => Date.UTC(2026, 10, day, hour);
  const stopped = (lookedAtMs: number) =>
    trend(
      days(20, () => Array(30).fill({})),
      'day',
      lookedAtMs,
    );
  const seen = stopped(until(30, 9));
  expect(seen.points).toHaveLength(29);
  expect(seen.points.at(-1)).toEqual({
    ...{ at: '2026-11-29T00:00:00.000Z', executions: 0, failed: 0, error_rate: null },
    ...{ p50_ms: null, p95_ms: null, cost_micro_usd: 0 },
  });
  // Ten days less and less, then none: what began still says nothing of how long it took.
  const fading = days(10, (day) => Array(30 - day).fill({}));
  const { directions } = trend(fading, 'day', until(16, 0));
  expect(directions).toMatchObject({ executions: { verdict: 'falling' }, cost_micro_usd: { verdict: 'falling' } });
  expect(directions.p50_ms).toMatchObject({ verdict: 'unclear', slope: 0 });
  // Most days are alike, so that no line leads down; it has stopped all the same.
  expect(stopped(until(29, 0)).directions.executions).toMatchObject({ verdict: 'falling', slope: 0 });
  expect(stopped(until(22, 0)).directions.executions).toMatchObject({ verdict: 'unclear', slope: 0 });
  // One that has only just begun has stopped nothing.
  expect(stopped(until(21, 9)).points).toHaveLength(20);
  expect(trend([], 'day', until(21, 9)).points).toEqual([]);
});

test('R05 an estimate says what a run will cost, and how sure that is', () => {
  const ended = (cost_micro_usd: number | null, unpriced_calls = 0) => ({
    status: 'completed' as const,
    cost_micro_usd,
    unpriced_calls,
  });
  const runs = Array.from({ length: 100 }, (_, i) => ended(1000 + 10 * i));
  const one = estimateCost([...runs, ended(null), ended(5, 1), { ...ended(9e9), status: 'running' }]);
  expect(one).toMatchObject({
    sample: 100,
    unknown: 2,
    p50_micro_usd: 1490,
    p90_micro_usd: 1890,
    expected_micro_usd: 1495,
  });
  const ten = estimateCost(runs, { runs: 10 });
  const thousand = estimateCost(runs, { runs: 1000 });
  for (const [seen, count] of [
    [ten, 10],
    [thousand, 1000],
  ] as const) {
    expect(seen?.expected_micro_usd).toBeCloseTo(1495 * count);
    expect(seen?.low_micro_usd).toBeLessThan(1495 * count);
    expect(seen?.high_micro_usd).toBeGreaterThan(1495 * count);
  }
  // Many together stray less, each.
  const reach = (seen: typeof ten, count: number) => ((seen?.high_micro_usd ?? 0) - (seen?.low_micro_usd ?? 0)) / count;
  expect(reach(ten, 10)).toBeLessThan(reach(one, 1));
  expect(reach(thousand, 1000)).toBeLessThan(reach(ten, 10));
  expect(estimateCost(runs, { runs: 10 })).toEqual(ten);
  expect(estimateCost(runs.slice(0, 9))).toBeUndefined();
  expect(estimateCost(runs.slice(0, 10))).toBeDefined();
  expect(estimateCost([])).toBeUndefined();
});

/** Small, and the same each time. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
}

test.each([
  // Sample, runs to come.
  [10, 10],
  [10, 500],
  [30, 1],
  [30, 50],
  [100, 100],
  [101, 100],
  [201, 200],
  [201, 201],
  [400, 200],
])('R05 an estimate by %i runs of %i to come holds as often as it says', (sample, runs) => {
  const random = seeded(1000 * sample + runs);
  const gauss = () => Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
  // Few are dear, as of model calls.
  const cost = () => Math.exp(7 + 0.5 * gauss());
  const times = 120;
  let held = 0;
  for (let time = 0; time < times; time++) {
    const like = Array.from({ length: sample }, () => ({
      ...{ status: 'completed' as const, cost_micro_usd: cost(), unpriced_calls: 0 },
    }));
    const { low_micro_usd: low, high_micro_usd: high } = estimateCost(like, { runs }) as CostEstimate;
    const spent = Array.from({ length: runs }, cost).reduce((sum, one) => sum + one, 0);
    if (spent >= low && spent <= high) held += 1;
  }
  // 0.9 but for chance, and for the tail that a small sample has not seen. Without that of the mean it is 0.74.
  expect(held / times).toBeGreaterThan(0.82);
  expect(held / times).toBeLessThan(0.98);
});
