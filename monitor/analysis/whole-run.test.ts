import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fold } from '../ledger/fold.ts';
import { lossesAt } from '../ledger/losses.ts';
import { sumMicroUsd } from '../ledger/money.ts';
import type { Run } from '../ledger/run-tree.ts';
import { wholeRun } from '../testing/some-facts.ts';
import { someExecution, someOrchestration, someStep } from '../testing/some-run.ts';
import { dossier } from './dossier.ts';
import { waterfall } from './waterfall.ts';

function telemetryRun(): Run {
  const { orchestrations, executions, steps } = fold(wholeRun('s', 't'));
  return { orchestration: orchestrations[0] as Run['orchestration'], executions, steps };
}

test('B07 of a run as telemetry tells it, each second and each dollar has its place', () => {
  const seen = waterfall(telemetryRun());
  expect(seen.categories.map(({ name, path_ms, cost_micro_usd }) => [name, path_ms, cost_micro_usd])).toEqual([
    ['model', 5000, 12_345.6],
    ['tool', 1000, 5000],
    ['agent', 28_100, null],
    ['queue', 2900, null],
    ['human', 10_000, null],
    ['retry', 11_000, 1000],
    ['idle', 2000, null],
  ]);
  expect(seen).toMatchObject({ duration_ms: 60_000, cost_micro_usd: 18_345.6, unpriced_calls: 1 });
  expect(seen.hand_offs).toEqual([
    { from: 'director', to: 'code', times: 1, wait_ms: 2900, work_ms: 31_000, failed: 0 },
  ]);
  expect(seen.agents.map(({ name, calls }) => [name, calls])).toEqual([
    ['code', 1],
    ['director', 1],
  ]);
});

test('B01 B06 its dossier knows the approval, the decision, and what the first attempt cost', () => {
  const seen = dossier(telemetryRun());
  expect(seen.executions.map(({ agent_name, depth }) => [agent_name, depth])).toEqual([
    ['director', 0],
    ['code', 1],
  ]);
  expect(seen.approvals).toMatchObject([{ kind: 'deploy', agent: 'director', decision: 'approved', wait_ms: 10_000 }]);
  expect(seen.decisions).toMatchObject([{ name: 'merge', agent: 'code', choice: 'yes', confidence: 0.9 }]);
  expect(seen.losses).toMatchObject([{ reason: 'retried', cost_micro_usd: 1000, duration_ms: 11_000 }]);
  expect(seen.gaps.map(({ gap }) => gap)).toEqual(['unpriced_calls']);
});

test('B06 B07 whatever a run looks like, no money counts twice: losses are at most what was spent, categories are just that', () => {
  const ids = fc.constantFrom('a', 'b', 'c', 'd', 'e');
  const part = fc.record({
    id: ids,
    parent: ids,
    execution: ids,
    from: fc.nat(50),
    failed: fc.boolean(),
    cost: fc.option(fc.nat(1000)),
    attempt: fc.integer({ min: 1, max: 3 }),
  });
  const parts = fc.uniqueArray(part, { selector: ({ id }) => id });
  const status = fc.constantFrom('completed', 'failed', 'partial', 'running') as fc.Arbitrary<
    Run['orchestration']['status']
  >;
  const when = (from: number) => ({
    started_at: new Date(Date.UTC(2026, 10, 26, 9, 0, from)).toISOString(),
    completed_at: new Date(Date.UTC(2026, 10, 26, 9, 0, from + 5)).toISOString(),
  });
  fc.assert(
    fc.property(status, parts, parts, (status, agents, calls) => {
      const sum = (list: readonly { cost: number | null }[]) =>
        list.every(({ cost }) => cost === null) ? null : list.reduce((all, { cost }) => all + (cost ?? 0), 0);
      const run: Run = {
        orchestration: someOrchestration('s', { status, cost_micro_usd: sum(calls) }),
        executions: agents.map(({ id, parent, from, failed, attempt }) =>
          someExecution(id, {
            ...{ ...when(from), parent_id: `id-${parent}`, retry_count: attempt - 1, agent_name: 'x' },
            ...{
              status: failed ? 'failed' : 'completed',
              cost_micro_usd: sum(calls.filter((call) => call.execution === id)),
            },
          }),
        ),
        steps: calls.map(({ id, parent, execution, from, failed, cost, attempt }) =>
          someStep(id, {
            ...{ ...when(from), parent_id: parent, execution_id: `id-${execution}`, cost_micro_usd: cost, attempt },
            outcome: failed ? 'failure' : 'success',
          }),
        ),
      };
      const spent = run.orchestration.cost_micro_usd;
      const losses = lossesAt(run, Date.UTC(2027, 0, 1));
      const lost = sumMicroUsd(losses.map(({ cost_micro_usd }) => cost_micro_usd));
      expect(lost ?? 0).toBeLessThanOrEqual(spent ?? 0);
      expect(new Set(losses.map(({ id }) => id)).size).toBe(losses.length);
      const shares = waterfall(run).categories.reduce((all, { cost_micro_usd }) => all + (cost_micro_usd ?? 0), 0);
      expect(shares).toBe(spent ?? 0);
    }),
    { numRuns: 300 },
  );
});
