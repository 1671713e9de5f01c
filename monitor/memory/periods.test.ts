import { expect, test } from 'vitest';
import { lateSampleHours } from '../../stack.ts';
import { beginOf, cutoffOf, dateOf, datesOf, hourOf, lengthOf, soFarCutoffOf, weekOf } from './periods.ts';

const ms = (iso: string) => Date.parse(`${iso}Z`);
const isoOf = (ms: number) => new Date(ms).toISOString();

// The weeks that ISO 8601 itself, and calendars, are checked with.
test.each([
  ['2005-01-01', '2004-W53'],
  ['2005-12-31', '2005-W52'],
  ['2007-12-31', '2008-W01'],
  ['2008-12-28', '2008-W52'],
  ['2008-12-29', '2009-W01'],
  ['2009-12-31', '2009-W53'],
  ['2010-01-03', '2009-W53'],
  ['2010-01-04', '2010-W01'],
  ['2020-12-31', '2020-W53'],
  ['2021-01-03', '2020-W53'],
  ['2021-01-04', '2021-W01'],
  ['2024-02-29', '2024-W09'],
  ['2026-01-01', '2026-W01'],
  ['2026-12-31', '2026-W53'],
  ['2027-01-03', '2026-W53'],
  ['2027-01-04', '2027-W01'],
])('M02 %s lies in %s', (date, week) => {
  expect(weekOf(ms(`${date}T00:00`))).toBe(week);
  expect(weekOf(ms(`${date}T23:59:59.999`))).toBe(week);
  expect(datesOf(week)).toContain(date);
});

test('M02 every day of forty years is in one week, which has it among its seven days', () => {
  const begin = Date.UTC(2000, 0, 1);
  const days = Array.from({ length: 14_610 }, (_, i) => begin + i * 86_400_000);
  const weeks = Map.groupBy(days, weekOf);
  for (const [week, some] of weeks) {
    const dates = datesOf(week);
    expect(dates).toHaveLength(7);
    expect(new Date(beginOf(week)).getUTCDay()).toBe(1);
    // The first and the last one are cut off.
    if (some.length === 7) expect(some.map(dateOf)).toEqual(dates);
    else expect(dates).toEqual(expect.arrayContaining(some.map(dateOf)));
  }
  const long = [...weeks.keys()].filter((week) => week.endsWith('W53')).map((week) => Number(week.slice(0, 4)));
  expect(long).toEqual([2004, 2009, 2015, 2020, 2026, 2032, 2037]);
  expect([...weeks.keys()]).toEqual([...weeks.keys()].sort());
});

test('M01 hours and days are written in UTC, also at the turn of the year and on a leap day', () => {
  const turn = ms('2026-12-31T23:59:59.999');
  expect([hourOf(turn), dateOf(turn)]).toEqual(['2026-12-31T23', '2026-12-31']);
  expect([hourOf(turn + 1), dateOf(turn + 1)]).toEqual(['2027-01-01T00', '2027-01-01']);
  expect(dateOf(beginOf('2024-02-28') + lengthOf('2024-02-28'))).toBe('2024-02-29');
  expect(dateOf(beginOf('2025-02-28') + lengthOf('2025-02-28'))).toBe('2025-03-01');
  expect(datesOf('2024-W09')).toEqual([
    ...['2024-02-26', '2024-02-27', '2024-02-28', '2024-02-29'],
    ...['2024-03-01', '2024-03-02', '2024-03-03'],
  ]);
});

