import { describe, expect, test } from 'vitest';
import { compare, type Sample } from './compare.ts';
import { designEffect, difference, quantileEstimate, relativeChange, shareEstimate } from './interval.ts';

/** The same numbers each time: evenly over 0 to 1, then in no order. */
function random(seed: number): () => number {
  let state = seed * 2_654_435_761;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x6d2b79f5) | 0;
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32;
  };
}

/** Times as agents take them: most are short, some very long. */
function samples(count: number, seed: number, { slower = 1, failing = 0.05, dearer = 1 } = {}): Sample[] {
  const next = random(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  return Array.from({ length: count }, () => ({
    agent_name: 'code',
    operation: 'write',
    status: next() < failing ? 'failed' : 'completed',
    duration_ms: Math.round(2000 * slower * Math.exp(normal())),
    cost_micro_usd: Math.round(500 * dearer * Math.exp(normal())),
  }));
}
const verdicts = (before: Sample[], after: Sample[], options = {}) =>
  Object.fromEntries(
    compare(before, after, options).groups[0]?.measures.map(({ measure, verdict }) => [measure, verdict]) ?? [],
  );

describe('R05 a regression between two periods', () => {
  test('R05 twice as slow, twice as dear and failing more is seen, with the interval that the truth is in', () => {
    const seen = compare(samples(400, 1), samples(400, 2, { slower: 2, failing: 0.25, dearer: 2 }));
    expect(seen.regressions).toBe(4);
    const [p50, , errors] = seen.groups[0]?.measures ?? [];
    expect(p50).toMatchObject({ measure: 'p50_ms', verdict: 'regression', unit: 'relative' });
    expect(p50?.low).toBeGreaterThan(0.1);
    expect(p50?.low).toBeLessThan(1);
    expect(p50?.high).toBeGreaterThan(1);
    expect(errors).toMatchObject({ measure: 'error_rate', unit: 'absolute', before_count: 400 });
    expect(errors?.low).toBeLessThan(0.2);
    expect(errors?.high).toBeGreaterThan(0.2);
  });

  test('R05 the other way round it is an improvement', () => {
    const better = verdicts(samples(400, 2, { slower: 2, failing: 0.25, dearer: 2 }), samples(400, 1));
    expect(new Set(Object.values(better))).toEqual(new Set(['improvement']));
  });

  test('R05 of two hundred quiet pairs at most one in twenty is told as a regression, though their numbers always differ', () => {
    let told = 0;
    let different = 0;
    for (let pair = 0; pair < 200; pair++) {
      const seen = compare(samples(60, 2 * pair), samples(60, 2 * pair + 1), { tolerance: 0, errorTolerance: 0 });
      if (seen.regressions > 0) told += 1;
      if (seen.groups[0]?.measures.some(({ change }) => (change ?? 0) > 0.1)) different += 1;
    }
    expect(told).toBeLessThanOrEqual(10);
    // By a bare difference most of them would be.
    expect(different).toBeGreaterThan(120);
  });

  test('R05 few executions are not compared, whatever their numbers are', () => {
    const [was, is] = [samples(19, 1), samples(400, 2, { slower: 50 })];
    expect(verdicts(was, is)).toMatchObject({ p50_ms: 'too_few', error_rate: 'too_few' });
    expect(compare(was, is).groups[0]).toMatchObject({
      verdict: 'too_few',
      measures: [{ change: null, before_count: expect.any(Number) }, {}, {}, {}],
    });
    expect(verdicts(samples(60, 1), is)).toMatchObject({ p50_ms: 'regression' });
  });

  test('R05 a change that is sure but that nobody minds is none', () => {
    const [was, is] = [samples(100_000, 1), samples(100_000, 2, { slower: 1.05 })];
    expect(verdicts(was, is)).toMatchObject({ p50_ms: 'steady', error_rate: 'steady' });
    expect(verdicts(was, is, { tolerance: 0.01 })).toMatchObject({ p50_ms: 'regression' });
  });

  test('R05 the more is compared, the surer each has to be', () => {
    const agents = (list: Sample[]) =>
      list.flatMap((one) => ['a', 'b', 'c'].map((agent_name) => ({ ...one, agent_name })));
    const [alone, together] = [
      compare(samples(50, 1), samples(50, 2)),
      compare(agents(samples(50, 1)), agents(samples(50, 2))),
    ];
    expect(alone.interval_confidence).toBeCloseTo(1 - 0.05 / 4);
    expect(together.interval_confidence).toBeCloseTo(1 - 0.05 / 12);
  });

  test('R05 what still runs is left out, what is new or gone is named, money that is not known is not 0', () => {
    const running = samples(100, 3).map((one) => ({ ...one, status: 'in_progress' as const, duration_ms: null }));
    const unpriced = samples(50, 1).map((one) => ({ ...one, cost_micro_usd: null }));
    const seen = compare(
      [...unpriced, { ...(unpriced[0] as Sample), agent_name: 'old', operation: null }],
      [...unpriced, ...running, { ...(unpriced[0] as Sample), agent_name: 'new' }],
    );
    expect(seen).toMatchObject({ only_before: ['old'], only_after: ['new write'], regressions: 0 });
    const [p50, , , cost] = seen.groups[0]?.measures ?? [];
    expect(p50).toMatchObject({ verdict: 'steady', change: 0 });
    expect(cost).toMatchObject({ verdict: 'too_few', before: null, after_count: 0 });
    expect(compare([], [])).toMatchObject({ groups: [], regressions: 0 });
  });
});

describe('R05 intervals', () => {
  test('R05 hold the true quantile as often as they say', () => {
    const held = (of1: number, n: number) => {
      let count = 0;
      for (let trial = 0; trial < 400; trial++) {
        const next = random(trial * 31 + n);
        const seen = quantileEstimate(Float64Array.from({ length: n }, next).sort(), of1, 0.95);
        if (seen && seen.low <= of1 && of1 <= seen.high) count += 1;
      }
      return count / 400;
    };
    for (const [of1, n] of [
      [0.5, 25],
      [0.95, 100],
      [0.95, 3000],
    ] as const)
      expect(held(of1, n)).toBeGreaterThan(0.92);
  });

  test('R05 of a sample that is too small for a quantile is open on that side', () => {
    const ten = Float64Array.from({ length: 10 }, (_, i) => i + 1);
    expect(quantileEstimate(ten, 0.95, 0.95)).toEqual({ value: 10, low: 8, high: Number.POSITIVE_INFINITY });
    expect(quantileEstimate(new Float64Array(), 0.5, 0.95)).toBeUndefined();
  });

  test('R05 of shares are those of Wilson and Newcombe, as published', () => {
    // R. G. Newcombe, Statistics in Medicine 17 (1998), table II: 56/70 − 48/80 lies in 0.0524 to 0.3339.
    const [a, b] = [shareEstimate(48, 80, 0.95), shareEstimate(56, 70, 0.95)];
    const seen = difference(a as NonNullable<typeof a>, b as NonNullable<typeof b>);
    expect(seen.value).toBeCloseTo(0.2, 6);
    expect(seen.low).toBeCloseTo(0.0524, 3);
    expect(seen.high).toBeCloseTo(0.3339, 3);
    expect(shareEstimate(0, 0, 0.95)).toBeUndefined();
    expect(relativeChange({ value: 0, low: 0, high: 1 }, { value: 1, low: 1, high: 1 })).toBeUndefined();
  });

  test('M02 of shares are wider where what is counted comes on few days, and never narrower than of as many alone', () => {
    const days = (...counts: readonly number[]) => counts.map((count) => ({ count, total: 10 }));
    // All on one day of two: (2 / 1) × (5² + 5²) / (20 × 0.5 × 0.5).
    expect(designEffect(days(0, 10))).toBeCloseTo(20, 9);
    expect(designEffect(days(5, 5))).toBe(1);
    expect([designEffect([]), designEffect(days(5)), designEffect(days(0, 0)), designEffect(days(10, 10))]).toEqual([
      ...[1, 1, 1, 1],
    ]);
    // A day without any work tells nothing.
    expect(designEffect([...days(0, 10), { count: 0, total: 0 }])).toBeCloseTo(20, 9);
    expect(shareEstimate(40, 100, 0.95, 4)).toEqual(shareEstimate(10, 25, 0.95));
  });

  test('M02 of shares hold about as often as they say, when days differ', () => {
    const held = (isOfDays: boolean) => {
      let count = 0;
      for (let trial = 0; trial < 400; trial++) {
        const next = random(trial * 17 + 5);
        // Each day has a share of its own, 0.05 or 0.35: in the long run 0.2.
        const days = Array.from({ length: 28 }, () => {
          const share = next() < 0.5 ? 0.05 : 0.35;
          return { count: Array.from({ length: 40 }, next).filter((one) => one < share).length, total: 40 };
        });
        const failed = days.reduce((sum, day) => sum + day.count, 0);
        const seen = shareEstimate(failed, 28 * 40, 0.95, isOfDays ? designEffect(days) : 1);
        if (seen && seen.low <= 0.2 && 0.2 <= seen.high) count += 1;
      }
      return count / 400;
    };
    expect(held(true)).toBeGreaterThan(0.91);
    expect(held(false)).toBeLessThan(0.8);
  });
});
