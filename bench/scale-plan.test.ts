import { expect, test } from 'vitest';
import { tracesPerMib } from '../collector/sampler.ts';
import { readInput } from './scale-input.ts';
import { assumed, plan } from './scale-plan.ts';
import { planTables } from './scale-plan-tables.ts';
import { readUnits, type ScaleUnits } from './scale-units.ts';

/** Round numbers, so that each figure can be followed by hand. */
const units: ScaleUnits = {
  cpuMicros: {
    samples: { collector: 4, prometheus: 5 },
    logs: { collector: 50, loki: 100 },
    spans: { collector: 100, tempo: 200, monitor: 50 },
  },
  idleCores: {},
  rates: { samples: 10_000, logs: 1000, spans: 1000 },
  rssMib: {
    samples: { collector: 150 },
    logs: { collector: 150 },
    spans: { collector: 200, tempo: 300, monitor: 200 },
  },
  idleRssMib: { collector: 100, prometheus: 100, loki: 100, tempo: 100, monitor: 100 },
  bytesPerSeries: 4096,
  textBytesPerLine: 100,
  bytesIn: { samples: 30, logs: 300, spans: 400 },
  bytesOut: { samples: { prometheus: 6 }, logs: { loki: 60 }, spans: { tempo: 50, monitor: 20 } },
  storedBytes: { samples: 1.5, logs: 30, spans: 100 },
  ...{ aheadBytes: 10, ruleCpuMicros: 300, queryCpuMicros: 10_000, queriesOfADashboard: 30, answerBytes: 2000 },
};
const planned = (text: string) => plan(units, readInput(text, units));
const part = (text: string, name: string) => planned(text).parts.find((each) => each.part === name);

test('P08 the CPU of each part is its rate times what a unit costs, for every copy, times the headroom', () => {
  // 100 000 samples × 4 µs for each of two, 1000 lines × 50 µs, 1000 spans × 100 µs: 0.95 cores, twice.
  const text = 'samples=100000,log-bytes=100000,spans=1000,rules=0';
  expect(part(text, 'collector')).toMatchObject({ replicas: 3, cores: expect.closeTo(1.9) });
  // 100 000 × 5 µs, in both.
  expect(part(text, 'prometheus')).toMatchObject({ replicas: 2, each: { cores: expect.closeTo(1) } });
  // 1000 lines × 100 µs in three.
  expect(part(text, 'loki')).toMatchObject({ replicas: 3, each: { cores: expect.closeTo(0.2) } });
  expect(part(text, 'tempo')).toMatchObject({ replicas: 1, cores: expect.closeTo(0.4) });
  expect(part(`${text},headroom=1`, 'collector')?.cores).toBeCloseTo(0.95);
  // Ten times as much is 19 cores, of two each.
  expect(part('samples=1000000,log-bytes=1000000,spans=10000,rules=0', 'collector')?.replicas).toBe(10);
  // 10 000 rules × 300 µs each 15 s, in both: 0.2 cores more of each, twice.
  expect(part('rules=10000', 'prometheus')?.each.cores).toBeCloseTo(0.4);
});

test('P08 memory is series, streams and what grows with the rate; disk is days, queues and hours', () => {
  // 1 500 000 × 4 KiB and 100 MiB, half as much again.
  expect(part('samples=100000', 'prometheus')?.each.memoryMib).toBeCloseTo((5859.375 + 100) * 1.5, 0);
  expect(part('samples=100000,series=0', 'prometheus')?.each.memoryMib).toBeCloseTo(150);
  // 100 MiB, and 50 of 10 000 a second for a third of 30 000.
  expect(part('samples=30000,memory-headroom=1', 'collector')?.each.memoryMib).toBeCloseTo(150);
  // 100 000 × 1.5 B for 31 days, and 10 B for three hours: 412.6 GB, a quarter more.
  const gib = (100_000 * 1.5 * 31 * 86_400 + 100_000 * 10 * 10_800) / 2 ** 30;
  expect(part('samples=100000', 'prometheus')?.each.diskGib).toBeCloseTo(gib * 1.25, 3);
  expect(part('samples=100000,disk-headroom=2', 'prometheus')?.each.diskGib).toBeCloseTo(gib * 2, 3);
  // Whoever plans with none still needs a volume of which four fifths are enough.
  expect(part('samples=100000,disk-headroom=1', 'prometheus')?.each.diskGib).toBeCloseTo(gib * 1.25, 3);
  // An hour of 1000 lines of 300 B, on three.
  expect(part('log-bytes=100000,disk-headroom=1', 'collector')?.each.diskGib).toBeCloseTo(
    (1000 * 300 * 3600) / 2 ** 30 / 3,
    4,
  );
  // Of 1000 spans of 400 B in three queues, and of a tenth in a fourth.
  expect(part('spans=1000,disk-headroom=1', 'collector')?.each.diskGib).toBeCloseTo(
    (1000 * 400 * 3.1 * 3600) / 2 ** 30 / 3,
    4,
  );
});

