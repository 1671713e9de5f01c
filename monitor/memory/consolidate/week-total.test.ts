import { expect, test } from 'vitest';
import type { Snapshot } from '../record.ts';
import { quiet } from '../testing/some-days.ts';
import { summary } from './summary.ts';
import { daysOfWeek, onlyWhole, totalOf } from './week-total.ts';

const unknown = { raised: null, resolved: null, open: null, alerts: [] };
const day = (n: number, more: Partial<Snapshot> = {}): Snapshot => {
  const date = `2026-02-1${n}`;
  const tasks = { started: 10, completed: 9, failed: 1, in_progress: 0 };
  return { ...quiet(date), tasks, cost: { ...quiet(date).cost, micro_usd: 1000 }, ...more };
};

test('M02 a sum says of how many days it is: money and incidents are not known of each', () => {
  const none = quiet('2026-02-10').cost;
  expect(
    totalOf([
      day(0, { incidents: { ...unknown, raised: 6 } }),
      day(1, { incidents: unknown }),
      day(2, { incidents: unknown, cost: none }),
      // Nothing ended: it cost nothing, and that is known.
      quiet('2026-02-13'),
    ]),
  ).toMatchObject({ days: 4, ended: 30, cost_micro_usd: 2000, cost_days: 3, incidents_raised: 6, incident_days: 2 });
});

test('M02 a day that the ledger has lost is in no sum but that of incidents', () => {
  const { tasks, cost } = quiet('2026-02-11');
  const lost = day(1, { ledger: 'gone', tasks, cost, incidents: { ...unknown, raised: 2 } });
  expect(totalOf([day(0), lost])).toMatchObject({
    ...{ days: 1, cost_days: 1, ended: 10, cost_micro_usd: 1000, incidents_raised: 2, incident_days: 2 },
  });
});

test('M02 a day of which a part is lost is in each sum with what is left, and in no average of days', () => {
  const all = [day(0), day(1, { ledger: 'part', tasks: { started: 2, completed: 1, failed: 1, in_progress: 0 } })];
  const total = totalOf(all);
  expect(total).toMatchObject({ days: 2, whole_days: 1, ended: 12 });
  expect(daysOfWeek(total)).toBe('2 of 7 days, 1 of them in part');
  expect(totalOf(onlyWhole(all))).toMatchObject({ days: 1, whole_days: 1, ended: 10 });
  expect(daysOfWeek(totalOf([day(0), day(1)]))).toBe('2 of 7 days');
});

test('M02 a week says how many of its days are known in part; of whole ones nothing is said', () => {
  const told = (snapshots: readonly Snapshot[]) =>
    /days of seven.*/.exec(summary({ week: '2026-W08', snapshots, decisions: [], findings: [] }))?.[0];
  expect(told([day(6), day(7, { ledger: 'part' })])).toBe('days of seven | 2, 1 of them in part | 0 |');
  expect(told([day(6), day(7)])).toBe('days of seven | 2 | 0 |');
});
