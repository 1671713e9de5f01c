import { expect, test } from 'vitest';
import { CostClock, type Work } from './cost-clock.ts';

/** A clock whose time passes only when the test says so: on the wall, and on the CPU unless another process has it. */
function bench() {
  const time = { wallMs: 0, cpuMs: 0 };
  const clock = new CostClock(
    () => time.wallMs,
    () => time.cpuMs,
  );
  const work = (ms: number) => {
    time.wallMs += ms;
    time.cpuMs += ms;
  };
  const wait = (ms: number) => {
    time.wallMs += ms;
  };
  const call = (kind: Work, run: () => void) => (clock.count(kind) ? clock.time(kind, run) : run());
  return { clock, work, wait, call };
}

test('B12 every 61st call is timed and stands for the others', () => {
  const { clock, work, call } = bench();
  for (let at = 0; at < 610; at++) call('own span', () => work(0.01));
  const { costMs, demand } = clock.take();
  expect(costMs).toBeCloseTo(6.1, 6);
  expect(demand).toBe(610);
  expect(clock.take()).toEqual({ costMs: 0, demand: 0 });
});

test('B12 an instrumentation is charged for what it does around its span as well', () => {
  const { clock, work, call } = bench();
  for (let at = 0; at < 61; at++) call('instrumented span', () => work(0.01));
  expect(clock.take().costMs).toBeCloseTo(61 * 0.01 * 3, 6);
});

test('B12 what is refused is no longer paid for, but for what the instrumentation still does, and remains demand', () => {
  const { clock, work, call } = bench();
  for (let at = 0; at < 61; at++) call('own span', () => work(0.01));
  for (let at = 0; at < 61; at++) call('bridged record', () => work(0.01));
  clock.take();
  for (let at = 0; at < 100; at++) clock.refuse('own span');
  expect(clock.take()).toEqual({ costMs: 0, demand: 100 });
  for (let at = 0; at < 100; at++) clock.refuse('bridged record');
  expect(clock.take().costMs).toBeCloseTo(100 * 0.01 * 2, 6);
});

test('B12 an export within a timed call is counted once, and by CPU time', () => {
  const { clock, work, wait, call } = bench();
  const exporting = () =>
    clock.timeExport(() => {
      work(5);
      wait(100);
    });
  for (let at = 0; at < 61; at++) {
    call('own span', () => {
      work(0.01);
      if (at === 60) exporting();
    });
  }
  expect(clock.take().costMs).toBeCloseTo(61 * 0.01 + 5, 6);
});

test('B12 a pause that falls into a timed call counts as one ms at most', () => {
  const { clock, wait, call } = bench();
  for (let at = 0; at < 61; at++) call('own span', () => wait(500));
  expect(clock.take().costMs).toBeCloseTo(61, 6);
});

test('B12 measurements cost, and are no demand: no level leaves them out', () => {
  const { clock, work, call } = bench();
  for (let at = 0; at < 122; at++) call('measurement', () => work(0.001));
  const { costMs, demand } = clock.take();
  expect(costMs).toBeCloseTo(0.122, 6);
  expect(demand).toBe(0);
});

test('B12 what a call throws is thrown, and an answer is given back', () => {
  const { clock } = bench();
  const fail = () => {
    throw new RangeError('theirs');
  };
  expect(() => clock.time('own span', fail)).toThrow(RangeError);
  expect(() => clock.timeExport(fail)).toThrow(RangeError);
  expect(clock.time('own span', () => 7)).toBe(7);
});
