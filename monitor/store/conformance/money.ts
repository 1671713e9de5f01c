/** What every ledger must tell of money: what it went to, and what it bought nothing with. Run by conformance.ts. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Fact } from '../../ledger/fact.ts';
import { fingerprint } from '../../ledger/fingerprint.ts';
import {
  agent,
  agentEnded,
  agentStarted,
  at,
  chat,
  runEnded,
  runStarted,
  span,
  wholeRun,
  workflow,
} from '../../testing/some-facts.ts';
import type { Cost, CostBy, Ledger, Loss } from '../store.ts';
import type { Database } from './database.ts';

const hour = 3600;
const day = 24 * hour;
const by: readonly CostBy[] = ['agent', 'model', 'task', 'tool', 'workflow'];

/** One run, and beside it: calls of no agent, a run that no telemetry tells of, calls of no run. */
function spending(from = 0): Fact[] {
  const id = (name: string) => `${name}${from}`;
  return [
    ...wholeRun(id('s1'), id('t1'), from),
    ...failedDeploy(id('s2'), id('t2'), from + 100),
    runStarted(id('s3'), from + 200),
    agentStarted(id('s3'), id('s3-a'), from + 200, { agent_name: 'code' }),
    agentEnded(id('s3-a'), from + 210),
    runEnded(id('s3'), from + 210),
    agent('qa', { trace: id('t4'), id: '01', from: from + 300, to: from + 310 }),
    chat({ trace: id('t4'), id: '02', parent: '01', from: from + 301, usd: 0.25, tokens: [5, 5] }),
  ];
}

function failedDeploy(session: string, trace: string, from: number): Fact[] {
  const inside = { trace, parent: '01', from: from + 1, to: from + 2 };
  return [
    workflow(session, { trace, id: '01', from, to: from + 50, error: true, attributes: { 'workflow.name': 'deploy' } }),
    chat({ ...inside, id: '02', usd: 0.5, attributes: { 'gen_ai.request.model': 'm-2' } }),
    span({ ...inside, id: '03', name: 'execute_tool shell', error: true }),
    span({ ...inside, id: '04', name: 'execute_tool sum', attributes: { 'tool.cost_usd': 0 } }),
  ];
}

function row(name: string | null, [times, failed]: [number, number], cost: number | null, tokens = [0, 0, 0]): Cost {
  const [input_tokens = 0, output_tokens = 0, unpriced_calls = 0] = tokens;
  return { name, times, failed, cost_micro_usd: cost, input_tokens, output_tokens, unpriced_calls };
}

const spent: Record<CostBy, Cost[]> = {
  agent: [
    row(null, [0, 0], 500_000),
    row('qa', [1, 0], 250_000, [5, 5]),
    row('director', [1, 0], 12_345.6, [100, 20]),
    row('code', [2, 0], 6000, [17, 4, 1]),
  ],
  model: [row('m-2', [1, 0], 500_000), row('m-1', [4, 0], 263_345.6, [122, 29, 1]), row(null, [0, 0], 5000)],
  task: [row(null, [1, 0], 500_000), row('work', [3, 0], 268_345.6, [122, 29, 1])],
  tool: [
    row(null, [0, 0], 763_345.6, [122, 29, 1]),
    row('search', [1, 0], 5000),
    row('sum', [1, 0], 0),
    row('shell', [1, 1], null),
  ],
  workflow: [
    row('deploy', [1, 1], 500_000),
    row(null, [1, 0], 250_000, [5, 5]),
    row('build', [1, 0], 18_345.6, [117, 24, 1]),
  ],
};

