import { expect, test } from 'vitest';
import { beginOf, hourOf } from '../periods.ts';
import { dates, sixtyDays } from '../testing/sixty-days.ts';
import { hourRows } from './hour.ts';
import { LedgerHours } from './ledger-hours.ts';
import { lostHours } from './lost-hours.ts';

const date = '2026-02-15';
const names = Array.from({ length: 24 }, (_, n) => `${date}T${String(n).padStart(2, '0')}`);
const eve = '2026-02-14T23';
const none = { fewer: [], counted: 0, there: 0, silent: [] };

interface Given {
  /** Tasks that began, by Prometheus; undefined: nobody sent any; null: it was not there. */
  readonly started: (n: number) => number | undefined | null;
  /** Default: all that began. */
  readonly ended?: (n: number) => number;
  readonly ledger: (n: number) => number;
  readonly before?: number;
  /** Default: 1, where Prometheus was there. */
  readonly coverage?: (n: number) => number;
  /** Default: a minute. */
  readonly minutes?: number;
  /** Until when the day is told, as an hour of it. Default: 06:00 of the next one. */
  readonly cutoff?: number;
}

/** @param given by the hour; -1 is the one before midnight */
function lost({ started, ended = (n) => started(n) ?? 0, ledger, before = 0, ...more }: Given) {
  const { coverage = () => 1, minutes = 1, cutoff = 30 } = more;
  const told = names.slice(0, cutoff);
  const rows = [eve, ...told].flatMap((hour, at) => {
    const value = started(at - 1);
    const answer = (of: number) => [{ labels: {}, value: of }];
    const answers = new Map(
      typeof value === 'number'
        ? [
            ['tasks_started', answer(value)],
            ['tasks_completed', answer(ended(at - 1) / 2)],
            ['tasks_failed', answer(ended(at - 1) / 2)],
          ]
        : [],
    );
    return hourRows(hour, { coverage: value === null ? 0 : coverage(at - 1), answers });
  });
  const hours = new LedgerHours();
  for (const [n, hour] of told.entries())
    for (let i = 0; i < ledger(n); i++) {
      hours.row(`${hour}:10:00.000Z`);
      hours.task(`${hour}:10:00.000Z`, minutes * 60_000);
    }
  return lostHours([eve, ...told], rows, hours, before, beginOf(date) + cutoff * 3_600_000);
}

test('M01 hours of which the ledger has less than Prometheus counted are told, with both numbers; a whole day has none', () => {
  const ledger = (n: number) => (n === 9 ? 0 : n === 10 ? 30 : 100);
  expect(lost({ started: () => 100, ledger })).toEqual({
    ...{ fewer: [`${date}T09`, `${date}T10`], counted: 200, there: 30, silent: [] },
  });
  expect(lost({ started: () => 100, ledger: () => 100 })).toEqual(none);
  // Agents that send no metrics are in the ledger alone.
  expect(lost({ started: () => 100, ledger: () => 150 })).toEqual(none);
});

test('M01 of a small fleet an hour says little, and several say enough; the few of a process that died are none', () => {
  const ledger = (n: number) => (n >= 9 && n < 12 ? 0 : 8);
  expect(lost({ started: () => 8, ledger })).toMatchObject({ fewer: names.slice(9, 12), counted: 24, there: 0 });
  expect(lost({ started: () => 8, ledger: (n) => (n === 9 || n === 10 ? 0 : 8) })).toEqual(none);
  expect(lost({ started: () => 500, ledger: (n) => (n === 9 ? 470 : 500) })).toEqual(none);
});

test('M01 what is counted late, goes on, or is heard after a silence is not lacking', () => {
  // Begun at 08:59, in the samples of 09.
  expect(lost({ started: (n) => (n === 9 ? 60 : 0), ledger: (n) => (n === 8 ? 60 : 0) })).toEqual(none);
  // Just before midnight.
  const midnight = { started: (n: number) => (n === 0 ? 60 : 0), ledger: () => 0 };
  expect(lost({ ...midnight, before: 60 })).toEqual(none);
  expect(lost(midnight).fewer).toEqual([`${date}T00`]);
  // Begun, and not ended yet: there is no row of it.
  expect(lost({ started: (n) => (n > 20 ? 60 : 0), ended: () => 0, ledger: () => 0 })).toEqual(none);
  // Ended, and begun on the day before.
  expect(lost({ started: () => 0, ended: (n) => (n < 3 ? 60 : 0), ledger: () => 0 })).toEqual(none);
  // Nobody was heard from 03 to 05: what is heard at 06 may be of then.
  const silent = (n: number) => (n >= 3 && n < 6 ? undefined : n === 6 ? 400 : 100);
  expect(lost({ started: silent, ledger: (n) => (n === 6 ? 0 : 100) })).toEqual(none);
});

