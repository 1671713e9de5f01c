/** What every ledger must do. Run by the tests of each store. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
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
  wholeRunCalls,
  workflow,
  zero,
} from '../../testing/some-facts.ts';
import type { Ledger } from '../store.ts';
import { cleanupConformance } from './cleanup.ts';
import { courseConformance } from './course.ts';
import { type Database, listOf, shortRun } from './database.ts';
import { moneyConformance } from './money.ts';
import { stepsConformance } from './steps.ts';

const hour = 3600;
const day = 24 * hour;
const all = { limit: Number.POSITIVE_INFINITY };

export function conformance(name: string, empty: () => Promise<Database>): void {
  describe(`${name}: a ledger`, () => {
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

    const exported = async (from: Ledger) => JSON.stringify(await listOf(from.export()));

    test('R02 gives back what the fold makes of the facts, to the last character', async () => {
      const text = `a\u0000\u2028"\\🚒'%${'ü'.repeat(5000)}`;
      const facts = [...wholeRun('s1', 't1'), ...wholeRunCalls('s1'), runStarted(text, 5, { task_description: text })];
      await ledger.record(facts);
      const rows = fold(facts);
      expect(await other.orchestrations(all)).toEqual([...rows.orchestrations].reverse());
      expect(await other.executions(all)).toEqual(rows.executions);
      expect(await other.steps(orchestrationId('s1'))).toEqual(rows.steps);
      expect((await other.orchestration(text))?.task_description).toBe(text);
      expect(await other.orchestration(orchestrationId('s1'))).toEqual(await other.orchestration('s1'));
      expect(await other.orchestration('nobody')).toBeUndefined();
      expect(await other.steps('nobody')).toEqual([]);
    });

    test('R03 facts in any order, in any portions, late and doubled, export the same bytes', async () => {
      const facts = [
        ...wholeRun('s1', 't1'),
        ...wholeRunCalls('s1'),
        ...wholeRun('s2', 't2', 100),
        ...shortRun('s3', 5),
      ];
      await ledger.record(facts);
      const once = await exported(ledger);
      expect(JSON.parse(once)).toHaveLength(3);
      const orders = fc.sample(
        fc.tuple(fc.shuffledSubarray(facts, { minLength: facts.length }), fc.subarray(facts)),
        12,
      );
      for (const [index, [shuffled, again]] of orders.entries()) {
        const fresh = await empty();
        const late = await fresh.open();
        const size = 1 + index;
        for (let i = 0; i < facts.length; i += size) await late.record(shuffled.slice(i, i + size));
        await Promise.all([late.record(again), late.record([]), late.record(again)]);
        expect(await exported(late)).toBe(once);
        expect(await late.performance({})).toEqual(await ledger.performance({}));
        await late.close();
        await fresh.remove();
      }
    });

    test('R03 two that write at once lose nothing, and see each other', async () => {
      const facts = Array.from({ length: 40 }, (_, i) =>
        i % 2 ? wholeRun(`s${i}`, `t${i}`) : wholeRunCalls(`s${i + 1}`),
      );
      await Promise.all(facts.map((some, i) => (i % 3 ? ledger : other).record(some)));
      expect(await ledger.orchestrations(all)).toHaveLength(20);
      expect(await exported(ledger)).toBe(await exported(other));
      expect(await ledger.damage()).toBeUndefined();
    });

    test('R03 what a call and a span tie together becomes one run, though they came first as two', async () => {
      await ledger.record(wholeRun('s1', 't1').filter(({ id }) => id !== 't1/01'));
      await ledger.record([agentStarted('s1', 's1-b', 1, { agent_name: 'qa' })]);
      expect(await ledger.orchestrations(all)).toEqual([]);
      expect((await ledger.executions(all)).map(({ orchestration_id }) => orchestration_id)).toEqual([
        null,
        null,
        null,
      ]);
      await other.record([workflow('s1', { trace: 't1', id: '01', to: 60 })]);
      const run = orchestrationId('s1');
      expect((await ledger.executions({ orchestrationId: run, ...all })).map((one) => one.agent_name).sort()).toEqual([
        'code',
        'director',
        'qa',
      ]);
      expect((await ledger.performance({})).map(({ executions }) => executions)).toEqual([1, 1, 1]);
    });

    test('R01 lists runs, newest first, page after page, and none twice', async () => {
      const names = Array.from({ length: 9 }, (_, i) => `s${i}`);
      // Three begin at once each.
      for (const [i, name] of names.entries()) await ledger.record([runStarted(name, Math.floor(i / 3))]);
      await ledger.record([runEnded('s4', 9, { status: 'failed' })]);
      const whole = (await ledger.orchestrations(all)).map(({ session_id }) => session_id);
      expect(whole.map((session) => Math.floor(Number(session.slice(1)) / 3))).toEqual([2, 2, 2, 1, 1, 1, 0, 0, 0]);
      const pages: string[] = [];
      for (let before: string | undefined; ; before = pages.at(-1)) {
        const page = await ledger.orchestrations({ limit: 2, ...(before && { before }) });
        if (page.length === 0) break;
        pages.push(...page.map(({ session_id }) => session_id));
      }
      expect(pages).toEqual(whole);
      expect(await ledger.orchestrations({ limit: 5, before: 'nobody' })).toEqual([]);
      expect(await ledger.orchestrations({ limit: 0 })).toEqual([]);
      const sessions = async (filter: object) =>
        (await ledger.orchestrations({ ...all, ...filter })).map(({ session_id }) => session_id);
      expect(await sessions({ status: 'failed' })).toEqual(['s4']);
      expect(await sessions({ sinceIso: at(1), untilIso: at(2) })).toEqual(whole.slice(3, 6));
      expect(await sessions({ sinceIso: at(1), untilIso: at(2), status: 'running', before: whole[2] })).toEqual(
        whole.slice(3, 6).filter((session) => session !== 's4'),
      );
    });

    test('R01 lists executions in the order in which they began, or the other way round', async () => {
      const names = ['a', 'b', 'c', 'd'];
      for (const [i, name] of names.entries()) {
        await ledger.record([runStarted('s1', 0), agentStarted('s1', name, i, { agent_name: i % 2 ? 'odd' : 'even' })]);
      }
      await ledger.record([agentStarted(null, 'e', 9, { agent_name: 'odd' })]);
      const sessions = async (filter: object) =>
        (await ledger.executions({ ...all, ...filter })).map(({ agent_session_id }) => agent_session_id);
      expect(await sessions({})).toEqual(['a', 'b', 'c', 'd', 'e']);
      expect(await sessions({ newestFirst: true, limit: 2 })).toEqual(['e', 'd']);
      expect(await sessions({ newestFirst: true, before: 'd' })).toEqual(['c', 'b', 'a']);
      expect(await sessions({ before: 'b', limit: 2 })).toEqual(['c', 'd']);
      expect(await sessions({ before: 'nobody' })).toEqual([]);
      expect(await sessions({ agentName: 'odd' })).toEqual(['b', 'd', 'e']);
      expect(await sessions({ orchestrationId: orchestrationId('s1'), sinceIso: at(1) })).toEqual(['b', 'c', 'd']);
      expect(await sessions({ agentName: 'odd', untilIso: at(3) })).toEqual(['b']);
    });

    test('R01 health counts what began since, by hours and at their ends', async () => {
      await ledger.record([
        ...shortRun('old', -2 * day),
        ...shortRun('a', -30 * hour, { failed: 'no disk' }),
        ...shortRun('b', -90, { took: 30 }),
        ...[runStarted('c', -60), agentStarted('c', 'c-a', -60, { agent_name: 'code' })],
        ...wholeRun('d', 't1', -3 * hour),
      ]);
      const health = await ledger.health(at(-31 * hour));
      expect(health).toEqual({
        orchestrations: { total: 4, running: 1, completed: 2, failed: 1, partial: 0 },
        executions: { total: 5, in_progress: 1, completed: 3, failed: 1 },
        success_rate: 2 / 3,
        average_duration_ms: (10_000 + 30_000 + 60_000) / 3,
        cost_micro_usd: 18_345.6,
      });
      expect((await ledger.health(at(-30 * hour))).orchestrations.total).toBe(4);
      expect((await ledger.health(at(-30 * hour + 0.001))).orchestrations.total).toBe(3);
      expect((await ledger.health(at(-61))).orchestrations.total).toBe(1);
      expect(await ledger.health(at(1))).toEqual({
        orchestrations: { total: 0, running: 0, completed: 0, failed: 0, partial: 0 },
        executions: { total: 0, in_progress: 0, completed: 0, failed: 0 },
        ...{ success_rate: null, average_duration_ms: null, cost_micro_usd: null },
      });
    });

    test('R01 performance is told per agent and operation, with exact percentiles of few', async () => {
      const took = Array.from({ length: 100 }, (_, i) => i + 1);
      await ledger.record(
        took.flatMap((seconds) =>
          shortRun(`s${seconds}`, seconds * 60, { took: seconds, failed: seconds > 95 ? 'slow' : '' }),
        ),
      );
      await ledger.record([agent('qa', { id: '01', from: 0, to: 1 }), chat({ id: '02', parent: '01', usd: 2 })]);
      const performance = await ledger.performance({ sinceIso: at(0), untilIso: at(2 * hour) });
      expect(performance).toEqual([
        {
          ...{ agent_name: 'code', operation: null, executions: 100, failed: 5, error_rate: 0.05, per_hour: 50 },
          ...{ min_ms: 1000, average_ms: 50_500, p50_ms: 50_000, p95_ms: 95_000, p99_ms: 99_000, max_ms: 100_000 },
          cost_micro_usd: null,
        },
        {
          ...{ agent_name: 'qa', operation: 'work', executions: 1, failed: 0, error_rate: 0, per_hour: 0.5 },
          ...{ min_ms: 1000, average_ms: 1000, p50_ms: 1000, p95_ms: 1000, p99_ms: 1000, max_ms: 1000 },
          cost_micro_usd: 2_000_000,
        },
      ]);
      const [later] = await ledger.performance({ sinceIso: at(91 * 60), untilIso: at(97 * 60) });
      expect(later).toMatchObject({ executions: 6, failed: 1, min_ms: 91_000, max_ms: 96_000 });
      expect(await ledger.performance({ sinceIso: at(day) })).toEqual([]);
      // The ends of this window are no whole hours.
      const odd = { sinceIso: at(30), untilIso: at(2 * hour + 30) };
      expect(await ledger.performance(odd, 'qa')).toEqual((await ledger.performance(odd)).slice(1));
      expect(await ledger.performance(odd, 'nobody')).toEqual([]);
    });

    test('B06 failures are grouped by their fingerprint, the newest first, with what they cost', async () => {
      for (const [i, error] of ['disk 1 full', 'no answer', 'disk 22 full', '', 'disk 3 full'].entries())
        await ledger.record(shortRun(`s${i}`, i * 100, { failed: error }));
      // Failed work inside a run that ended well, and a run that failed with no agent in it.
      await ledger.record([
        workflow('s5', { id: '01', from: 500, to: 560 }),
        agent('code', { id: '02', parent: '01', from: 501, to: 503, error: true, message: 'no answer' }),
        chat({ id: '03', parent: '02', from: 502, usd: 0.5 }),
        workflow('s6', { trace: 't6', id: '01', from: 600, to: 604, error: true, message: 'no plan' }),
      ]);
      const found = await ledger.failures(10, {});
      expect(
        found.map(({ error_message, times, first_at, last_at, duration_ms, cost_micro_usd, sessions }) => [
          ...[error_message, times, first_at, last_at, duration_ms, cost_micro_usd, sessions],
        ]),
      ).toEqual([
        ['no plan', 1, at(600), at(600), 4000, null, ['s6']],
        ['no answer', 2, at(100), at(501), 12_000, 500_000, ['s5', 's1']],
        ['disk 3 full', 3, at(0), at(400), 30_000, null, ['s4', 's2', 's0']],
      ]);
      expect(await ledger.failures(1, { untilIso: at(450) })).toMatchObject([
        { error_message: 'disk 3 full', times: 3 },
      ]);
      expect(await ledger.failures(1, { sinceIso: at(150), untilIso: at(450) })).toMatchObject([{ times: 2 }]);
      expect(await ledger.failures(10, { sinceIso: at(700) })).toEqual([]);
    });

    test('B06 failed work that does not say why is one kind of failure, by whomever it was told', async () => {
      await ledger.record([
        ...[runStarted('told', 0), runEnded('told', 10, { status: 'failed' })],
        ...[
          runStarted('of an agent', 100),
          agentStarted('of an agent', 'a', 100, { agent_name: 'code' }),
          runEnded('of an agent', 110),
        ],
        agentEnded('a', 110, { status: 'failed' }),
        workflow('seen', { trace: 't1', id: '01', from: 200, to: 210, error: true }),
        // It says so by its status alone.
        workflow('given up', {
          trace: 't2',
          id: '01',
          from: 300,
          to: 310,
          attributes: { 'workflow.status': 'failed' },
        }),
        ...[runStarted('part', 400), runEnded('part', 410, { status: 'partial' })],
      ]);
      const sessions = ['given up', 'seen', 'of an agent', 'told'];
      const [kind, ...others] = await other.failures(10, {});
      expect([kind, others]).toMatchObject([{ error_type: null, error_message: null, times: 4, sessions }, []]);
      expect(await other.health(at(0))).toMatchObject({ orchestrations: { failed: 3 }, executions: { failed: 1 } });
      const lost = await other.losses({});
      expect(lost.map(({ reason, error_fingerprint, times }) => [reason, error_fingerprint, times])).toEqual([
        ['failed', kind?.error_fingerprint, 4],
      ]);
    });

    test('R05 samples are all of few, and of many about as many as may be, from the whole window', async () => {
      const facts = Array.from({ length: 400 }, (_, i) => [
        agentStarted('s1', `a${i}`, i, { agent_name: i % 5 === 0 ? 'code' : 'qa' }),
        agentEnded(`a${i}`, i + 1),
      ]);
      await ledger.record(facts.flat());
      expect(await ledger.samples({ sinceIso: at(10), untilIso: at(20) }, 10)).toHaveLength(10);
      expect((await ledger.samples({ sinceIso: at(10), untilIso: at(11) }, 10))[0]).toEqual({
        ...{ agent_name: 'code', operation: null, status: 'completed', started_at: at(10) },
        ...{ duration_ms: 1000, cost_micro_usd: null },
      });
      const some = await ledger.samples({}, 100);
      expect(some.length).toBeGreaterThan(30);
      expect(some.length).toBeLessThanOrEqual(100);
      const seconds = some.map(({ started_at }) => (Date.parse(started_at) - zero) / 1000);
      for (const quarter of [0, 1, 2, 3])
        expect(seconds.filter((one) => Math.floor(one / 100) === quarter).length).toBeGreaterThan(4);
      const share = some.filter(({ agent_name }) => agent_name === 'code').length / some.length;
      expect(share).toBeGreaterThan(0.05);
      expect(share).toBeLessThan(0.4);
      expect(await ledger.samples({}, 0)).toEqual([]);
    });

    test('R01 exports one run, or all, oldest first', async () => {
      await ledger.record(Array.from({ length: 120 }, (_, i) => shortRun(`s${i}`, 1000 - i)).flat());
      const sessions = (await listOf(ledger.export())).map(({ orchestration }) => orchestration.session_id);
      expect(sessions).toEqual(Array.from({ length: 120 }, (_, i) => `s${119 - i}`));
      const [one, ...more] = await listOf(ledger.export('s7'));
      expect(one).toMatchObject({
        orchestration: { session_id: 's7' },
        executions: [{ agent_session_id: 's7-a' }],
        steps: [],
      });
      expect(more).toEqual([]);
      expect(await listOf(ledger.export('nobody'))).toEqual([]);
    });

    test('R01 what is under way is counted without more ado', async () => {
      await ledger.record([...shortRun('old', -60), runStarted('open', -30), runStarted('older', -hour)]);
      expect(await other.running(at(-60))).toBe(1);
      expect(await other.running(at(-hour))).toBe(2);
      expect(await other.running(at(0))).toBe(0);
    });

    test('R02 has everything when it is opened again', async () => {
      await ledger.record([...wholeRun('s1', 't1'), ...wholeRunCalls('s1')].slice(0, 12));
      const before = await exported(ledger);
      await Promise.all([ledger.close(), other.close()]);
      [ledger, other] = [await database.open(), await database.open()];
      expect(await exported(ledger)).toBe(before);
      await ledger.record([...wholeRun('s1', 't1'), ...wholeRunCalls('s1')]);
      expect(JSON.parse(await exported(other))[0].executions).toHaveLength(3);
    });
  });
  cleanupConformance(name, empty);
  moneyConformance(name, empty);
  courseConformance(name, empty);
  stepsConformance(name, empty);
}
