/** What is asked for, what comes, and in which order. */
import { describe, expect, test } from 'vitest';
import type { MemoryStore } from '../memory-store.ts';
import { type Database, listOf } from './database.ts';
import { someAnomaly, someBatch, someDay, someDecision, someFinding, someHour, someSnapshot } from './some-rows.ts';
import { twoStores } from './two-stores.ts';

export function readConformance(name: string, empty: () => Promise<Database>): void {
  describe(`${name}: a memory tells`, () => {
    const { database, store } = twoStores(empty);

    const keepHour = (hour: string, ...more: Parameters<typeof someHour>[1][]) =>
      store().keep({ job: 'hour', period: hour, rows: { metrics_hourly: more.map((one) => someHour(hour, one)) } });
    const keepDay = (date: string) =>
      store().keep({
        job: 'day',
        period: date,
        rows: { snapshots: [someSnapshot(date)], metrics_daily: [someDay(date)] },
      });

    test('M03 hours in order of time, metric and labels, both ends in it, whole days and weeks as well', async () => {
      // In UTF-8 the fire engine comes after the tilde of full width, in UTF-16 before.
      const some = [
        { metric: 'b' },
        { metric: 'a', labels: { x: '🚒' } },
        { metric: 'a', labels: { x: '～' } },
        { metric: 'a', labels: {} },
      ];
      for (const hour of ['2026-02-16T00', '2026-02-15T23', '2026-02-15T00', '2026-02-14T23'])
        await keepHour(hour, ...some);
      const told = async (...asked: Parameters<MemoryStore['hours']>) =>
        (await store().hours(...asked)).map(
          ({ hour, metric, labels }) => `${hour.slice(8)} ${metric}${labels.x ?? ''}`,
        );
      const order = ['a～', 'a🚒', 'a', 'b'];
      const at = (...hours: string[]) => hours.flatMap((hour) => order.map((one) => `${hour} ${one}`));
      expect(await told({ from: '2026-02-14T23', to: '2026-02-15T00' })).toEqual(at('14T23', '15T00'));
      expect(await told({ from: '2026-02-15', to: '2026-02-15' })).toEqual(at('15T00', '15T23'));
      expect(await told({ to: '2026-02-15' })).toEqual(at('14T23', '15T00', '15T23'));
      expect(await told({ from: '2026-02-15T01' })).toEqual(at('15T23', '16T00'));
      expect(await told({ from: '2026-W08', to: '2026-W08' })).toEqual(at('16T00'));
      expect(await told({})).toHaveLength(16);
      expect(await told({ from: '2026-02-15', to: '2026-02-15' }, 'b')).toEqual(['15T00 b', '15T23 b']);
      expect(await told({}, 'nobody')).toEqual([]);
      expect(await told({ from: '2026-02-16', to: '2026-02-14' })).toEqual([]);
      await expect(told({ from: 'yesterday' })).rejects.toThrow('Cannot read the period "yesterday"');
    });

    test('M03 days and anomalies of a window; a gap is a gap, and no zero', async () => {
      const gap = { value: null, coverage: 0, gap: 'prometheus' } as const;
      for (const date of ['2026-02-16', '2026-02-15'])
        await store().keep({
          job: 'day',
          period: date,
          rows: {
            metrics_daily: [someDay(date, { metric: 'z', value: 0 }), someDay(date, { metric: 'cost', ...gap })],
            anomalies: [someAnomaly(`b${date}`, `${date}T09`), someAnomaly(`a${date}`, `${date}T09`)],
          },
        });
      const days = await store().days({ from: '2026-02-15T12', to: '2026-02-15T13' });
      expect(days.map(({ metric, value, gap }) => [metric, value, gap])).toEqual([
        ['cost', null, 'prometheus'],
        ['z', 0, null],
      ]);
      expect((await store().days({}, 'cost')).map(({ date }) => date)).toEqual(['2026-02-15', '2026-02-16']);
      expect((await store().anomalies({ to: '2026-02-15' })).map(({ id }) => id)).toEqual([
        'a2026-02-15',
        'b2026-02-15',
      ]);
      expect(await store().anomalies({ to: '2026-02-15T08' })).toEqual([]);
      expect(await store().anomaly('a2026-02-16')).toEqual(someAnomaly('a2026-02-16', '2026-02-16T09'));
      expect(await store().anomaly('nobody')).toBeUndefined();
    });

    test('M01 snapshots, oldest first, of more days than are in memory at once', async () => {
      const dates = Array.from({ length: 70 }, (_, i) =>
        new Date(Date.UTC(2025, 11, 1 + i)).toISOString().slice(0, 10),
      );
      for (const date of [...dates].reverse()) await keepDay(date);
      // The name of a week comes after those of all days.
      await store().keep({ job: 'week', period: '2026-W01', rows: { findings: [someFinding('2026-W01', 'a')] } });
      const told = async (window: Parameters<MemoryStore['snapshots']>[0]) =>
        (await listOf(store().snapshots(window))).map(({ date }) => date);
      expect(await told({})).toEqual(dates);
      expect(await told({ from: '2026-W01', to: '2026-W01' })).toEqual(dates.slice(28, 35));
      expect(await told({ from: dates[3] as string, to: dates[33] as string })).toEqual(dates.slice(3, 34));
      expect(await told({ from: dates[3] as string, to: dates[64] as string })).toEqual(dates.slice(3, 65));
      expect(await told({ from: '2027-01-01' })).toEqual([]);
      expect(await store().snapshot('2026-03-01')).toBeUndefined();
      await expect(store().snapshot('15 February')).rejects.toThrow('Cannot read the period "15 February"');
    }, 120_000);

    test('M03 decisions by id, and of the days of a window in order', async () => {
      const decisions = [
        someDecision('c', '2026-02-15T09:00:00.001Z'),
        someDecision('b', '2026-02-15T09:00:00.001Z', { outcome: 'failure', outcome_at: '2026-02-15T10:00:00.000Z' }),
        someDecision('d', '2026-02-15T08:00:00.000Z'),
      ];
      await store().keep({ job: 'day', period: '2026-02-15', rows: { decisions_log: decisions } });
      await store().keep(someBatch('2026-02-16', 1));
      const told = (await store().decisions({ to: '2026-02-15' })).map(({ id }) => id);
      expect(told).toEqual(['d', 'b', 'c']);
      expect(await store().decision('b')).toEqual(decisions[1]);
      expect(await store().decision('nobody')).toBeUndefined();
    });

    test('M02 findings of all weeks up to one, in order', async () => {
      for (const week of ['2026-W02', '2026-W01', '2025-W52'])
        await store().keep({
          job: 'week',
          period: week,
          rows: { findings: [someFinding(week, 'b'), someFinding(week, 'a', { direction: -1, high: 0.5 })] },
        });
      expect(await store().findings('2026-W01')).toEqual(
        ['2025-W52', '2026-W01'].flatMap((week) => [
          someFinding(week, 'a', { direction: -1, high: 0.5 }),
          someFinding(week, 'b'),
        ]),
      );
      expect(await store().findings('2025-W51')).toEqual([]);
      expect(await store().done('week', '2026-01-01')).toEqual(['2026-W01', '2026-W02']);
    });

    test('M01 what is done, by job, in order, from one on', async () => {
      for (const date of ['2026-02-16', '2026-02-14', '2026-02-15']) await keepDay(date);
      for (const hour of ['2026-02-15T00', '2026-02-14T23']) await keepHour(hour);
      await store().keep({ job: 'history', period: '2026-02-15T06', rows: {} });
      expect(await store().done('day')).toEqual(['2026-02-14', '2026-02-15', '2026-02-16']);
      expect(await store().done('day', '2026-02-15')).toEqual(['2026-02-15', '2026-02-16']);
      expect(await store().done('day', '2026-02-15T23')).toEqual(['2026-02-15', '2026-02-16']);
      expect(await store().done('hour', '2026-02-15')).toEqual(['2026-02-15T00']);
      expect(await store().done('history')).toEqual(['2026-02-15T06']);
      expect(await store().done('week')).toEqual([]);
    });

    test('M01 damage: a period that is done and has lost a row is named', async () => {
      await store().keep(someBatch('2026-02-14', 1));
      await store().keep(someBatch('2026-02-15', 1));
      expect(await store().damage()).toBeUndefined();
      await database().lose('decisions_log');
      expect(await store().damage()).toMatch(/^day 2026-02-1[45] has 8 of its 9 rows$/);
      await store().keep(someBatch('2026-02-14', 1));
      await store().keep(someBatch('2026-02-15', 1));
      expect(await store().damage()).toBeUndefined();
    });
  });
}
