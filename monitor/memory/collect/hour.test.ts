import { expect, test } from 'vitest';
import { dayRows, hoursOf } from './day.ts';
import { historyHours, historyPath, historyText } from './history-file.ts';
import { hourRows } from './hour.ts';
import type { Answer, Reading } from './prometheus.ts';
import { daySpan } from './read-ledger.ts';
import { metrics } from './remembered.ts';

const date = '2026-02-15';
const hour = (n: number) => `${date}T${String(n).padStart(2, '0')}`;
const all = (value: number): Answer => ({ labels: {}, value });
const code = (value: number): Answer => ({ labels: { agent_name: 'code' }, value });
const reading = (answers: Record<string, Answer[]>, coverage = 1): Reading => ({
  coverage,
  answers: new Map(Object.entries(answers)),
});
const rowOf = <Row extends { metric: string; labels: object }>(rows: readonly Row[], metric: string, labels = {}) =>
  rows.find((row) => row.metric === metric && JSON.stringify(row.labels) === JSON.stringify(labels));

test('M03 of each metric an hour has a row: a value, zero where a counter did not move, or the gap by its name', () => {
  const rows = hourRows(hour(9), reading({ tasks_completed: [all(0), code(0)], cost: [all(0.25)] }));
  expect(new Set(rows.map(({ metric }) => metric))).toEqual(
    new Set([...metrics.map(({ metric }) => metric), 'error_rate']),
  );
  expect(rowOf(rows, 'tasks_completed', { agent_name: 'code' })).toEqual({
    ...{ hour: hour(9), metric: 'tasks_completed', labels: { agent_name: 'code' }, value: 0 },
    ...{ unit: '{task}', coverage: 1, gap: null },
  });
  expect(rowOf(rows, 'queue_depth')).toMatchObject({ value: null, gap: 'nothing sent' });
  for (const { value, gap } of hourRows(hour(9), reading({}, 0))) expect([value, gap]).toEqual([null, 'prometheus']);
});

test('M03 late samples of a time when Prometheus was not there are values, and say how little was measured', () => {
  const rows = hourRows(hour(9), reading({ tasks_completed: [all(5)] }, 0));
  expect(rowOf(rows, 'tasks_completed')).toMatchObject({ value: 5, coverage: 0, gap: null });
});

test('M03 a rate is a share of what ended; of nothing it is none, and no failure yet is none at all', () => {
  const rate = (answers: Record<string, Answer[]>, labels = {}) =>
    rowOf(hourRows(hour(9), reading(answers)), 'error_rate', labels);
  expect(rate({ tasks_completed: [all(3), code(3)], tasks_failed: [all(1), code(1)] })?.value).toBe(0.25);
  expect(rate({ tasks_completed: [all(3), code(3)] }, { agent_name: 'code' })?.value).toBe(0);
  expect(rate({ tasks_failed: [all(2), code(2)] }, { agent_name: 'code' })?.value).toBe(1);
  expect(rate({ tasks_completed: [all(0)] })).toMatchObject({ value: null, gap: 'nothing sent' });
});

test('M03 rows are in one order, whatever the order of the answers', () => {
  const answers = { tasks_failed: [code(1), all(1)], cost: [all(2)] };
  const turned = { cost: [all(2)], tasks_failed: [all(1), code(1)] };
  expect(JSON.stringify(hourRows(hour(9), reading(answers)))).toBe(JSON.stringify(hourRows(hour(9), reading(turned))));
});

test('M03 a day adds up its hours, asks for what does not add up, and says how much of it was measured', () => {
  const span = daySpan(date, 'final');
  const rows = [
    ...Array.from({ length: 12 }, (_, n) =>
      hourRows(hour(n), reading({ cost: [all(0.1)], task_p95: [all(9)] })),
    ).flat(),
    ...hourRows(hour(12), reading({}, 0)),
  ];
  const day = dayRows(span, rows, reading({ task_p95: [all(7)] }));
  // Eleven hours were never made: nobody says that they were quiet.
  expect(rowOf(day, 'cost')).toEqual({
    ...{ date, metric: 'cost', labels: {}, value: 1.2, unit: 'usd', coverage: 0.5, gap: null },
  });
  expect(rowOf(day, 'task_p95')?.value).toBe(7);
  expect(rowOf(day, 'tasks_started')).toMatchObject({ value: null, gap: 'nothing sent' });
  expect(rowOf(dayRows(span, [], reading({})), 'cost')).toBeUndefined();
  expect(rowOf(dayRows(span, hourRows(hour(0), reading({}, 0)), reading({})), 'cost')?.gap).toBe('prometheus');
});

test('M01 the day so far has 23 hours', () => {
  expect(hoursOf(daySpan(date, 'final'))).toHaveLength(24);
  expect(hoursOf(daySpan(date, 'open')).at(-1)).toBe(hour(22));
});

test('M03 the file of six hours is a line for each metric, of its six hours alone', () => {
  const rows = [
    ...[6, 7, 8].flatMap((n) => hourRows(hour(n), reading({ cost: [all(n)], tasks_failed: [code(1)] }))),
    ...hourRows(hour(9), reading({}, 0)),
    ...hourRows(hour(12), reading({ cost: [all(12)] })),
  ];
  expect(historyHours(hour(11))).toEqual([6, 7, 8, 9, 10, 11].map(hour));
  expect(historyPath(hour(11))).toBe('logs/metrics-history/2026-02-15T06.json');
  const text = historyText(hour(11), rows);
  expect(text.split('\n').slice(0, 5)).toEqual([
    '{',
    '  "from": "2026-02-15T06:00:00.000Z",',
    '  "to": "2026-02-15T12:00:00.000Z",',
    '  "coverage": [',
    '    {"hour":"2026-02-15T06","measured":1},',
  ]);
  expect(text).toContain(
    '    {"metric":"cost","unit":"usd","labels":{},"values":[6,7,8,null,null,null],"gaps":["prometheus"]},\n',
  );
  expect(text.endsWith('\n}\n')).toBe(true);
  expect(JSON.parse(text).coverage.slice(3)).toEqual([
    { hour: hour(9), measured: 0 },
    { hour: hour(10), measured: null },
    { hour: hour(11), measured: null },
  ]);
  expect(historyText(hour(6), rows.toReversed())).toBe(text);
});
