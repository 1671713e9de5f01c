/** What every store must do. Run by sqlite.test.ts, and against a real server by test/stack/escalation-store.test.ts. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { verify } from '../audit/verify.ts';
import type { Incident } from '../incident/incident.ts';
import { entry, list, someIncident } from './some-incident.ts';
import type { Store } from './store.ts';

/** An empty database. */
export interface Database {
  /** Another connection to it, as another process has one. */
  open(): Promise<Store>;
  remove(): Promise<void>;
}

export function conformance(name: string, empty: () => Promise<Database>): void {
  describe(`${name}: a store`, () => {
    let database: Database;
    let store: Store;
    let other: Store;
    beforeEach(async () => {
      database = await empty();
      [store, other] = [await database.open(), await database.open()];
    });
    afterEach(async () => {
      await Promise.all([store.close(), other.close()]);
      await database.remove();
    });

    const saved = async (...incidents: Incident[]) => {
      for (const incident of incidents) expect(await store.save(incident)).toBe(true);
    };
    const ids = (incidents: Incident[]) => incidents.map(({ id }) => id);

    test('X05 gives back what was saved, to the last character', async () => {
      const labels = JSON.parse('{"a.b":"1","$set":"2","__proto__":"3","":"4","größe":"5 %"}') as Record<
        string,
        string
      >;
      const alert = {
        fingerprint: 'f',
        status: 'firing' as const,
        labels,
        annotations: { text: 'a\u0000\u2028"\\🚒'.repeat(9_000) },
      };
      const alerts = [{ ...alert, startsAt: 1, lastSeenAt: 1764118215123.25, times: Number.MAX_SAFE_INTEGER } as const];
      const incident = someIncident('a', { alerts, openedAt: 1764118215123.5, dueAt: 1764118215123.75 });
      await saved({ ...incident, journal: [entry('a', 1)] });
      expect(await other.byId('a')).toEqual(incident);
      expect(JSON.stringify(await other.byId('a'))).toBe(JSON.stringify(incident));
      expect(await store.byId('b')).toBeUndefined();
    });

    test('X05 takes a version once, after the one before it, and answers false to all others', async () => {
      const first = someIncident('a');
      await saved(first, { ...first, version: 2, title: 'two' });
      const entries = [entry('a', 9)];
      const wrong = [
        first,
        { ...first, version: 2 },
        { ...first, version: 4 },
        { ...someIncident('unknown'), version: 2 },
      ];
      for (const incident of wrong)
        expect(await store.save({ ...incident, title: 'no', journal: entries })).toBe(false);
      expect(await store.byId('a')).toEqual({ ...first, version: 2, title: 'two' });
      expect(await store.byId('unknown')).toBeUndefined();
      expect(await list(store.audit())).toEqual([]);
    });

    test('X05 lets one of many win who save the same version at once', async () => {
      await saved(someIncident('a'));
      const rivals = Array.from({ length: 20 }, (_, i) => ({ ...someIncident('a'), version: 2, title: `rival ${i}` }));
      const won = await Promise.all(rivals.map((rival, i) => (i % 2 ? store : other).save(rival)));
      expect(won.filter(Boolean)).toHaveLength(1);
      expect((await store.byId('a'))?.title).toBe(`rival ${won.indexOf(true)}`);
    });

    test('X01 opens one incident of a key, whoever is fast, and another when it is resolved', async () => {
      const rivals = Array.from({ length: 10 }, (_, i) => someIncident(`a${i}`, { key: 'same' }));
      const won = await Promise.all(rivals.map((rival, i) => (i % 2 ? store : other).save(rival)));
      expect(won.filter(Boolean)).toHaveLength(1);
      const first = rivals[won.indexOf(true)] as Incident;
      const resolved = { ...first, version: 2, state: 'resolved', dueAt: null } as const;
      await saved(resolved, someIncident('b', { key: 'same' }));
      expect((await store.newestOf('same'))?.id).toBe('b');
      expect(await store.newestOf('other')).toBeUndefined();
      // Nor is the first opened again beside it.
      expect(await store.save({ ...resolved, version: 3, state: 'open' })).toBe(false);
      expect((await store.byId(first.id))?.state).toBe('resolved');
    });

    test('X01 the open incident of a key is its newest, also when a clock that was set back gave it an older id', async () => {
      const ahead = someIncident('b', { key: 'same' });
      await saved(ahead, { ...ahead, version: 2, state: 'resolved', dueAt: null }, someIncident('a', { key: 'same' }));
      expect((await store.newestOf('same'))?.id).toBe('a');
      await saved({ ...someIncident('a', { key: 'same' }), version: 2, state: 'resolved', dueAt: null });
      expect((await store.newestOf('same'))?.id).toBe('b');
    });

    test('X05 gives what is due, the longest overdue first', async () => {
      const dueAt = { a: 30, b: 10, c: null, d: 20, e: 31 };
      await saved(...Object.entries(dueAt).map(([id, at]) => someIncident(id, { dueAt: at })));
      expect(ids(await store.due(30, 10))).toEqual(['b', 'd', 'a']);
      expect(ids(await store.due(30, 2))).toEqual(['b', 'd']);
      expect(await store.due(9, 10)).toEqual([]);
      await saved({ ...someIncident('b', { dueAt: 40 }), version: 2 });
      expect(ids(await store.due(30, 10))).toEqual(['d', 'a']);
    });

    test('X02 lists the newest first, by page, state, team and severity', async () => {
      await saved(
        someIncident('1', { severity: 'info' }),
        someIncident('2', { team: 'platform' }),
        someIncident('3', { state: 'resolved' }),
        someIncident('4', { state: 'snoozed', severity: 'info', team: 'platform' }),
      );
      const listed = async (filter: object) => ids(await store.list({ limit: 10, ...filter }));
      expect(await listed({})).toEqual(['4', '3', '2', '1']);
      expect(await listed({ limit: 2 })).toEqual(['4', '3']);
      expect(await listed({ limit: 2, before: '3' })).toEqual(['2', '1']);
      expect(await listed({ states: ['open', 'snoozed'] })).toEqual(['4', '2', '1']);
      expect(await listed({ states: ['resolved'] })).toEqual(['3']);
      expect(await listed({ states: [] })).toEqual([]);
      expect(await listed({ team: 'platform', severity: 'info' })).toEqual(['4']);
      expect(await listed({ team: 'platform', severity: 'info', before: '4' })).toEqual([]);
    });

    test('X05 walks through everything that is not resolved, oldest first', async () => {
      const many = Array.from({ length: 250 }, (_, i) => someIncident(`i${1000 + i}`));
      await Promise.all(many.map((incident) => store.save(incident)));
      await saved({ ...(many[7] as Incident), version: 2, state: 'resolved' });
      expect(ids(await list(store.unresolved()))).toEqual(ids(many).filter((_, i) => i !== 7));
      expect(await store.openBySeverity()).toEqual({ critical: 249, high: 0, warning: 0, info: 0 });
    });

    test('X02 spends a token once, also for two at once, and forgets it when it has expired', async () => {
      const spent = await Promise.all([store, other, store, other].map((one) => one.spend('token', 100)));
      expect(spent.filter(Boolean)).toHaveLength(1);
      await store.forget(100);
      expect(await other.spend('token', 100)).toBe(false);
      expect(await other.spend('another', 100)).toBe(true);
      await store.forget(101);
      expect(await other.spend('token', 200)).toBe(true);
    });

    test('X04 leases a name to one holder until then', async () => {
      const asked = await Promise.all(['me', 'you', 'she'].map((holder) => other.lease('lock', holder, 100, 1)));
      expect(asked.filter(Boolean)).toHaveLength(1);
      const holder = ['me', 'you', 'she'][asked.indexOf(true)] as string;
      expect(await store.lease('lock', 'late', 200, 99)).toBe(false);
      expect(await store.lease('lock', holder, 150, 99)).toBe(true);
      expect(await store.lease('lock', 'late', 200, 149)).toBe(false);
      expect(await store.lease('lock', 'late', 200, 150)).toBe(true);
      await store.release('lock', holder);
      expect(await store.lease('lock', holder, 300, 151)).toBe(false);
      await store.release('lock', 'late');
      expect(await store.lease('lock', holder, 300, 151)).toBe(true);
    });

    test('X06 chains every entry once, without a gap, in the order of an incident, whoever saves', async () => {
      const stores = [store, other];
      const work = Array.from({ length: 12 }, async (_, i) => {
        for (let version = 1; version <= 5; version++) {
          const journal = [entry(`i${i}`, version, 1), entry(`i${i}`, version, 2)];
          const one = stores[(i + version) % 2] as Store;
          expect(await one.save({ ...someIncident(`i${i}`), version, journal })).toBe(true);
        }
      });
      await Promise.all(work);
      await list(other.audit());
      const records = await list(store.audit());
      expect(await verify(records)).toMatchObject({ ok: true, entries: 120 });
      expect(await list(store.audit(118))).toEqual(records.slice(117));
      const versions = [1, 2, 3, 4, 5].flatMap((version) => [1, 2].map((number) => entry('i3', version, number).id));
      expect((await store.historyOf('i3')).map(({ id }) => id)).toEqual(versions);
      expect(await store.historyOf('i')).toEqual([]);
    });

    test('X06 chains an entry once that is saved twice', async () => {
      const journal = [entry('a', 1), { ...entry('a', 2), data: { 'a.b': { $c: [1, null, 'ü'] } } }];
      await saved(someIncident('a', { journal }), { ...someIncident('a', { journal }), version: 2 });
      const records = await list(store.audit());
      expect(records.map(({ number, previous: _, hash: __, ...rest }) => rest)).toEqual(journal);
      expect(await verify(records)).toMatchObject({ ok: true, entries: 2 });
    });

    test('X05 forgets what was resolved before, and no audit record', async () => {
      const at = (id: string, at: number) =>
        someIncident(id, { state: 'resolved', resolved: { by: 'x', at }, journal: [entry(id, 1)] });
      await saved(at('a', 10), at('b', 20), someIncident('c', { openedAt: 1, changedAt: 1 }));
      expect(await store.forget(20)).toBe(1);
      expect(ids(await store.list({ limit: 10 }))).toEqual(['c', 'b']);
      expect(await verify(store.audit())).toMatchObject({ ok: true, entries: 2 });
      expect(await store.forget(20)).toBe(0);
    });

    test('X05 has everything when it is opened again', async () => {
      await saved(someIncident('a', { journal: [entry('a', 1)] }));
      await store.spend('token', 100);
      await Promise.all([store.close(), other.close()]);
      [store, other] = [await database.open(), await database.open()];
      expect(await store.byId('a')).toEqual(someIncident('a'));
      expect(await store.spend('token', 100)).toBe(false);
      await saved({ ...someIncident('a', { journal: [entry('a', 2)] }), version: 2 });
      expect(await verify(store.audit())).toMatchObject({ ok: true, entries: 2 });
    });
  });
}
