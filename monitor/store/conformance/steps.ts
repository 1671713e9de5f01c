/** What every ledger must tell of steps, of all runs together. Run by conformance.ts. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { agent, at, chat, wholeRun, wholeRunCalls } from '../../testing/some-facts.ts';
import type { Ledger, Window } from '../store.ts';
import { type Database, listOf } from './database.ts';

export function stepsConformance(store: string, empty: () => Promise<Database>): void {
  describe(`${store}: steps`, () => {
    let database: Database;
    let ledger: Ledger;
    beforeEach(async () => {
      database = await empty();
      ledger = await database.open();
    });
    afterEach(async () => {
      await ledger.close();
      await database.remove();
    });

    const idsIn = async (window: Window) => (await listOf(ledger.stepsBetween(window))).map(({ id }) => id);

    test('M01 steps of all runs, and of none, come in the order in which they began, from a window', async () => {
      // Two runs at the same moments: their steps are told apart by id alone.
      await ledger.record([...wholeRun('s2', 't2'), ...wholeRun('s1', 't1'), ...wholeRunCalls('s1')]);
      await ledger.record([agent('stray', { trace: 't0', id: '01', from: 4, to: 9 })]);
      await ledger.record([chat({ trace: 't0', id: '02', parent: '01', from: 5, usd: 1 })]);
      const all = await listOf(ledger.stepsBetween({}));
      const inOrder = all.toSorted((a, b) => (`${a.started_at} ${a.id}` < `${b.started_at} ${b.id}` ? -1 : 1));
      expect(all).toEqual(inOrder);
      const ofRuns = await Promise.all((await ledger.orchestrations({ limit: 9 })).map(({ id }) => ledger.steps(id)));
      expect(all.filter(({ orchestration_id }) => orchestration_id !== null)).toHaveLength(ofRuns.flat().length);
      expect(ofRuns.flat()).toEqual(expect.arrayContaining(all.filter(({ orchestration_id }) => orchestration_id)));
      expect(all.filter(({ orchestration_id }) => orchestration_id === null)).toMatchObject([{ id: 't0/02' }]);
      // From its first moment on, and not its last.
      const [from, to] = [at(5), at(28)];
      const within = all.filter(({ started_at }) => started_at >= from && started_at < to).map(({ id }) => id);
      expect(await idsIn({ sinceIso: from, untilIso: to })).toEqual(within);
      expect(within.length).toBeGreaterThan(3);
      expect(within.length).toBeLessThan(all.length);
      expect(await idsIn({ sinceIso: at(100) })).toEqual([]);
    });

    test('M01 of more steps than are in memory at once, none is left out and none comes twice', async () => {
      // Longer than two pages, and so many begin together that a page ends among them.
      const calls = Array.from({ length: 450 }, (_, i) =>
        chat({ trace: 't1', id: `c${i}`, parent: '01', from: Math.floor(i / 130), usd: 0.001 }),
      );
      await ledger.record([agent('code', { id: '01', from: 0, to: 60 }), ...calls]);
      const ids = await idsIn({});
      expect(ids).toHaveLength(450);
      expect(new Set(ids).size).toBe(450);
    });

    test('R01 an execution is found by the name that its caller gave, or by its id', async () => {
      await ledger.record([...wholeRun('s1', 't1'), ...wholeRunCalls('s1')]);
      const named = await ledger.execution('s1-a');
      expect(named).toMatchObject({ agent_name: 'director', files_created: 3 });
      expect(await ledger.execution(named?.id ?? '')).toEqual(named);
      expect(await ledger.execution('nobody')).toBeUndefined();
    });
  });
}
