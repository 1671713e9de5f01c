import { expect, test } from 'vitest';
import type { AgentExecution, Orchestration, Step } from '../../ledger/record.ts';
import { LedgerDay } from './ledger-day.ts';

const at = (time: string) => `2026-02-15T${time}:00.000Z`;
const cutoff = '2026-02-16T06:00:00.000Z';

const execution = (id: string, more: Partial<AgentExecution> = {}) =>
  ({
    ...{ id, orchestration_id: 'run-a', agent_session_id: `s-${id}`, agent_name: 'code', operation: 'write' },
    ...{ status: 'completed', started_at: at('10:00'), completed_at: at('10:01'), duration_ms: 60_000, retry_count: 0 },
    ...{ error_type: null, error_message: null, error_fingerprint: null, cost_micro_usd: 1000.5 },
    ...{ input_tokens: 100, output_tokens: 10, unpriced_calls: 0, ...more },
  }) as AgentExecution;

const failed = (id: string, more: Partial<AgentExecution> = {}) =>
  execution(id, {
    ...{ status: 'failed', error_type: 'TimeoutError', error_message: 'no answer', error_fingerprint: 'abcdefabcdef' },
    ...more,
  });

const step = (id: string, kind: Step['kind'], more: Partial<Step> = {}) =>
  ({
    ...{ id, kind, orchestration_id: 'run-a', execution_id: null, name: 'claude-sonnet-5', started_at: at('10:00') },
    ...{ completed_at: at('10:01'), duration_ms: 60_000, outcome: 'success', cost_micro_usd: null, input_tokens: 0 },
    ...{ output_tokens: 0, unpriced_calls: 0, details: {}, ...more },
  }) as Step;

const run = (id: string, more: Partial<Orchestration> = {}) =>
  ({
    ...{ id, session_id: `session-${id}`, status: 'completed', started_at: at('10:00'), completed_at: at('11:00') },
    ...more,
  }) as Orchestration;

function day(rows: { runs?: Orchestration[]; steps?: Step[]; executions?: AgentExecution[] }) {
  const made = new LedgerDay(cutoff);
  for (const one of rows.steps ?? []) made.step(one);
  for (const one of rows.executions ?? []) made.execution(one, one.orchestration_id ?? one.agent_session_id);
  for (const one of rows.runs ?? []) made.run(one);
  return made;
}

test('M01 a day counts what began in it, by how it had ended when the day was closed', () => {
  const late = execution('c', { completed_at: '2026-02-16T06:00:00.001Z' });
  const { tasks, success_rate, error_rate, cost, agents } = day({
    executions: [execution('a'), failed('b'), late, execution('d', { status: 'in_progress', completed_at: null })],
  }).part();
  expect(tasks).toEqual({ started: 4, completed: 1, failed: 1, in_progress: 2 });
  expect([success_rate, error_rate]).toEqual([0.5, 0.5]);
  // What was still going on is not in the sum, or the same day would cost more when it is looked at later.
  expect(cost).toMatchObject({ micro_usd: 2001, failed_micro_usd: 1000.5, input_tokens: 200 });
  expect(agents).toMatchObject([{ agent_name: 'code', started: 4, cost: { micro_usd: 2001 } }]);
});

test('M01 of a day on which nothing ended no rate is told, and no cost', () => {
  expect(day({}).part()).toMatchObject({
    ...{ success_rate: null, error_rate: null, p95_ms: null, work: [], errors: [] },
    cost: { micro_usd: null, failed_micro_usd: null, unpriced_calls: 0 },
  });
});

