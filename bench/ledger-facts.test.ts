import { expect, test } from 'vitest';
import { fold } from '../monitor/ledger/fold.ts';
import { days, endMs, executionsPerRun, runFacts, sessionOf } from './ledger-facts.ts';

const runs = 500;
const made = Array.from({ length: runs }, (_, number) => fold(runFacts(number, runs)));
const executions = made.flatMap((rows) => rows.executions);

test('R02 the fleet of the bench is the same each time, and each run another', () => {
  expect(runFacts(7, runs)).toEqual(runFacts(7, runs));
  expect(runFacts(7, runs)).not.toEqual(runFacts(8, runs));
  const ids = made.flatMap((rows) => [...rows.orchestrations, ...rows.executions, ...rows.steps].map(({ id }) => id));
  expect(new Set(ids).size).toBe(ids.length);
});

test('R02 it is what the bench says it is: ten executions a run, twelve agents at four operations, one in twenty failed', () => {
  expect(made.map((rows) => rows.orchestrations.map((run) => run.session_id))).toEqual(
    made.map((_, number) => [sessionOf(number)]),
  );
  expect(executions).toHaveLength(runs * executionsPerRun);
  const groups = new Set(executions.map(({ agent_name, operation }) => `${agent_name} ${operation}`));
  // Calls do not tell the operation.
  expect(groups.size).toBe(12 * 4 + 12);
  const failed = executions.filter(({ status }) => status === 'failed');
  expect(failed.length / executions.length).toBeGreaterThan(0.035);
  expect(failed.length / executions.length).toBeLessThan(0.065);
  expect(new Set(failed.map(({ error_fingerprint }) => error_fingerprint)).size).toBeGreaterThanOrEqual(8);
  const withSteps = made.filter((rows) => rows.steps.length > 0);
  expect(withSteps).toHaveLength(runs / 5);
  expect(withSteps.every((rows) => (rows.orchestrations[0]?.cost_micro_usd ?? 0) > 0)).toBe(true);
});

test('R02 it is spread over ninety days, and over before they are', () => {
  const starts = made.map((rows) => Date.parse(rows.orchestrations[0]?.started_at ?? ''));
  expect(starts).toEqual(starts.toSorted((a, b) => a - b));
  expect(endMs - (starts[0] as number)).toBeGreaterThan((days - 1) * 86_400_000);
  expect(endMs - (starts[0] as number)).toBeLessThan((days + 1) * 86_400_000);
  for (const { completed_at } of executions) expect(Date.parse(completed_at ?? '')).toBeLessThan(endMs);
});
