import { describe, expect, test } from 'vitest';
import { beginOf, cutoffOf } from '../periods.ts';
import type { Job } from '../store/memory-store.ts';
import { due, early, type Known, order, waitsFor } from './due.ts';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
const at = (time: string) => Date.parse(time);
const from = '2026-02-09';

function known(time: string, more: Partial<Known> = {}, done: Partial<Record<Job, readonly string[]>> = {}): Known {
  const sets = Object.fromEntries(order.map((job) => [job, new Set(done[job] ?? [])])) as unknown as Known['done'];
  return { done: sets, nowMs: at(time), sinceMs: beginOf(from), keptMs: 29 * dayMs, ...more };
}
const shown = (of: Known) => due(of).map(({ job, period }) => `${job} ${period}`);

/** Whoever looks every half hour, and makes whatever does not wait. */
function made(times: readonly string[] | readonly number[], given: Known): string[] {
  const done = given.done as Record<Job, Set<string>>;
  return times.flatMap((time) => {
    const now = { ...given, nowMs: typeof time === 'string' ? at(time) : time };
    const some: string[] = [];
    for (let last = -1; last !== some.length; ) {
      last = some.length;
      for (const one of due(now)) {
        if (waitsFor(one, now)) continue;
        done[one.job].add(one.period);
        some.push(`${one.job} ${one.period}`);
      }
    }
    return some;
  });
}
const halfHours = (begin: string, end: string) =>
  Array.from({ length: (at(end) - at(begin)) / (30 * minuteMs) + 1 }, (_, i) => at(begin) + i * 30 * minuteMs);

describe('M01 M03 what is due', () => {
  test('an hour ten minutes after its end, and not before', () => {
    expect(shown(known('2026-02-09T01:09:59Z'))).toEqual([]);
    expect(shown(known('2026-02-09T01:10Z'))).toEqual(['hour 2026-02-09T00']);
  });

  test('six hours when the last of them is', () => {
    const hours = Array.from({ length: 6 }, (_, i) => `2026-02-09T0${i}`);
    expect(shown(known('2026-02-09T06:09Z', {}, { hour: hours.slice(0, 5) }))).toEqual([]);
    expect(shown(known('2026-02-09T06:10Z', {}, { hour: hours.slice(0, 5) }))).toEqual([
      'hour 2026-02-09T05',
      'history 2026-02-09T00',
    ]);
  });

  test('a day so far at 23:00, once its last hour is closed, until the final one is', () => {
    const shownDays = (time: string, done: Parameters<typeof known>[2] = {}) =>
      shown(known(time, {}, done)).filter((one) => one.startsWith('day'));
    expect(shownDays('2026-02-09T23:09Z')).toEqual([]);
    expect(shownDays('2026-02-09T23:10Z')).toEqual(['day-so-far 2026-02-09']);
    expect(shownDays('2026-02-09T23:10Z', { 'day-so-far': ['2026-02-09'] })).toEqual([]);
    expect(shownDays('2026-02-10T05:59Z')).toEqual(['day-so-far 2026-02-09']);
    expect(shownDays('2026-02-10T06:00Z')).toEqual(['day 2026-02-09']);
    expect(shownDays('2026-02-10T06:00Z', { day: ['2026-02-09'] })).toEqual([]);
  });

  test('a week when its seven days are done, after the last of them', () => {
    const days = Array.from({ length: 7 }, (_, i) => `2026-02-${String(9 + i).padStart(2, '0')}`);
    const weeks = (time: string, day: readonly string[]) => {
      const of = known(time, {}, { day });
      return due(of).filter((one) => one.job === 'week' && !waitsFor(one, of));
    };
    expect(weeks('2026-02-16T06:00Z', days)).toHaveLength(1);
    expect(weeks('2026-02-16T05:59Z', days)).toEqual([]);
    expect(weeks('2026-02-16T06:00Z', days.slice(1))).toEqual([]);
    // The first one is beyond what sources keep: it can never be, and holds nothing up.
    expect(weeks('2026-03-11T06:00Z', days.slice(1))).toHaveLength(1);
    expect(weeks('2026-03-11T06:00Z', [])).toEqual([]);
  });

  test('what was missed, in the order in which it would have been made, and no further back than the sources keep', () => {
    const looked = halfHours('2026-02-09T00:00Z', '2026-02-17T12:00Z');
    const undisturbed = made(looked, known('2026-02-09T00:00Z'));
    const late = made(['2026-02-17T12:00Z'], known('2026-02-09T00:00Z'));
    // Nobody needs a day so far, or hours by themselves, that is final by now.
    const lasting = (all: string[]) => all.filter((one) => !one.startsWith('day-so-far'));
    expect(lasting(late)).toEqual(lasting(undisturbed));
    expect(undisturbed.filter((one) => one.startsWith('day-so-far'))).toHaveLength(8);
    expect(undisturbed.filter((one) => one.startsWith('week'))).toEqual(['week 2026-W07']);
    const bounded = made(['2026-03-31T12:00Z'], known('2026-02-09T00:00Z', { keptMs: 3 * dayMs }));
    expect(bounded.filter((one) => one.startsWith('day '))).toEqual(['day 2026-03-29', 'day 2026-03-30']);
    expect(bounded[0]).toBe('hour 2026-03-29T00');
  });

  test('nothing before there was anything to measure', () => {
    expect(shown(known('2026-02-12T07:00Z', { sinceMs: at('2026-02-11T15:20Z') }))[0]).toBe('hour 2026-02-11T00');
    expect(shown(known('2026-02-08T07:00Z'))).toEqual([]);
  });

  test('a clock that jumps back or forward does nothing twice and nothing early', () => {
    const jumping = [
      ...halfHours('2026-02-09T00:00Z', '2026-02-10T12:00Z'),
      ...halfHours('2026-02-07T00:00Z', '2026-02-10T18:00Z'),
      ...halfHours('2026-02-13T03:00Z', '2026-02-13T20:00Z'),
      ...halfHours('2026-02-11T00:00Z', '2026-02-17T12:00Z'),
    ];
    const given = known('2026-02-09T00:00Z');
    const seen = new Map<string, number>();
    let newest = 0;
    for (const now of jumping) {
      newest = Math.max(newest, now);
      for (const one of made([now], given)) {
        expect(seen.has(one)).toBe(false);
        seen.set(one, now);
        const [job, period] = one.split(' ') as [Job, string];
        if (job !== 'day-so-far') expect(now).toBeGreaterThanOrEqual(cutoffOf(period));
      }
    }
    const plain = made(halfHours('2026-02-09T00:00Z', '2026-02-17T12:00Z'), known('2026-02-09T00:00Z'));
    const lasting = (all: Iterable<string>) => [...all].filter((one) => !one.startsWith('day-so-far')).sort();
    expect(lasting(seen.keys())).toEqual(lasting(plain));
  });
});