export function moneyConformance(store: string, empty: () => Promise<Database>): void {
  describe(`${store}: money`, () => {
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

    const costs = async (window = {}) =>
      Object.fromEntries(await Promise.all(by.map(async (one) => [one, await ledger.costs(one, window)])));

    test('C02 costs are told by agent, model, task, tool and workflow: each micro-USD once, and none left out', async () => {
      await ledger.record(spending());
      expect(await costs()).toEqual(spent);
      for (const one of by) {
        const nano = spent[one].map(({ cost_micro_usd }) => Math.round((cost_micro_usd ?? 0) * 1000));
        expect(nano.reduce((sum, more) => sum + more)).toBe(768_345_600);
      }
      expect(await costs({ sinceIso: at(day) })).toEqual({ agent: [], model: [], task: [], tool: [], workflow: [] });
    });

    test('C02 a window has what began in it, by the row, the hour and the day', async () => {
      await ledger.record([...spending(), ...spending(-3 * day - 1000)]);
      const few = { sinceIso: at(100), untilIso: at(300) };
      expect(await ledger.costs('agent', few)).toEqual([row(null, [0, 0], 500_000), row('code', [1, 0], null)]);
      expect(await ledger.costs('workflow', few)).toEqual([row('deploy', [1, 1], 500_000), row(null, [1, 0], null)]);
      expect(await ledger.costs('tool', { ...few, sinceIso: at(102) })).toEqual([]);
      // The call began later than its agent.
      expect(await ledger.costs('agent', { sinceIso: at(301) })).toEqual([]);
      expect(await ledger.costs('model', { sinceIso: at(301) })).toEqual([row('m-1', [1, 0], 250_000, [5, 5])]);
      expect(await costs({ sinceIso: at(-2 * day) })).toEqual(spent);
      expect(await costs({ untilIso: at(-1) })).toEqual(spent);
      expect(await costs({ sinceIso: at(-4 * day + 1), untilIso: at(-hour) })).toEqual(spent);
      // The run of 1000 seconds before has left; what began 3 days ago to the second has not.
      const later = await ledger.costs('workflow', { sinceIso: at(-3 * day - 900), untilIso: at(302) });
      expect(later).toMatchObject([
        { name: 'deploy', times: 2, cost_micro_usd: 1_000_000 },
        { name: null, times: 2, cost_micro_usd: 500_000 },
        { name: 'build', times: 1, cost_micro_usd: 18_345.6 },
      ]);
    });

    test('C02 facts that come late, again and one by one cost the same; what is cleaned up costs nothing', async () => {
      for (const fact of spending().reverse()) await ledger.record([fact]);
      await ledger.record(spending());
      expect(await costs()).toEqual(spent);
      await ledger.record(spending(-3 * day));
      expect(await ledger.costs('workflow', {})).toMatchObject([{ times: 2 }, { times: 2 }, { times: 2 }]);
      await ledger.cleanup(at(-2 * day));
      expect(await costs()).toEqual(spent);
      await ledger.cleanup(at(day));
      expect(await costs()).toEqual({ agent: [], model: [], task: [], tool: [], workflow: [] });
    });

    const kind = (message: string) => ({
      ...{ error_fingerprint: fingerprint({ message }), error_type: null, error_message: message },
    });
    const nothing = { error_fingerprint: null, error_type: null, error_message: null };
    const lost = (some: Omit<Loss, 'times'> & { times?: number }): Loss => ({ times: 1, ...some });

    /** An agent that failed and was made again, and one that was not. */
    const twoAttempts = (session: string, from: number) => [
      runStarted(session, from),
      agentStarted(session, `${session}-a`, from + 1, { agent_name: 'code', task_number: 1 }),
      agentEnded(`${session}-a`, from + 11, { status: 'failed', error_message: 'disk 1 full' }),
      agentStarted(session, `${session}-b`, from + 20, { agent_name: 'code', task_number: 1 }),
      agentEnded(`${session}-b`, from + 30),
      agentStarted(session, `${session}-c`, from + 20, { agent_name: 'code', task_number: 2 }),
      agentEnded(`${session}-c`, from + 25, { status: 'failed', error_message: 'disk 2 full' }),
    ];
    const failedRun = (session: string, trace: string, from: number) => [
      workflow(session, { trace, id: '01', from, to: from + 60, error: true }),
      agent('code', { trace, id: '02', parent: '01', from, to: from + 40, error: true, message: `no answer` }),
      chat({ trace, id: '03', parent: '02', from, usd: 0.3 }),
      chat({ trace, id: '04', parent: '01', from, usd: 0.1 }),
    ];
    const refusedRun = (session: string, trace: string, from: number) => [
      workflow(session, { trace, id: '01', from, to: from + 20, error: true, message: 'refused' }),
      span({ trace, id: '02', parent: '01', from, name: 'approval.request', attributes: { 'approval.id': trace } }),
      span({
        ...{ trace, id: '03', parent: '02', from: from + 9, name: 'approval.decide' },
        attributes: { 'approval.id': trace, 'approval.decision': 'rejected' },
      }),
      chat({ trace, id: '04', parent: '01', from, usd: 0.01 }),
    ];

    test('B06 losses are told by reason and kind of error, the dearest first, then the longest', async () => {
      await ledger.record([
        ...wholeRun('good', 'tg'),
        ...failedRun('f1', 'tf1', 100),
        ...failedRun('f2', 'tf2', 200),
        ...refusedRun('r', 'tr', 300),
        ...[...twoAttempts('a1', 400), runEnded('a1', 440)],
        ...[...twoAttempts('a2', 500), runEnded('a2', 540, { status: 'partial' })],
      ]);
      const disk2 = { ...kind('disk 1 full'), error_message: 'disk 2 full' };
      expect(await ledger.losses({})).toEqual([
        lost({
          ...{ reason: 'failed', ...kind('no answer'), times: 2, cost_micro_usd: 800_000, duration_ms: 120_000 },
          sessions: ['f2', 'f1'],
        }),
        lost({ reason: 'rejected', ...nothing, cost_micro_usd: 10_000, duration_ms: 20_000, sessions: ['r'] }),
        // The first attempt at its task.
        lost({ reason: 'retried', ...nothing, cost_micro_usd: 1000, duration_ms: 11_000, sessions: ['good'] }),
        lost({
          ...{ reason: 'retried', ...kind('disk 1 full'), times: 2, cost_micro_usd: null, duration_ms: 20_000 },
          sessions: ['a2', 'a1'],
        }),
        lost({
          ...{ reason: 'failed', ...disk2, times: 2, cost_micro_usd: null, duration_ms: 10_000 },
          sessions: ['a2', 'a1'],
        }),
      ]);
      const some = await ledger.losses({ sinceIso: at(101), untilIso: at(520) });
      expect(some.map(({ reason, times, sessions }) => [reason, times, sessions])).toEqual([
        ['failed', 1, ['f2']],
        ['rejected', 1, ['r']],
        ['retried', 2, ['a2', 'a1']],
        ['failed', 1, ['a1']],
      ]);
      expect(await ledger.losses({ sinceIso: at(521) })).toEqual([]);
    });

    test('B06 of a run that is silent for a day all is lost; of one that is not, what failed in it', async () => {
      // The clock stands at second 3600.
      const lastHeard = -23 * hour;
      await ledger.record([...twoAttempts('silent', lastHeard - 31), runStarted('silent-too', lastHeard - 20)]);
      await ledger.record([...twoAttempts('not yet', lastHeard - 25), runStarted('new', 0)]);
      const [abandoned, ...rest] = await ledger.losses({});
      expect(abandoned).toEqual(
        lost({
          ...{ reason: 'abandoned', ...nothing, times: 2, cost_micro_usd: null, duration_ms: 30_000 },
          sessions: ['silent-too', 'silent'],
        }),
      );
      expect(rest.map(({ reason, times, sessions }) => [reason, times, sessions])).toEqual([
        ['retried', 1, ['not yet']],
        ['failed', 1, ['not yet']],
      ]);
      expect(await ledger.losses({ sinceIso: at(lastHeard - 20), untilIso: at(0) })).toMatchObject([
        { reason: 'failed', times: 1 },
        { reason: 'abandoned', times: 1, duration_ms: 0, sessions: ['silent-too'] },
      ]);
      // One that is heard of again was not lost; nor is one that ends well.
      await ledger.record([agentStarted('silent', 'silent-d', 0, { agent_name: 'qa' }), runEnded('silent-too', 1)]);
      expect((await ledger.losses({})).map(({ reason, times }) => [reason, times])).toEqual([
        ['retried', 2],
        ['failed', 2],
      ]);
    });

    test('B06 losses come and go with what is known, and are cleaned up', async () => {
      const facts = [...failedRun('f1', 'tf1', 100), ...twoAttempts('a1', 400), runEnded('a1', 440)];
      for (const fact of [...facts].reverse()) await ledger.record([fact]);
      const whole = await ledger.losses({});
      expect(whole.map(({ reason, times }) => [reason, times])).toEqual([
        ['failed', 1],
        ['retried', 1],
        ['failed', 1],
      ]);
      await ledger.record(facts);
      expect(await ledger.losses({})).toEqual(whole);
      // The second task was made again as well: what had failed is retried now.
      await ledger.record([agentStarted('a1', 'a1-d', 30, { agent_name: 'code', task_number: 2 })]);
      await ledger.record([agentStarted('a1', 'a1-e', 426, { agent_name: 'code', task_number: 2 })]);
      expect(await ledger.losses({ sinceIso: at(400) })).toMatchObject([
        { reason: 'retried', times: 2, duration_ms: 15_000, error_message: 'disk 2 full', sessions: ['a1'] },
      ]);
      await ledger.cleanup(at(hour));
      expect(await ledger.losses({})).toEqual([]);
    });

    test('B06 names five sessions at most, the newest first, each once', async () => {
      for (const n of [1, 2, 3, 4, 5, 6]) await ledger.record(failedDeploy(`s${n}`, `t${n}`, n * 100));
      const many = Array.from({ length: 120 }, (_, i) => [
        agentStarted('s7', `s7-${i}`, 700 + i, { agent_name: 'code' }),
        agentEnded(`s7-${i}`, 701 + i, { status: 'failed', error_message: 'full' }),
      ]).flat();
      const before = [
        agentStarted('s0', 's0-a', 1, { agent_name: 'code' }),
        agentEnded('s0-a', 2, { status: 'failed', error_message: 'full' }),
      ];
      await ledger.record([runStarted('s7', 700), ...many, runStarted('s0', 0), ...before]);
      expect((await ledger.losses({})).map(({ times, sessions }) => [times, sessions])).toEqual([
        [6, ['s6', 's5', 's4', 's3', 's2']],
        [121, ['s7', 's0']],
      ]);
      expect(await ledger.failures(1, { sinceIso: at(0) })).toMatchObject([{ times: 121, sessions: ['s7', 's0'] }]);
    });
  });
}
