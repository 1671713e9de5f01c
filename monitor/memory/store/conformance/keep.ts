/** What becomes of a batch, whatever happens to who keeps it. */
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Batch } from '../memory-store.ts';
import { type Database, listOf, seen } from './database.ts';
import { someAnomaly, someBatch, someDay, someDecision, someFinding, someHour, someSnapshot } from './some-rows.ts';
import { twoStores } from './two-stores.ts';

const day = '2026-02-15';
const window = { from: day, to: day };

export function keepConformance(name: string, empty: () => Promise<Database>): void {
  describe(`${name}: a memory keeps`, () => {
    const { database, store, other, reopen } = twoStores(empty);

    test('M03 gives back what was kept, to the last character, and has it when it is opened again', async () => {
      const labels = JSON.parse('{"a.b":"1","$set":"2","__proto__":"3","":"4","größe":"5 %","n":"\\u0000🚒"}');
      const batch: Batch = {
        ...someBatch(day, 1.5),
        rows: { ...someBatch(day, 1.5).rows, metrics_hourly: [someHour(`${day}T09`, { labels })] },
      };
      await store().keep(batch);
      await reopen();
      const { rows } = batch;
      expect(await store().hours(window)).toEqual(rows.metrics_hourly);
      expect(await store().days(window)).toEqual(rows.metrics_daily);
      expect(await store().snapshot(day)).toEqual(rows.snapshots?.[0]);
      expect(JSON.stringify(await store().snapshot(day))).toBe(JSON.stringify(rows.snapshots?.[0]));
      expect(await store().decisions(window)).toEqual(rows.decisions_log);
      expect(await store().anomalies(window)).toEqual(rows.anomalies);
      expect(await store().done('day')).toEqual([day]);
      expect(await other().damage()).toBeUndefined();
    });

    test('M03 equal rows are equal bytes, in whatever order their fields came', async () => {
      const turned = (value: unknown): unknown =>
        Array.isArray(value)
          ? value.map(turned)
          : typeof value === 'object' && value !== null
            ? Object.fromEntries(
                Object.entries(value)
                  .reverse()
                  .map(([key, one]) => [key, turned(one)]),
              )
            : value;
      const batch = someBatch(day, 1);
      await store().keep(batch);
      const once = await seen(store(), window);
      await store().keep({ ...batch, rows: turned(batch.rows) as Batch['rows'] });
      expect(await seen(store(), window)).toBe(once);
      expect(Object.keys((await store().snapshot(day)) ?? {}).slice(0, 3)).toEqual(['date', 'state', 'through']);
    });

    test('M03 forgets what was made of a period, and what that took the place of; made again it is as it was', async () => {
      const hour: Batch = { job: 'hour', period: `${day}T09`, rows: { metrics_hourly: [someHour(`${day}T09`)] } };
      await store().keep(hour);
      await store().keep(someBatch('2026-02-14', 1));
      const before = await seen(other(), {});
      await store().keep(someBatch(day, 1));
      const whole = await seen(other(), {});
      await other().forget('day', day);
      await other().forget('day', day);
      expect(await store().done('day')).toEqual(['2026-02-14']);
      expect(await store().done('hour')).toEqual([]);
      expect(await store().snapshot(day)).toBeUndefined();
      expect(await store().hours(window)).toEqual([]);
      expect(await store().damage()).toBeUndefined();
      await reopen();
      await store().keep(hour);
      expect(await seen(store(), {})).toBe(before);
      await other().keep(someBatch(day, 1));
      expect(await seen(store(), {})).toBe(whole);
      expect(await other().damage()).toBeUndefined();
    });

    test('M03 the same batch twice, or by another, leaves the same rows', async () => {
      await store().keep(someBatch(day, 1));
      const once = await seen(store(), window);
      await other().keep(someBatch(day, 1));
      await store().keep(someBatch(day, 1));
      expect(await seen(other(), window)).toBe(once);
      expect(await store().done('day')).toEqual([day]);
      expect(await store().damage()).toBeUndefined();
    });

    test('M03 less than before takes away what is not there any more, of this period and this job alone', async () => {
      await store().keep(someBatch('2026-02-14', 1));
      await store().keep(someBatch(day, 1));
      await store().keep({ job: 'history', period: `${day}T00`, rows: { metrics_hourly: [someHour(`${day}T00`)] } });
      const before = await seen(store(), { from: '2026-02-14', to: '2026-02-14' });
      await other().keep({
        job: 'day',
        period: day,
        rows: { metrics_daily: [someDay(day, { value: null, gap: 'prometheus' })] },
      });
      expect(await store().days(window)).toEqual([someDay(day, { value: null, gap: 'prometheus' })]);
      expect(await store().snapshot(day)).toBeUndefined();
      expect(await store().decision(`${day}/0`)).toBeUndefined();
      expect(await store().anomalies(window)).toEqual([]);
      expect(await store().hours(window)).toEqual([someHour(`${day}T00`)]);
      expect(await seen(store(), { from: '2026-02-14', to: '2026-02-14' })).toBe(before);
      await store().keep({ job: 'day', period: day, rows: {} });
      expect(await store().days(window)).toEqual([]);
      expect(await store().done('day')).toEqual(['2026-02-14', day]);
      expect(await store().damage()).toBeUndefined();
    });

    test('M01 a day takes the place of what was told before it was over, whichever is kept last', async () => {
      const soFar: Batch = {
        job: 'day-so-far',
        period: day,
        rows: {
          snapshots: [someSnapshot(day, { state: 'open' })],
          decisions_log: [someDecision('early', `${day}T08:00:00.000Z`)],
        },
      };
      await store().keep(soFar);
      expect((await other().snapshot(day))?.state).toBe('open');
      expect(await other().decision('early')).toBeDefined();
      await store().keep(someBatch(day, 1));
      const final = await seen(store(), window);
      expect(final).not.toContain('"state":"open"');
      expect(await other().decision('early')).toBeUndefined();
      await other().keep(soFar);
      expect(await seen(store(), window)).toBe(final);
      expect(await store().done('day-so-far')).toEqual([day]);
      expect(await store().damage()).toBeUndefined();
    });

    test('M03 a day takes the place of its hours, which were read before late samples came, whichever is kept last', async () => {
      const hour = (period: string, value: number): Batch => ({
        ...{ job: 'hour', period },
        rows: { metrics_hourly: [someHour(period, { value })], anomalies: [someAnomaly(`of ${period}`, period)] },
      });
      for (const of of ['2026-02-14T23', `${day}T00`, `${day}T23`, '2026-02-16T00']) await store().keep(hour(of, 1));
      const around = { from: '2026-02-14', to: '2026-02-16' };
      const final: Batch = {
        ...{ job: 'day', period: day },
        rows: { metrics_hourly: [someHour(`${day}T00`, { value: 2 }), someHour(`${day}T11`, { value: 2 })] },
      };
      await other().keep(final);
      const told = async () => (await store().hours(around)).map(({ hour, value }) => [hour, value]);
      const expected = [
        ['2026-02-14T23', 1],
        [`${day}T00`, 2],
        [`${day}T11`, 2],
        ['2026-02-16T00', 1],
      ];
      expect(await told()).toEqual(expected);
      expect(await store().anomaly(`of ${day}T23`)).toBeUndefined();
      expect(await store().anomaly('of 2026-02-16T00')).toBeDefined();
      for (const late of [`${day}T23`, `${day}T05`]) await store().keep(hour(late, 3));
      expect(await told()).toEqual(expected);
      expect(await other().done('hour', day)).toEqual([`${day}T00`, `${day}T05`, `${day}T23`, '2026-02-16T00']);
      expect(await store().damage()).toBeUndefined();
      await reopen();
      expect(await told()).toEqual(expected);
    });

    test('M01 killed at any write: nothing of it is seen, or all, and the next run makes it whole', async () => {
      let kills = 0;
      for (let answer = 'killed'; answer === 'killed'; kills++) {
        const period = new Date(Date.UTC(2026, 0, 1 + kills)).toISOString().slice(0, 10);
        const of = { from: period, to: period };
        const nothing = await seen(other(), of);
        database().breakAfter(kills);
        answer = await store()
          .keep(someBatch(period, 1))
          .then(
            () => 'kept',
            () => 'killed',
          );
        database().mend();
        const isDone = (await other().done('day')).includes(period);
        if (answer === 'kept') expect(isDone).toBe(true);
        if (!isDone) expect([kills, await seen(other(), of)]).toEqual([kills, nothing]);
        await other().keep(someBatch(period, 1));
        const whole = (await seen(other(), of)).replaceAll(period, 'DAY');
        const undisturbed = await seenUndisturbed(someBatch(period, 1));
        expect([kills, whole]).toEqual([kills, undisturbed.replaceAll(period, 'DAY')]);
      }
      // The number, rows of five tables, the mark.
      expect(kills).toBeGreaterThan(6);
      expect(await store().damage()).toBeUndefined();
    });

    test('M01 killed while it is made anew: what was there is seen, or what takes its place, and never a mixture', async () => {
      let kills = 0;
      const outcomes = new Set<string>();
      for (let answer = 'killed'; answer === 'killed'; kills++) {
        await store().keep(someBatch(day, 1, 3));
        const before = await seen(other(), window);
        database().breakAfter(kills);
        answer = await store()
          .keep(someBatch(day, 2, 2))
          .then(
            () => 'kept',
            () => 'killed',
          );
        database().mend();
        const after = await seen(other(), window);
        const isOld = after === before;
        outcomes.add(isOld ? 'old' : 'new');
        if (!isOld) expect([kills, after]).toEqual([kills, await seenUndisturbed(someBatch(day, 2, 2))]);
        expect(answer === 'kept' && isOld).toBe(false);
        expect(await other().done('day')).toEqual([day]);
        expect(await other().damage()).toBeUndefined();
      }
      expect(outcomes).toEqual(new Set(['old', 'new']));
      expect(kills).toBeGreaterThan(6);
    });

    test('M01 of two that keep a period at once one stays, and whoever reads meanwhile sees one of them whole', async () => {
      await store().keep(someBatch(day, 0, 3));
      const marks = Array.from({ length: 8 }, (_, i) => i + 1);
      let isOver = false;
      const writing = Promise.all(
        marks.map((mark) => (mark % 2 ? store() : other()).keep(someBatch(day, mark, 1 + (mark % 3)))),
      ).finally(() => {
        isOver = true;
      });
      const read = async () => {
        const days = await other().days(window);
        const [first] = days;
        const mark = first?.value as number;
        expect(days).toEqual(someBatch(day, mark, mark === 0 ? 3 : 1 + (mark % 3)).rows.metrics_daily);
      };
      for (; !isOver; await turn()) await read();
      await writing;
      await read();
      const mark = (await store().days(window))[0]?.value as number;
      expect(await seen(store(), window)).toBe(await seenUndisturbed(someBatch(day, mark, 1 + (mark % 3))));
      expect(await store().damage()).toBeUndefined();
    });

    test.each<[string, Batch, string]>([
      ['a day that is none', { job: 'day', period: '2026-02-30', rows: {} }, 'Cannot read the period "2026-02-30"'],
      ['a period of another length', { job: 'day', period: '2026-W07', rows: {} }, 'Write 2026-02-09.'],
      [
        'a row of another day',
        { job: 'day', period: day, rows: { metrics_daily: [someDay('2026-02-14')] } },
        'Cannot keep day 2026-02-15: metrics_daily[0] is of 2026-02-14. Keep it with the period it is of.',
      ],
      [
        'a row of more time than the job has',
        { job: 'hour', period: `${day}T09`, rows: { metrics_daily: [someDay(day)] } },
        'it has rows of metrics_daily, each of which is of a longer time.',
      ],
      [
        'one row twice',
        {
          job: 'week',
          period: '2026-W07',
          rows: { findings: [someFinding('2026-W07', 'k'), someFinding('2026-W07', 'k')] },
        },
        'Cannot keep week 2026-W07: findings[1] is there twice (["2026-W07","k"]). Keep one of them.',
      ],
      [
        'what is no number',
        { job: 'day', period: day, rows: { metrics_daily: [someDay(day, { value: Number.NaN })] } },
        'metrics_daily[0].value is NaN. Write text, a finite number, or null for what is not known.',
      ],
      [
        'a field that is missing deep inside',
        { job: 'day', period: day, rows: { snapshots: [someSnapshot(day, { tasks: {} as never })] } },
        'snapshots[0].tasks.started is undefined.',
      ],
      [
        'a field that nobody knows',
        { job: 'day', period: day, rows: { metrics_daily: [{ ...someDay(day), hours: 24 } as never] } },
        'metrics_daily[0] has a field "hours".',
      ],
    ])('M03 refuses %s, and leaves all as it was', async (_, batch, words) => {
      await store().keep(someBatch(day, 1));
      const before = await seen(store(), window);
      const refused = await store()
        .keep(batch)
        .then(
          () => expect.unreachable(),
          (error: Error) => error,
        );
      expect(refused).toBeInstanceOf(RangeError);
      expect(refused.message).toContain(words);
      expect(await seen(store(), window)).toBe(before);
      expect(await listOf(store().snapshots({}))).toHaveLength(1);
    });

    /** What an undisturbed run leaves. */
    async function seenUndisturbed(batch: Batch): Promise<string> {
      const fresh = await empty();
      const one = await fresh.open();
      await one.keep(batch);
      const found = await seen(one, { from: batch.period, to: batch.period });
      await one.close();
      await fresh.remove();
      return found;
    }
  });
}