describe('M01 what waits', () => {
  const time = '2026-02-12T12:00Z';

  test('six hours for each of theirs, a day for the one before, and an hour for nobody', () => {
    expect(waitsFor({ job: 'history', period: '2026-02-10T06' }, known(time))).toBe(true);
    const hour = Array.from({ length: 6 }, (_, i) => `2026-02-10T${String(6 + i).padStart(2, '0')}`);
    expect(waitsFor({ job: 'history', period: '2026-02-10T06' }, known(time, {}, { hour }))).toBe(false);
    expect(waitsFor({ job: 'history', period: '2026-02-10T06' }, known(time, {}, { day: ['2026-02-10'] }))).toBe(false);
    expect(waitsFor({ job: 'day', period: '2026-02-10' }, known(time))).toBe(true);
    expect(waitsFor({ job: 'day', period: '2026-02-10' }, known(time, {}, { day: ['2026-02-09'] }))).toBe(false);
    expect(waitsFor({ job: 'day', period: from }, known(time))).toBe(false);
    expect(waitsFor({ job: 'hour', period: '2026-02-10T09' }, known(time))).toBe(false);
  });

  test('a week for the one before it, where that one can be made', () => {
    const day = Array.from({ length: 14 }, (_, i) => `2026-02-${String(9 + i).padStart(2, '0')}`);
    const later = '2026-02-24T12:00Z';
    expect(waitsFor({ job: 'week', period: '2026-W08' }, known(later, {}, { day }))).toBe(true);
    expect(waitsFor({ job: 'week', period: '2026-W08' }, known(later, {}, { day, week: ['2026-W07'] }))).toBe(false);
    expect(waitsFor({ job: 'week', period: '2026-W07' }, known(later, {}, { day }))).toBe(false);
  });
});

describe('M01 M03 what is done too early', () => {
  const done = { hour: ['2026-02-09T09', '2026-02-09T10', '2026-02-20T10'], day: ['2026-02-08', '2026-02-09'] };
  const shownEarly = (time: string) =>
    early(known(time, {}, { ...done, week: ['2026-W07'] }), at(time)).map(({ job, period }) => `${job} ${period}`);

  test('is what is closed later than now by the clock that is ahead, and by more than clocks differ', () => {
    expect(shownEarly('2026-02-09T11:05Z')).toEqual(['hour 2026-02-20T10', 'day 2026-02-09', 'week 2026-W07']);
    expect(shownEarly('2026-02-09T09:55Z')).toContain('hour 2026-02-09T09');
    expect(shownEarly('2026-02-20T11:10Z')).toEqual([]);
  });

  test('a clock that is far behind undoes nothing', () => {
    expect(shownEarly('2026-01-01T00:00Z')).toEqual([]);
    expect(shownEarly('1970-01-01T00:00Z')).toEqual([]);
  });
});
