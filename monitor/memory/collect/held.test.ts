import { expect, test } from 'vitest';
import type { AgentExecution } from '../../ledger/record.ts';
import { Histogram } from '../../store/histogram.ts';
import { totalOf } from '../consolidate/week-total.ts';
import { quiet } from '../testing/some-days.ts';
import { held, mostHeld } from './held.ts';
import { LedgerDay } from './ledger-day.ts';

/** Agent `n` has done n + 1 tasks, of which the first failed with an error of its own. */
function day(agents: number) {
  const made = new LedgerDay('2026-02-16T06:00:00.000Z');
  for (let n = 0; n < agents; n++)
    for (let task = 0; task < 1 + (n % 3); task++) {
      const failed = task === 0;
      const row = {
        ...{ id: `${n}-${task}`, orchestration_id: null, agent_session_id: `s-${n}`, agent_name: `agent-${n}` },
        ...{ operation: 'write', status: failed ? 'failed' : 'completed', retry_count: 0, duration_ms: 60_000 + n },
        ...{ started_at: '2026-02-15T10:00:00.000Z', completed_at: '2026-02-15T10:01:00.000Z' },
        ...{ error_type: 'TimeoutError', error_message: 'x'.repeat(2000), error_fingerprint: failed ? `e${n}` : null },
        ...{ cost_micro_usd: 1000.5, input_tokens: 100, output_tokens: 10, unpriced_calls: 0 },
      };
      made.execution(row as AgentExecution, `s-${n}`);
    }
  return made.part();
}

test('M01 a day of any size is one document; rows and their rest are the whole', () => {
  const { agents, work, errors, rest, tasks, cost } = day(5000);
  expect([agents.length, work.length, errors.length]).toEqual([mostHeld.agents, mostHeld.work, mostHeld.errors]);
  const sum = (all: readonly number[]) => all.reduce((total, one) => total + one, 0);
  expect(sum(agents.map(({ started }) => started)) + rest.agents_started).toBe(tasks.started);
  expect(sum(work.map(({ ended }) => ended)) + rest.work_ended).toBe(tasks.started);
  expect(sum(work.map(({ failed }) => failed)) + rest.work_failed).toBe(5000);
  expect(sum(errors.map(({ times }) => times)) + rest.errors_times).toBe(5000);
  expect(sum(agents.map((one) => one.cost.micro_usd ?? 0)) + (rest.agents_micro_usd ?? 0)).toBeCloseTo(
    cost.micro_usd ?? 0,
  );
  expect([rest.agents, rest.work, rest.errors]).toEqual([4500, 4500, 4800]);
  // Those that did most are told one by one.
  expect(new Set(agents.map(({ started }) => started))).toEqual(new Set([3]));
  // MongoDB takes 16 MiB.
  expect(Buffer.byteLength(JSON.stringify({ agents, work, errors, rest }))).toBeLessThan(4 * 2 ** 20);
});

test('M02 the time that tasks of a week take is that of all of them, also of what is told together', () => {
  const part = day(800);
  const whole = new Histogram();
  for (let n = 0; n < 800; n++) if (n % 3 > 0) whole.add(60_000 + n, n % 3);
  expect(part.rest.work).toBe(300);
  const { p95_ms } = totalOf([{ ...quiet('2026-02-15'), ...part }]);
  expect(p95_ms).toBe(whole.percentiles([0.95])[0]);
  const [text] = [part.rest.work_durations];
  expect(text).not.toBe(new Histogram().toString());
});

test('M01 a day of usual size has no rest', () => {
  const { rest, agents } = day(3);
  expect(agents).toHaveLength(3);
  expect(rest).toEqual(quiet('2026-02-15').rest);
  expect(held({ agents: [], work: [], errors: [] }).rest).toEqual(rest);
});
