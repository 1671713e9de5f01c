/** What holds whatever comes, in whatever order. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyFacts } from '../testing/any-facts.ts';
import { wholeRun, wholeRunCalls } from '../testing/some-facts.ts';
import { fold } from './fold.ts';

const facts = anyFacts();

const shuffled = <T>(list: readonly T[]) =>
  fc.tuple(fc.shuffledSubarray([...list], { minLength: list.length }), fc.subarray([...list]));

test('R03 facts give the same rows, to the byte, in any order and however often they come', () => {
  const cases = facts.chain((all) => fc.tuple(fc.constant(all), shuffled(all)));
  fc.assert(
    fc.property(cases, ([all, [some, again]]) => {
      expect(JSON.stringify(fold([...again, ...some, ...again]))).toBe(JSON.stringify(fold(all)));
    }),
    { numRuns: 1500 },
  );
});

test('R03 a whole run, told both ways, shuffled and doubled, is the same run', () => {
  const all = [...wholeRun('s1', 't1'), ...wholeRunCalls('s1')];
  const once = JSON.stringify(fold(all));
  fc.assert(fc.property(shuffled(all), ([some, again]) => JSON.stringify(fold([...some, ...again])) === once));
  // And a fact that is missing can be seen.
  for (const missing of all.filter(({ id }) => !/\/(04|05)$/.test(id)))
    expect(JSON.stringify(fold(all.filter((fact) => fact !== missing))), missing.id).not.toBe(once);
});

test('R03 every row stands on one that is there, has one name, and takes no negative time', () => {
  fc.assert(
    fc.property(facts, (all) => {
      const { orchestrations, executions, steps } = fold(all);
      const runs = new Set(orchestrations.map(({ id }) => id));
      const agents = new Set(executions.map(({ id }) => id));
      expect(runs.size).toBe(orchestrations.length);
      expect(agents.size).toBe(executions.length);
      expect(new Set(steps.map(({ id }) => id)).size).toBe(steps.length);
      for (const { orchestration_id } of [...executions, ...steps])
        expect(orchestration_id === null || runs.has(orchestration_id)).toBe(true);
      for (const { execution_id } of steps) expect(execution_id === null || agents.has(execution_id)).toBe(true);
      for (const { parent_id } of executions) expect(parent_id === null || agents.has(parent_id)).toBe(true);
      for (const { started_at, completed_at, duration_ms } of [...orchestrations, ...executions, ...steps]) {
        if (completed_at === null) expect(duration_ms).toBeNull();
        else expect(duration_ms).toBe(Date.parse(completed_at) - Date.parse(started_at));
        expect(duration_ms ?? 0).toBeGreaterThanOrEqual(0);
      }
    }),
    { numRuns: 1500 },
  );
});

test('C03 what steps spent is what runs spent, and what agents spent, once', () => {
  fc.assert(
    fc.property(facts, (all) => {
      const { orchestrations, executions, steps } = fold(all);
      const nano = (rows: readonly { cost_micro_usd: number | null }[]) =>
        rows.reduce((sum, { cost_micro_usd }) => sum + Math.round((cost_micro_usd ?? 0) * 1000), 0);
      const tokens = (rows: readonly { input_tokens: number }[]) =>
        rows.reduce((sum, row) => sum + row.input_tokens, 0);
      const inRuns = steps.filter(({ orchestration_id }) => orchestration_id !== null);
      expect([nano(orchestrations), tokens(orchestrations)]).toEqual([nano(inRuns), tokens(inRuns)]);
      const byAgents = steps.filter(({ execution_id }) => execution_id !== null);
      expect([nano(executions), tokens(executions)]).toEqual([nano(byAgents), tokens(byAgents)]);
    }),
    { numRuns: 1000 },
  );
});