test('P04 the samplers hold what 300 s bring, in traces of 30 spans, and are as many as that takes', () => {
  const mib = (spans: number) => (spans * 300) / 30 / tracesPerMib;
  expect(part('spans=1000', 'sampler')).toMatchObject({
    ...{ replicas: 2, each: { memoryMib: expect.closeTo(mib(1000) / 2) } },
  });
  expect(part('spans=10000', 'sampler')?.replicas).toBe(Math.ceil(mib(10_000) / 4096));
  expect(part('spans=10000,sampler-memory=2048', 'sampler')?.replicas).toBe(Math.ceil(mib(10_000) / 2048));
  // A process is there without spans too.
  expect(part('spans=0', 'sampler')).toMatchObject({ replicas: 2, each: { memoryMib: 100 } });
});

test('P08 the store of objects holds each class for its days, and every copy that is written', () => {
  const { objectGb, network } = planned('samples=100000,log-bytes=100000,spans=1000');
  const days = 0.25 * 7 + 0.7 * 30 + 0.05 * 90;
  expect(objectGb.logs).toBeCloseTo((1000 * 30 * 86_400 * 3 * days) / 1e9, 3);
  // Seven days of all, 30 of a tenth, 90 of three in a hundred.
  expect(objectGb.traces).toBeCloseTo((1000 * 100 * 86_400 * (7 + 3 + 2.7)) / 1e9, 3);
  // Raw twice; five minutes for 30 days, an hour for a year: five points each.
  const thinned = 1_500_000 * assumed.aggregates * 1.5 * (288 * 30 + 24 * 365);
  expect(objectGb.metrics).toBeCloseTo((100_000 * 1.5 * 86_400 * 7 * 2 + thinned) / 1e9, 3);
  expect(network.in).toBeCloseTo(3 + 0.3 + 0.4);
});

test('P08 users are queries a second, and CPU of those', () => {
  const { queriesPerSecond } = planned('users=1000');
  expect(queriesPerSecond).toBe(1000);
  expect(planned('users=1000,refresh=60').queriesPerSecond).toBe(500);
  expect(part('users=1000', 'thanos-query')?.cores).toBeCloseTo(20);
  // A cache knows nine of ten; more views than users are none.
  expect(part('users=1000,views=100', 'thanos-query')?.cores).toBeCloseTo(2);
  expect(part('users=1000,views=2000', 'thanos-query')?.cores).toBeCloseTo(20);
});

test('P08 money is told for the prices that are given, and for no other', () => {
  expect(planned('samples=1000').monthly).toEqual({});
  const { monthly, cores, memoryGib } = planned('samples=100000,core-hour=0.05,gib-hour=0.01');
  expect(monthly).toEqual({
    'core-hour': expect.closeTo(cores * 730 * 0.05),
    'gib-hour': expect.closeTo(memoryGib * 7.3),
  });
  const input = readInput('samples=100000,core-hour=0.05', units);
  expect(planTables(plan(units, input), input, units)).toContain('at the price of `core-hour`');
  expect(planTables(planned('samples=100000'), input, units)).not.toContain('at the price');
});

test.each([
  ['sample=1', /Cannot plan with "sample=1": there are samples, series/],
  ['samples=', /"samples=": give a number of at least 0/],
  ['samples=many', /give a number/],
  ['headroom=0.5', /at least 1/],
  ['toString=5', /"toString=5": there are samples/],
  ['__proto__=1', /"__proto__=1": there are samples/],
  ['samples=5=6', /"samples=5=6": give a number/],
  ['prometheus=1.5', /a whole number of at least 1, e\.g\. prometheus=1/],
  ['loki=2.5', /a whole number/],
])('P08 %s is refused, with what can be given', (text, why) => {
  expect(() => readInput(text, units)).toThrow(why);
});

test('P08 the committed costs are whole: nothing that a plan needs is missing or zero', () => {
  const { parts, cores } = plan(readUnits(), readInput('samples=1000,log-bytes=1000,spans=10,users=1', readUnits()));
  for (const { part, each } of parts) expect(each.memoryMib, part).toBeGreaterThan(0);
  expect(Number.isFinite(cores)).toBe(true);
  for (const measured of Object.values(readUnits().storedBytes)) expect(measured).toBeGreaterThan(0);
});
