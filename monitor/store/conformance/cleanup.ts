/** What every ledger must do when old runs go. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Fact } from '../../ledger/fact.ts';
import { fold } from '../../ledger/fold.ts';
import { orchestrationId } from '../../ledger/run-key.ts';
import {
  agent,
  agentEnded,
  agentStarted,
  at,
  chat,
  runEnded,
  runStarted,
  wholeRun,
  workflow,
} from '../../testing/some-facts.ts';
import type { Ledger } from '../store.ts';
import { type Database, listOf, shortRun } from './database.ts';

const hour = 3600;
const day = 24 * hour;
const all = { limit: Number.POSITIVE_INFINITY };

export function cleanupConformance(name: string, empty: () => Promise<Database>): void {
  describe(`${name}: cleanup`, () => {
    let database: Database;
    let ledger: Ledger;
    let other: Ledger;
    beforeEach(async () => {
      database = await empty();
      [ledger, other] = [await database.open(), await database.open()];
    });
    afterEach(async () => {
      await Promise.all([ledger.close(), other.close()]);
      await database.remove();
    });

    test('R01 cleanup takes what ended before, with all that is its, and nothing else', async () => {
      await ledger.record([
        ...wholeRun('old', 't1', -2 * day),
        ...shortRun('failed', -2 * day, { failed: 'no disk' }),
        ...[runStarted('open', -3 * day), agentStarted('open', 'open-a', -hour, { agent_name: 'code' })],
        ...shortRun('new', -60),
        agent('lone', { trace: 't9', id: '01', from: -2 * day }),
      ]);
      const gone = { orchestrations: 2, executions: 4, strays: 1 };
      expect(await ledger.removable(at(-day))).toEqual(gone);
      expect(await ledger.cleanup(at(-day))).toEqual({ ...gone, bytesFreed: expect.any(Number) });
      expect(await ledger.removable(at(-day))).toEqual({ orchestrations: 0, executions: 0, strays: 0 });
      expect((await other.orchestrations(all)).map(({ session_id }) => session_id)).toEqual(['new', 'open']);
      expect((await other.executions(all)).map(({ agent_session_id }) => agent_session_id)).toEqual([
        'open-a',
        'new-a',
      ]);
      expect(await other.steps(orchestrationId('old'))).toEqual([]);
      expect((await other.health(at(-9 * day))).executions).toMatchObject({ total: 2, completed: 1, in_progress: 1 });
      expect((await other.performance({})).map(({ executions }) => executions)).toEqual([2]);
      expect(await other.failures(5, {})).toEqual([]);
      expect(await ledger.damage()).toBeUndefined();
      // What is gone may come again.
      await ledger.record(wholeRun('old', 't1', -2 * day));
      expect(await ledger.orchestrations(all)).toHaveLength(3);
    });

    test('R01 cleanup takes what has not ended by its last word, and spares an ended run that is still heard of', async () => {
      const open = (name: string, from: number) => [
        runStarted(name, from),
        agentStarted(name, `${name}-a`, from, { agent_name: 'code' }),
      ];
      await ledger.record([
        ...open('never ended', -4 * day),
        ...open('at work', -4 * day),
        ...[...open('outlived', -4 * day), runEnded('outlived', -3 * day)],
        ...[...open('ended', -4 * day), runEnded('ended', -3 * day)],
        agentStarted(null, 'lone', -4 * day, { agent_name: 'code' }),
        ...[
          workflow('traced', { trace: 't1', id: '01', from: -4 * day }),
          chat({ trace: 't1', id: '02', parent: '01' }),
        ],
      ]);
      await ledger.record([agentStarted('at work', 'at work-b', -hour, { agent_name: 'qa' })]);
      await ledger.record([agentEnded('outlived-a', -hour)]);
      const gone = { orchestrations: 2, executions: 3, strays: 1 };
      expect(await other.removable(at(-day))).toEqual(gone);
      expect(await ledger.cleanup(at(-day))).toMatchObject(gone);
      const sessions = async () => (await other.orchestrations(all)).map(({ session_id }) => session_id).sort();
      expect(await sessions()).toEqual(['at work', 'outlived', 'traced']);
      // To the millisecond: its last word is not before this one.
      expect(await ledger.cleanup(at(-hour))).toMatchObject({ orchestrations: 0, executions: 0, strays: 0 });
      expect(await ledger.cleanup(at(-hour + 0.001))).toMatchObject({ orchestrations: 2, executions: 3, strays: 0 });
      expect(await sessions()).toEqual(['traced']);
    });

    test('R01 cleanup takes what no run has claimed when nothing was heard of it since, and not before', async () => {
      const [root, ...inside] = wholeRun('s1', 't1', -2 * hour);
      await ledger.record(inside);
      await ledger.record([chat({ trace: 't2', id: '01', from: -3 * hour }), runEnded('nobody', -4 * hour)]);
      await ledger.record([agentStarted(null, 'under way', -0.5 * hour, { agent_name: 'code' })]);
      // Its agents ended before this second; its last word came later.
      expect(await ledger.removable(at(-2 * hour + 55))).toMatchObject({ executions: 0, strays: 2 });
      const last = chat({ trace: 't1', id: '20', parent: '01', from: -2 * hour + 70, to: -2 * hour + 90 });
      await ledger.record([last]);
      const gone = { orchestrations: 0, executions: 0, strays: 2 };
      expect(await ledger.cleanup(at(-2 * hour + 80))).toMatchObject(gone);
      // Half an hour late, the workflow comes: nothing of it is lost.
      await ledger.record([root as Fact]);
      const [run] = await listOf(ledger.export('s1'));
      expect(run).toMatchObject({ executions: [{}, {}], steps: { length: fold([...inside, last]).steps.length } });
      await ledger.record(wholeRun('s2', 't3', -2 * hour).slice(1));
      expect(await ledger.removable(at(-hour))).toEqual({ orchestrations: 1, executions: 4, strays: 1 });
      expect(await ledger.cleanup(at(-hour))).toMatchObject({ orchestrations: 1, executions: 4, strays: 1 });
      expect((await ledger.executions(all)).map(({ agent_session_id }) => agent_session_id)).toEqual(['under way']);
    });
  });
}
