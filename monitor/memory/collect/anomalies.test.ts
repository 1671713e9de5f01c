import { expect, test } from 'vitest';
import { mulberry32 } from '../../analysis/mulberry32.ts';
import { beginOf, hourOf } from '../periods.ts';
import type { MetricHour } from '../record.ts';
import { anomaliesOf, comparedHours } from './anomalies.ts';

const hour = '2026-02-15T09';
const row = (at: string, value: number | null, more: Partial<MetricHour> = {}): MetricHour => ({
  ...{ hour: at, metric: 'tasks_completed', labels: {}, value, unit: '{task}', coverage: 1, gap: null, ...more },
});
const past = (valueAt: (day: number) => number, more: Partial<MetricHour> = {}) =>
  comparedHours(hour).map((at, day) => row(at, valueAt(day), more));

test('M03 a value is compared with those of the same hour on the 28 days before', () => {
  const hours = comparedHours(hour);
  expect(hours).toHaveLength(28);
  expect([hours[0], hours.at(-1)]).toEqual(['2026-01-18T09', '2026-02-14T09']);
});

test('M03 what is far from the usual is told with what is usual, how sure it is, and how that is known', () => {
  const usual = past((day) => 100 + (day % 5));
  const [found, ...others] = anomaliesOf([row(hour, 300)], usual);
  expect(others).toEqual([]);
  expect(found).toMatchObject({
    ...{ hour, metric: 'tasks_completed', value: 300, expected: 102, compared_with: 28, confidence: 0.99 },
    id: expect.stringMatching(/^[0-9a-f]{12}$/),
    method: expect.stringMatching(/^robust z-score: median and MAD of the same hour of 28 days.*Bonferroni/),
  });
  expect(found?.low).toBeLessThan(102);
  expect(found?.high).toBeLessThan(300);
  expect(anomaliesOf([row(hour, 110)], usual)).toEqual([]);
  // The other way, too: an hour with nothing done.
  expect(anomaliesOf([row(hour, 0)], usual)).toHaveLength(1);
});

test('M03 odd days among those before neither hide an anomaly nor make one', () => {
  const usual = past((day) => (day % 7 === 0 ? 5000 : 100 + (day % 3)));
  expect(anomaliesOf([row(hour, 300)], usual)).toHaveLength(1);
  expect(anomaliesOf([row(hour, 102)], usual)).toEqual([]);
});

test('M03 where all days are alike, what nobody minds is the measure', () => {
  const zeros = past(() => 0);
  expect(anomaliesOf([row(hour, 1)], zeros)).toEqual([]);
  expect(anomaliesOf([row(hour, 60)], zeros)).toHaveLength(1);
  const same = past(() => 1000);
  expect(anomaliesOf([row(hour, 1050)], same)).toEqual([]);
  expect(anomaliesOf([row(hour, 3000)], same)).toHaveLength(1);
});

test('M03 of what rarely happens, that it happens is nothing unusual; that it happens all the time is', () => {
  const failures = past((day) => (day % 5 === 0 ? 0.5 : 0), { metric: 'error_rate', unit: '1' });
  const now = (value: number) => anomaliesOf([row(hour, value, { metric: 'error_rate', unit: '1' })], failures);
  expect(now(0.5)).toEqual([]);
  const rare = past((day) => (day % 9 === 0 ? 10 : 0));
  expect(anomaliesOf([row(hour, 12)], rare)).toEqual([]);
  expect(anomaliesOf([row(hour, 200)], rare)).toHaveLength(1);
});

test('M03 a percentile of few is now and then twice as high, which means nothing', () => {
  const times = past((day) => 9 + (day % 3) / 10, { metric: 'task_p95', unit: 's' });
  const now = (value: number) => anomaliesOf([row(hour, value, { metric: 'task_p95', unit: 's' })], times);
  expect(now(20)).toEqual([]);
  expect(now(90)).toHaveLength(1);
});

test('M03 a share of fewer than ten is not looked at', () => {
  const rates = past((day) => (day % 3) / 100, { metric: 'error_rate', unit: '1' });
  const now = (failed: number, completed: number) =>
    anomaliesOf(
      [
        row(hour, failed / (failed + completed), { metric: 'error_rate', unit: '1' }),
        ...[row(hour, failed, { metric: 'tasks_failed' }), row(hour, completed, { metric: 'tasks_completed' })],
      ],
      rates,
    );
  expect(now(2, 2)).toEqual([]);
  expect(now(20, 20)).toHaveLength(1);
});

test('M03 a gap is no anomaly, and an hour that was measured in part is compared with nothing', () => {
  const usual = past(() => 100);
  expect(anomaliesOf([row(hour, null, { gap: 'nothing sent' })], usual)).toEqual([]);
  expect(anomaliesOf([row(hour, 5, { coverage: 0.4 })], usual)).toEqual([]);
  expect(
    anomaliesOf(
      [row(hour, 900)],
      past(() => 100, { coverage: 0.4 }),
    ),
  ).toEqual([]);
  // 13 days say nothing of what is usual; 14 do.
  expect(anomaliesOf([row(hour, 900)], usual.slice(-13))).toEqual([]);
  expect(anomaliesOf([row(hour, 900)], usual.slice(-14))).toHaveLength(1);
  // Of another agent they say nothing.
  expect(anomaliesOf([row(hour, 900, { labels: { agent_name: 'qa' } })], usual)).toEqual([]);
});

