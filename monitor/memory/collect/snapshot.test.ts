import { expect, test } from 'vitest';
import type { MetricHour } from '../record.ts';
import { quiet } from '../testing/some-days.ts';
import { hourRows } from './hour.ts';
import type { LostHours } from './lost-hours.ts';
import { daySpan } from './read-ledger.ts';
import { snapshotOf, snapshotPath, snapshotText, unknownIncidents } from './snapshot.ts';

const date = '2026-02-15';
const span = daySpan(date, 'final');
const started = { coverage: 1, answers: new Map([['tasks_started', [{ labels: {}, value: 5 }]]]) };
const hours = (kind: (n: number) => 'busy' | 'silent' | 'away'): MetricHour[] =>
  Array.from({ length: 24 }, (_, n) => {
    const hour = `${date}T${String(n).padStart(2, '0')}`;
    const coverage = kind(n) === 'away' ? 0 : 1;
    return hourRows(hour, kind(n) === 'busy' ? started : { coverage, answers: new Map() });
  }).flat();
const lost: LostHours = { fewer: [], counted: 0, there: 0, silent: [] };
const parts = (rows: readonly MetricHour[]) => ({
  ...{
    ledger: quiet(date),
    isEmpty: false,
    unseen: 0,
    lost,
    decisions: [],
    hours: rows,
    incidents: unknownIncidents,
    incidentGaps: [],
  },
});

test('M01 what is missing of a day is said in whole sentences, hours in ranges', () => {
  const rows = hours((n) => ((n >= 3 && n < 6) || n === 20 ? 'away' : n === 9 ? 'silent' : 'busy'));
  const snapshot = snapshotOf(span, { ...parts(rows), incidentGaps: ['Incidents are not known.'] });
  expect(snapshot).toMatchObject({ state: 'final', hours_measured: 20, through: '2026-02-16T06:00:00.000Z' });
  expect(snapshot.gaps).toEqual([
    'Prometheus did not measure 4 of 24 hours: 03–05, 20 UTC.',
    'No agent sent metrics in 1 hour: 09 UTC.',
    'Incidents are not known.',
  ]);
});

test('M01 a whole day has no gaps; one that nobody measured says so', () => {
  expect(snapshotOf(span, parts(hours(() => 'busy'))).gaps).toEqual([]);
  expect(snapshotOf(span, parts([]))).toMatchObject({
    ...{ hours_measured: 0, gaps: ['Prometheus measured none of the day.'] },
  });
});

test('M01 a day of which the ledger has no row and that nobody measured is not known, and no day without work', () => {
  const told = (isEmpty: boolean, kind: 'silent' | 'away') => {
    const { ledger, gaps } = snapshotOf(span, { ...parts(hours(() => kind)), isEmpty });
    return [
      ledger,
      gaps.some((gap) => gap === 'The ledger has no row of the day: whether anybody worked is not known.'),
    ];
  };
  expect(told(true, 'away')).toEqual(['gone', true]);
  // Prometheus was there, and nobody sent: nobody worked.
  expect(told(true, 'silent')).toEqual(['known', false]);
  expect(told(false, 'away')).toEqual(['known', false]);
});

test('M01 work that is not over when the day is closed is said: no later day tells what came of it', () => {
  const gapsOf = (in_progress: number, state: 'open' | 'final' = 'final') => {
    const ledger = { ...quiet(date), tasks: { started: 9, completed: 9 - in_progress, failed: 0, in_progress } };
    return snapshotOf(daySpan(date, state), { ...parts(hours(() => 'busy')), ledger }).gaps;
  };
  expect(gapsOf(0)).toEqual([]);
  expect(gapsOf(1)).toEqual([
    '1 task was not over at 06:00 UTC: its outcome is in no sum, its cost in that of models alone.',
  ]);
  expect(gapsOf(3, 'open')).toEqual([
    '3 tasks were not over at 23:00 UTC: their outcome is in no sum, their cost in that of models alone.',
  ]);
});

test('M01 a ledger that lost a part of the day is said, with what others know of it', () => {
  const at = (...hours: string[]) => hours.map((hour) => `${date}T${hour}`);
  const told = (more: Partial<LostHours>) => {
    const { ledger, gaps } = snapshotOf(span, { ...parts(hours(() => 'busy')), lost: { ...lost, ...more } });
    return { ledger, gaps };
  };
  expect(told({})).toEqual({ ledger: 'known', gaps: [] });
  expect(told({ fewer: at('09', '10', '14'), counted: 12_300, there: 1, silent: at('20') })).toEqual({
    ledger: 'part',
    gaps: [
      'The ledger has 1 task of 3 hours (09–10, 14 UTC) in which Prometheus counted 12 300: what the ledger tells is a part.',
      'The ledger has no row of 1 hour (20 UTC) between hours with many, and Prometheus does not tell of it: whether anybody worked is not known.',
    ],
  });
});

test('M01 what a day holds together is said', () => {
  const rest = { ...quiet(date).rest, agents: 1, agents_started: 7, errors: 12_000, errors_times: 12_001 };
  expect(snapshotOf(span, { ...parts(hours(() => 'busy')), ledger: { ...quiet(date), rest } }).gaps).toEqual([
    '1 more agent of the day, the rarest, is told together: 7 tasks.',
    '12 000 more kinds of error of the day, the rarest, are told together: 12 001 times.',
  ]);
});

test('M01 the file is JSON for people, and ends with a line', () => {
  const snapshot = snapshotOf(span, parts([]));
  expect(snapshotPath(date)).toBe('logs/snapshots/2026-02-15.json');
  const text = snapshotText(snapshot);
  expect(JSON.parse(text)).toEqual(snapshot);
  expect(text.startsWith('{\n  "date": "2026-02-15",\n  "state": "final",\n')).toBe(true);
  expect(text.endsWith('}\n')).toBe(true);
});