test.each([
  ['2026-02-15T09', '2026-02-15T09:00:00.000Z', 1],
  ['2026-02-15', '2026-02-15T00:00:00.000Z', 24],
  ['2024-02-29', '2024-02-29T00:00:00.000Z', 24],
  ['2026-W07', '2026-02-09T00:00:00.000Z', 168],
  ['2026-W01', '2025-12-29T00:00:00.000Z', 168],
  ['2026-W53', '2026-12-28T00:00:00.000Z', 168],
])('M01 %s begins at %s and has %i hours, wherever the machine stands', (period, begin, hours) => {
  const before = process.env.TZ;
  try {
    // Clocks go forward on 29 March 2026 in Berlin; in Kiritimati it is tomorrow.
    for (const zone of ['UTC', 'Europe/Berlin', 'America/New_York', 'Pacific/Kiritimati']) {
      process.env.TZ = zone;
      expect([zone, isoOf(beginOf(period))]).toEqual([zone, begin]);
      expect(lengthOf(period)).toBe(hours * 3_600_000);
      const nameAt = period.includes('W') ? weekOf : hours === 24 ? dateOf : hourOf;
      expect(nameAt(beginOf(period))).toBe(period);
      expect(nameAt(beginOf(period) + lengthOf(period) - 1)).toBe(period);
      expect(nameAt(beginOf(period) + lengthOf(period))).not.toBe(period);
    }
  } finally {
    if (before === undefined) delete process.env.TZ;
    else process.env.TZ = before;
  }
});

test('M01 a day on which clocks change has its 24 hours in UTC', () => {
  const begin = beginOf('2026-03-29');
  const hours = Array.from({ length: 24 }, (_, i) => hourOf(begin + i * 3_600_000));
  expect(new Set(hours).size).toBe(24);
  expect(hours.at(-1)).toBe('2026-03-29T23');
});

test('M01 each period is closed at one moment, which lies in nobody’s now', () => {
  expect(lateSampleHours).toBe(6);
  expect(isoOf(cutoffOf('2026-02-15T09'))).toBe('2026-02-15T10:10:00.000Z');
  expect(isoOf(cutoffOf('2026-12-31T23'))).toBe('2027-01-01T00:10:00.000Z');
  expect(isoOf(cutoffOf('2026-02-15'))).toBe('2026-02-16T06:00:00.000Z');
  expect(isoOf(cutoffOf('2024-02-28'))).toBe('2024-02-29T06:00:00.000Z');
  expect(isoOf(cutoffOf('2026-W53'))).toBe('2027-01-04T06:00:00.000Z');
  expect(isoOf(soFarCutoffOf('2026-02-15'))).toBe('2026-02-15T23:00:00.000Z');
});

test('M02 a week is closed when its Sunday is', () => {
  for (const week of ['2026-W07', '2026-W53', '2024-W09'])
    expect(cutoffOf(week)).toBe(cutoffOf(datesOf(week)[6] as string));
});

test.each([
  ['', 'nothing'],
  ['yesterday', 'a word'],
  ['2026', 'a year'],
  ['2026-02', 'a month'],
  ['2026-2-5', 'digits that are missing'],
  ['15.02.2026', 'another order'],
  ['2026-02-30', 'a day that no February has'],
  ['2025-02-29', 'a leap day of a year without'],
  ['2100-02-29', 'a leap day of a century without'],
  ['2026-13-01', 'a month that no year has'],
  ['2026-00-10', 'a month before the first'],
  ['2026-04-31', 'a day that April has not'],
  ['2026-02-15T24', 'an hour that no day has'],
  ['2026-02-15T9', 'an hour of one digit'],
  ['2026-02-15T09:00', 'a minute'],
  ['2026-02-15T09:00:00.000Z', 'a moment'],
  [' 2026-02-15', 'a space before'],
  ['2026-02-15\n', 'a line break behind'],
  ['2026-W00', 'a week before the first'],
  ['2025-W53', 'a week that 2025 has not'],
  ['2026-W54', 'a week that no year has'],
  ['2026-W7', 'a week of one digit'],
  ['2026W07', 'a dash that is missing'],
  ['2026-w07', 'a small letter'],
  ['2026-W07-1', 'a day of a week'],
])('M01 "%s" is refused in words: %s', (period) => {
  const words = `Cannot read the period "${period}": it is no hour, day or week. Write 2026-02-15T09, 2026-02-15 or 2026-W07.`;
  for (const read of [beginOf, cutoffOf, datesOf, soFarCutoffOf]) {
    expect(() => read(period)).toThrow(RangeError);
    expect(() => read(period)).toThrow(words);
  }
});
