import { expect, test } from 'vitest';
import { type AnyField, shapes } from './shape.ts';
import { bounds, isWithin, periodOf, periodsIn } from './span.ts';
import { betterThan, jobsOf, tablesOf, worseThan } from './table.ts';

test.each([
  ['hour', '2026-02-15', '2026-02-15', '2026-02-15T00', '2026-02-15T23'],
  ['hour', '2026-W53', '2026-W53', '2026-12-28T00', '2027-01-03T23'],
  ['hour', '2026-02-15T09', '2026-02-15T09', '2026-02-15T09', '2026-02-15T09'],
  ['date', '2026-02-15T09', '2026-02-16T00', '2026-02-15', '2026-02-16'],
  ['date', '2024-W09', '2024-W09', '2024-02-26', '2024-03-03'],
  ['week', '2026-12-31', '2027-01-04', '2026-W53', '2027-W01'],
] as const)('M01 in units of a %s, from %s to %s is from %s to %s', (unit, from, to, first, last) => {
  expect(bounds(unit, { from, to })).toEqual({ first, last });
});

test('M01 where a window is open everything is in it', () => {
  const { first, last } = bounds('week', {});
  for (const period of ['0001-01-01', '2026-W07', '9999-12-31T23']) expect(first < period && period < last).toBe(true);
  expect(() => bounds('hour', { to: '2026-02-30' })).toThrow('Cannot read the period "2026-02-30"');
});

test('M03 a job has rows of no longer time than its own', () => {
  expect(tablesOf('hour')).toEqual(['metrics_hourly', 'anomalies']);
  expect(tablesOf('day')).toEqual(tablesOf('day-so-far'));
  expect(tablesOf('day')).not.toContain('findings');
  expect(tablesOf('week')).toContain('findings');
  expect(jobsOf('findings')).toEqual(['week']);
  expect(jobsOf('snapshots')).toEqual(['day-so-far', 'day', 'week']);
  expect(isWithin('week', 'date')).toBe(false);
  expect(periodOf('week', Date.UTC(2026, 11, 31))).toBe('2026-W53');
});

test('M03 maps of free names stand at the top of a row alone, where every store finds them', () => {
  const maps = (field: AnyField): number => {
    if (field === 'map') return 1;
    if (typeof field === 'string') return 0;
    return (Array.isArray(field) ? [field[0]] : Object.values(field)).reduce((sum, inner) => sum + maps(inner), 0);
  };
  for (const shape of Object.values(shapes)) {
    const atTop = Object.values(shape).filter((field) => field === 'map').length;
    expect(maps(shape)).toBe(atTop);
  }
});

test('M03 a day is better than its hours and than itself so far; nothing is better than a day', () => {
  expect(worseThan('day', '2026-02-15')).toHaveLength(25);
  expect(worseThan('day', '2026-02-15')).toContainEqual({ job: 'day-so-far', period: '2026-02-15' });
  expect(betterThan('hour', '2026-02-15T23')).toEqual({ job: 'day', period: '2026-02-15' });
  expect(betterThan('day', '2026-02-15')).toBeUndefined();
  expect(worseThan('week', '2026-W07')).toEqual([]);
  expect(periodsIn('day', '2026-W07')).toEqual(
    Array.from({ length: 7 }, (_, i) => `2026-02-${String(9 + i).padStart(2, '0')}`),
  );
});