test('M01 work is told by agent, task and the model that most money went to; the rest of the money is not lost', () => {
  const { work, models, cost } = day({
    steps: [
      step('1', 'model', { execution_id: 'a', cost_micro_usd: 600 }),
      step('2', 'model', { execution_id: 'a', name: 'claude-haiku-4.5', cost_micro_usd: 400, outcome: 'failure' }),
      step('3', 'model', { execution_id: 'b', name: 'claude-haiku-4.5', unpriced_calls: 1 }),
      // Of no agent: nobody's execution has its money.
      step('4', 'model', { cost_micro_usd: 50 }),
    ],
    executions: [execution('a'), failed('b'), execution('c', { cost_micro_usd: null })],
  }).part();
  expect(work.map(({ model, ended, failed }) => [model, ended, failed])).toEqual([
    ['claude-haiku-4.5', 1, 1],
    ['claude-sonnet-5', 1, 0],
    [null, 1, 0],
  ]);
  expect(models).toMatchObject([
    { model: 'claude-haiku-4.5', calls: 2, failed: 1, cost: { micro_usd: 400, unpriced_calls: 1 } },
    { model: 'claude-sonnet-5', calls: 2, failed: 0, cost: { micro_usd: 650 } },
  ]);
  expect(cost.micro_usd).toBe(2051);
});

test('M01 an error is told by its fingerprint, with the newest words and the first runs that met it', () => {
  const many = Array.from({ length: 8 }, (_, i) =>
    failed(`x${i}`, {
      orchestration_id: `run-${i}`,
      started_at: at(`1${i}:00`),
      completed_at: at(`1${i}:30`),
      error_message: `try ${i}`,
    }),
  );
  const { errors } = day({ executions: many.toReversed() }).part();
  expect(errors).toMatchObject([
    {
      ...{ fingerprint: 'abcdefabcdef', times: 8, error_message: 'try 7', cost_micro_usd: 8004 },
      ...{ first_at: at('10:30'), last_at: at('17:30'), agents: ['code'] },
      sessions: ['run-0', 'run-1', 'run-2', 'run-3', 'run-4'],
    },
  ]);
});

test('M01 approvals: answered, and how long people took; open is what nobody had answered when the day was closed', () => {
  const { approvals } = day({
    steps: [
      step('1', 'approval', { duration_ms: 40_000 }),
      step('2', 'approval', { outcome: 'failure', duration_ms: 40_000 }),
      step('3', 'approval', { outcome: 'cancelled', duration_ms: 900_000 }),
      step('4', 'approval', { completed_at: null, outcome: null }),
      step('5', 'approval', { completed_at: '2026-02-17T00:00:00.000Z' }),
    ],
  }).part();
  expect(approvals).toMatchObject({ asked: 5, approved: 1, rejected: 1, unanswered: 1, open: 2 });
  expect(approvals.p95_wait_ms).toBeCloseTo(40_000, -3);
});

test('M03 a decision is joined with what came of it; of what had not ended nothing is claimed', () => {
  const details = { choice: 'split', confidence: 0.8, reasoning: 'two parts', task_id: 'T-1' };
  const rows = day({
    steps: [
      step('2', 'decision', { execution_id: 'b', name: 'plan', started_at: at('10:02'), details }),
      step('1', 'decision', { execution_id: 'a', name: 'plan', details: {} }),
      step('3', 'decision', { name: 'plan', started_at: at('10:03') }),
    ],
    executions: [execution('a', { status: 'in_progress', completed_at: null }), failed('b')],
    runs: [run('run-a')],
  }).decisions('2026-02-15');
  expect(rows.map(({ id, outcome, agent_name, session_id }) => [id, outcome, agent_name, session_id])).toEqual([
    ['1', 'unknown', 'code', 'session-run-a'],
    ['2', 'failure', 'code', 'session-run-a'],
    ['3', 'unknown', null, 'session-run-a'],
  ]);
  expect(rows[1]).toMatchObject({
    ...{ date: '2026-02-15', choice: 'split', confidence: 0.8, reasoning: 'two parts', outcome_at: at('10:01') },
    supporting: { task_id: 'T-1', cost_micro_usd: 1000.5, duration_ms: 60_000 },
  });
});

test('M01 rows in any order come to the same bytes', () => {
  const executions = [
    execution('a'),
    failed('b'),
    execution('c', { agent_name: 'qa', cost_micro_usd: 0.1 }),
    failed('d'),
  ];
  const steps = [
    step('1', 'model', { execution_id: 'a', cost_micro_usd: 0.1 }),
    step('2', 'model', { execution_id: 'a', cost_micro_usd: 0.2 }),
  ];
  const text = (rows: Parameters<typeof day>[0]) => JSON.stringify(day(rows).part());
  expect(text({ executions: executions.toReversed(), steps: steps.toReversed() })).toBe(text({ executions, steps }));
});

