import { expect, test } from 'vitest';
import type { MetricHour } from '../record.ts';
import { quiet } from '../testing/some-days.ts';
import { hourRows } from './hour.ts';
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
const parts = (rows: readonly MetricHour[]) => ({
  ...{ ledger: quiet(date), decisions: [], hours: rows, incidents: unknownIncidents, incidentGaps: [] },
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

test('M01 the file is JSON for people, and ends with a line', () => {
  const snapshot = snapshotOf(span, parts([]));
  expect(snapshotPath(date)).toBe('logs/snapshots/2026-02-15.json');
  const text = snapshotText(snapshot);
  expect(JSON.parse(text)).toEqual(snapshot);
  expect(text.startsWith('{\n  "date": "2026-02-15",\n  "state": "final",\n')).toBe(true);
  expect(text.endsWith('}\n')).toBe(true);
});