test('M03 the more is looked at, the less a single value says', () => {
  const sixfold = (count: number) => {
    const who = (i: number) => ({ labels: { agent_name: `agent-${i}` } });
    const all = Array.from({ length: count }, (_, i) => past((day) => 100 + (day % 21), who(i))).flat();
    const rows = Array.from({ length: count }, (_, i) => row(hour, i === 0 ? 170 : 110, who(i)));
    return anomaliesOf(rows, all)[0]?.confidence ?? 0;
  };
  expect(sixfold(1)).toBeGreaterThan(sixfold(4));
  expect(sixfold(400)).toBe(0);
});

test('M03 a quiet system has at most one false anomaly in twenty days', () => {
  const random = mulberry32(7);
  const spread = () => 1000 + 300 * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  let told = 0;
  const [metrics, daysLooked] = [10, 40];
  for (let one = 0; one < 24 * daysLooked; one++) {
    const who = (i: number) => ({ labels: { agent_name: `agent-${i}` } });
    const all = Array.from({ length: metrics }, (_, i) => past(spread, who(i))).flat();
    told += anomaliesOf(
      Array.from({ length: metrics }, (_, i) => row(hour, spread(), who(i))),
      all,
    ).length;
  }
  expect(told).toBeLessThanOrEqual(daysLooked / 20);
});

/** An hour of a few agents: each has a few tasks, by chance, each of which takes and costs half as much, or twice as much. */
function hourOfFew(
  at: string,
  random: () => number,
  much = 1,
  means: readonly number[] = [0.4, 1.5, 3, 3, 12],
): MetricHour[] {
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const log = (middle: number) => middle * Math.exp(0.5 * normal());
  return means.flatMap((mean, i) => {
    let count = 0;
    for (let left = Math.exp(-mean), product = random(); product > left; product *= random()) count++;
    const each = (middle: number) => Array.from({ length: count }, () => log(middle) * much);
    const sum = (all: readonly number[]) => all.reduce((total, one) => total + one, 0);
    const labels = { agent_name: `agent-${i}` };
    const times = each(4).sort((a, b) => a - b);
    return [
      row(at, count * much, { labels }),
      row(at, sum(each(0.02)), { labels, metric: 'cost', unit: 'USD' }),
      row(at, sum(each(4000)), { labels, metric: 'tokens', unit: '{token}' }),
      row(at, times.at(-1) ?? null, {
        ...{ labels, metric: 'task_p95', unit: 's' },
        gap: count === 0 ? 'nothing sent' : null,
      }),
    ];
  });
}

test.each([
  { tasks: 40, means: [0.1, 0.2, 0.3, 0.5, 0.6], seed: 26 },
  { tasks: 480, means: [0.4, 1.5, 3, 3, 12], seed: 11 },
])('M03 of a small fleet of $tasks tasks a day at most one hour in twenty days is told falsely', ({ means, seed }) => {
  const random = mulberry32(seed);
  const hours = Array.from({ length: 24 * 48 }, (_, i) => hourOf(beginOf('2026-01-01') + i * 3_600_000));
  const rows = new Map(hours.map((at) => [at, hourOfFew(at, random, 1, means)]));
  const of = (at: string) => rows.get(at) ?? [];
  const told = hours.slice(24 * 28).filter((at) => anomaliesOf(of(at), comparedHours(at).flatMap(of)).length > 0);
  expect(told.length).toBeLessThanOrEqual(1);
});

test('M03 of a small fleet, where a few tasks make an hour, a hundredfold is told', () => {
  const random = mulberry32(11);
  const before = comparedHours(hour).flatMap((at) => hourOfFew(at, random));
  const metrics = new Set(anomaliesOf(hourOfFew(hour, random, 100), before).map(({ metric }) => metric));
  expect([...metrics].sort()).toEqual(['cost', 'task_p95', 'tasks_completed', 'tokens']);
});

test('M03 the limits that are told hold the usual on either scale, and what is told lies beyond them', () => {
  const random = mulberry32(3);
  const before = comparedHours(hour).flatMap((at) => hourOfFew(at, random));
  const told = anomaliesOf(hourOfFew(hour, random, 100), before);
  for (const { value, low, high, expected, metric, labels } of told) {
    expect(low).toBeLessThanOrEqual(expected);
    expect(value).toBeGreaterThan(high);
    const usual = before.filter((one) => one.metric === metric && one.labels.agent_name === labels.agent_name);
    expect(usual.filter((one) => one.value !== null && (one.value < low || one.value > high))).toEqual([]);
  }
  expect(told.length).toBeGreaterThan(5);
});