test('M05 work is told by how many tasks were given at once, and by the tools that were used together', () => {
  const task = (execution_id: string, task_id: string, id = `${execution_id}-${task_id}`) =>
    step(id, 'task', { execution_id, name: 'write', details: { task_id } });
  const tool = (execution_id: string, name: string) => step(`${execution_id}-${name}`, 'tool', { execution_id, name });
  const { work } = day({
    steps: [
      // Tried again, it is one task.
      ...[task('a', 'T1'), task('a', 'T1', 'a-again'), ...['1', '2', '3'].map((one) => task('b', one))],
      ...[tool('a', 'web'), tool('a', 'read'), tool('b', 'read'), tool('b', 'web'), tool('c', 'read')],
    ],
    executions: [execution('a'), failed('b', { cost_micro_usd: 3000 }), execution('c'), execution('d')],
  }).part();
  expect(work).toMatchObject([
    {
      batches: [
        { size: 1, ended: 1, failed: 0, went_well: ['run-a'], went_wrong: [] },
        { size: 2, ended: 1, failed: 1, went_well: [], went_wrong: ['run-a'] },
      ],
      toolsets: [
        { tools: ['read', 'web'], ended: 2, failed: 1 },
        { tools: ['read'], ended: 1, failed: 0 },
      ],
    },
  ]);
  // Of three tasks at once each cost a third: the batches of one and of three are equally dear.
  expect(work[0]?.batches[1]?.costs).toBe(work[0]?.batches[0]?.costs);
});

test('M05 of an execution that tells neither tasks nor tools, nothing is made up; of many combinations the most frequent stay', () => {
  expect(day({ executions: [execution('a')] }).part().work).toMatchObject([{ batches: [], toolsets: [] }]);
  const names = Array.from({ length: 20 }, (_, i) => `t${i + 10}`);
  const used = [...names, 't29', 't29'].map((name, i) => ({ name, id: `e${i}` }));
  const { work } = day({
    steps: used.map(({ name, id }) => step(`s-${id}`, 'tool', { execution_id: id, name })),
    executions: used.map(({ id }) => execution(id)),
  }).part();
  expect(work[0]?.toolsets).toHaveLength(12);
  expect(work[0]?.toolsets.at(-1)).toMatchObject({ tools: ['t29'], ended: 3 });
});

test('B05 cached tokens and reasoning are added up by model; of calls that told none there is no zero', () => {
  const { models } = day({
    steps: [
      step('1', 'model', { details: { cache_read_tokens: 900, cache_write_tokens: 0, reasoning_tokens: 70 } }),
      step('2', 'model', { details: { cache_read_tokens: 100, cache_write_tokens: 50 } }),
      step('3', 'model', { name: 'local', details: {} }),
    ],
  }).part();
  const told = ({ cache_read_tokens, cache_write_tokens, reasoning_tokens }: (typeof models)[number]) => [
    ...[cache_read_tokens, cache_write_tokens, reasoning_tokens],
  ];
  expect(models.map(told)).toEqual([
    [1000, 50, 70],
    [null, null, null],
  ]);
});

test('M01 of each hour it is known how many rows and tasks began in it; an execution that names no task is one', () => {
  const { hours } = day({
    runs: [run('a', { started_at: at('09:00') })],
    steps: [
      step('t1', 'task', { execution_id: 'a', started_at: at('10:05') }),
      // Tried again: it is begun, and counted, twice.
      step('t2', 'task', { execution_id: 'a', started_at: at('11:00'), details: { task_id: 't1' } }),
      step('m', 'model', { execution_id: 'b', started_at: at('10:07') }),
    ],
    executions: [execution('a'), execution('b'), execution('c', { started_at: '2026-02-15T12:00:00Z' })],
  });
  const of = (hour: string) => hours.of(`2026-02-15T${hour}`);
  expect(['09', '10', '11', '12', '13'].map(of)).toEqual([
    ...[
      { rows: 1, tasks: 0 },
      { rows: 4, tasks: 2 },
      { rows: 1, tasks: 1 },
    ],
    ...[
      { rows: 1, tasks: 1 },
      { rows: 0, tasks: 0 },
    ],
  ]);
});