test('M01 an hour that Prometheus did not measure, or in part, hides no loss of a later one', () => {
  const ledger = (n: number) => (n === 12 ? 0 : 100);
  const told = { fewer: [`${date}T12`], counted: 100, there: 0, silent: [] };
  expect(lost({ started: (n) => (n === 2 ? null : 100), ledger })).toEqual(told);
  const half = { started: (n: number) => (n === 2 ? 50 : 100), coverage: (n: number) => (n === 2 ? 0.5 : 1) };
  expect(lost({ ...half, ledger })).toEqual(told);
  expect(lost({ ...half, ledger: () => 100 })).toEqual(none);
  // After it, what is heard may be of the time in which nobody listened.
  expect(lost({ ...half, started: (n) => (n === 2 ? 50 : n === 3 ? 150 : 100), ledger: () => 100 })).toEqual(none);
});

test('M01 on a day that is not over, what goes on is not lost; nor what takes longer than until six', () => {
  // Half of the last hour's tasks are not over, and as many of the hour before ended in it.
  const open = { started: () => 60, minutes: 30, cutoff: 23 };
  expect(lost({ ...open, ledger: (n) => (n === 22 ? 30 : 60) })).toEqual(none);
  expect(lost({ ...open, ledger: (n) => (n === 21 ? 30 : 60) })).toMatchObject({ counted: 60, there: 30 });
  const long = { started: () => 60, minutes: 450 };
  expect(lost({ ...long, ledger: (n) => (n > 22 ? 0 : n === 22 ? 30 : 60) })).toEqual(none);
  expect(lost({ ...long, ledger: (n) => (n > 20 ? 0 : 60) }).fewer).toEqual([`${date}T21`]);
});

test('M01 where Prometheus does not tell, an hour without any row between full ones is told; a quiet one is not', () => {
  const ledger = (n: number) => (n === 13 || n === 14 ? 0 : 30);
  const silent = [`${date}T13`, `${date}T14`];
  expect(lost({ started: () => undefined, ledger })).toEqual({ ...none, silent });
  expect(lost({ started: (n) => (n === 13 || n === 14 ? null : 30), ledger })).toEqual({ ...none, silent });
  // It was there: nobody worked, or nobody was heard.
  expect(lost({ started: (n) => (n === 13 || n === 14 ? 0 : 30), ledger })).toEqual(none);
  expect(lost({ started: (n) => (n === 13 || n === 14 ? undefined : 30), ledger })).toEqual(none);
  // A fleet that works little, and one that begins at 08 and ends at 20.
  expect(lost({ started: () => undefined, ledger: (n) => (n % 2) * 5 })).toEqual(none);
  expect(lost({ started: () => undefined, ledger: (n) => (n >= 8 && n < 20 ? 90 : 0) })).toEqual(none);
});

test('M01 of sixty days of a fleet none is told that is whole, and each that lost six hours', () => {
  const tasks = sixtyDays(1).flatMap(({ runs }) => runs.flatMap((run) => run.tasks));
  // Agents push each five minutes; a sample at the hour is of the hour that it ends.
  const heard = (ms: number) => hourOf(Math.ceil(ms / 300_000) * 300_000 - 1);
  const byHour = (of: (task: (typeof tasks)[number]) => string) => {
    const groups = Map.groupBy(tasks, of);
    return (day: string, n: number) => groups.get(hourOf(beginOf(day) + n * 3_600_000))?.length ?? 0;
  };
  const [begun, ended, there] = [
    byHour(({ fromMs }) => heard(fromMs)),
    byHour(({ toMs }) => heard(toMs)),
    byHour(({ fromMs }) => hourOf(fromMs)),
  ];
  const told = (isLost: (n: number) => boolean) =>
    dates.filter((day) => {
      const ledger = (n: number) => (isLost(n) ? 0 : there(day, n));
      return lost({ started: (n) => begun(day, n), ended: (n) => ended(day, n), ledger }).fewer.length > 0;
    });
  expect(told(() => false)).toEqual([]);
  expect(told((n) => n >= 9 && n < 15)).toEqual(dates);
});
