import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AgentExecution, Step } from '../ledger/record.ts';
import { treeOf } from '../ledger/run-tree.ts';
import { someExecution, someOrchestration, someStep } from '../testing/some-run.ts';
import { waterfall } from './waterfall.ts';

const at = (seconds: number) => new Date(Date.parse('2026-11-26T09:00:00Z') + seconds * 1000).toISOString();
const from = (start: number, end: number | null) => ({
  started_at: at(start),
  completed_at: end === null ? null : at(end),
  duration_ms: end === null ? null : (end - start) * 1000,
});
const step = (id: string, start: number, end: number, different: Partial<Step> = {}) =>
  someStep(id, { execution_id: 'id-a', cost_micro_usd: null, ...from(start, end), ...different });
const execution = (id: string, start: number, end: number | null, different: Partial<AgentExecution> = {}) =>
  someExecution(id, {
    orchestration_id: 'id-s',
    cost_micro_usd: null,
    agent_name: id,
    ...from(start, end),
    ...different,
  });
const run = (end: number | null, executions: AgentExecution[], steps: Step[], cost: number | null = null) => ({
  orchestration: someOrchestration('s', {
    ...from(0, end),
    cost_micro_usd: cost,
    status: end === null ? 'running' : 'completed',
  }),
  executions,
  steps,
});
const path = (seen: ReturnType<typeof waterfall>) =>
  seen.critical_path.map(({ id, category, offset_ms, duration_ms }) => [
    id,
    category,
    offset_ms / 1000,
    duration_ms / 1000,
  ]);
const spent = (seen: ReturnType<typeof waterfall>) =>
  Object.fromEntries(
    seen.categories.filter(({ path_ms }) => path_ms > 0).map(({ name, path_ms }) => [name, path_ms / 1000]),
  );

describe('B07 the critical path', () => {
  test('B07 goes through model, tool, queue and person, and leaves no moment out', () => {
    const seen = waterfall(
      run(
        100,
        [execution('a', 1, 99)],
        [
          step('m', 2, 12),
          step('t', 12, 20, { kind: 'tool', name: 'search' }),
          step('p', 20, 80, { kind: 'approval', name: 'deploy' }),
          step('q', 80, 90, { kind: 'queue', name: 'Code' }),
        ],
      ),
    );
    expect(path(seen)).toEqual([
      ['id-s', 'idle', 0, 1],
      ['id-a', 'agent', 1, 1],
      ['m', 'model', 2, 10],
      ['t', 'tool', 12, 8],
      ['p', 'human', 20, 60],
      ['q', 'queue', 80, 10],
      ['id-a', 'agent', 90, 9],
      ['id-s', 'idle', 99, 1],
    ]);
    expect(spent(seen)).toEqual({ model: 10, tool: 8, agent: 10, queue: 10, human: 60, idle: 2 });
  });

  test('B07 of two at work side by side it takes the one that the end waited for', () => {
    const seen = waterfall(run(30, [execution('a', 0, 30)], [step('short', 1, 10), step('long', 1, 28)]));
    expect(path(seen).map(([id]) => id)).toEqual(['id-a', 'long', 'id-a']);
    expect(seen.models).toMatchObject([{ calls: 2, path_ms: 27_000, busy_ms: 36_000 }]);
    expect(seen.bars.find(({ id }) => id === 'short')?.path_ms).toBe(0);
  });

  test('B07 clocks that differ by some milliseconds do not hide what came before; a real overlap does', () => {
    const seen = (overlap: number) =>
      path(waterfall(run(20, [execution('a', 0, 20)], [step('first', 0, 10 + overlap), step('second', 10, 20)])));
    expect(seen(0.008)).toEqual([
      ['first', 'model', 0, 10],
      ['second', 'model', 10, 10],
    ]);
    expect(seen(2)[0]).toEqual(['id-a', 'agent', 0, 10]);
  });

  test('B07 an agent stands inside the call that its caller made for it, by its steps or by its time', () => {
    const tool = step('ask', 1, 19, { kind: 'tool', name: 'ask_b' });
    const b = execution('b', 2, 18, { parent_id: 'id-a' });
    const inside = step('m', 3, 17, { execution_id: 'id-b', parent_id: 'ask' });
    for (const steps of [[tool, inside], [tool]]) {
      const root = treeOf(run(20, [execution('a', 0, 20), b], steps));
      expect(root.children[0]?.children[0]?.children[0]?.id).toBe('id-b');
    }
    expect(spent(waterfall(run(20, [execution('a', 0, 20), b], [tool, inside])))).toEqual({
      agent: 4,
      tool: 2,
      model: 14,
    });
  });

  test('B07 work for a message goes on when its sender is long done', () => {
    const sender = execution('a', 0, 2);
    const receiver = execution('b', 10, 20, { parent_id: 'id-a' });
    const queue = step('q', 2, 9, { kind: 'queue', name: 'b' });
    const inside = step('m', 11, 19, { execution_id: 'id-b', parent_id: 'q' });
    const seen = waterfall(run(20, [sender, receiver], [queue, inside]));
    expect(spent(seen)).toEqual({ agent: 4, queue: 7, idle: 1, model: 8 });
    expect(seen.hand_offs).toEqual([{ from: 'a', to: 'b', times: 1, wait_ms: 7000, work_ms: 10_000, failed: 0 }]);
  });

  test('B07 is idle only where nobody was at work; who ran beside it is on it there, by what he did', () => {
    const b = [execution('b', 0, 90), step('b1', 0, 40, { execution_id: 'id-b' })];
    const steps = [
      b[1] as Step,
      step('b2', 45, 90, { execution_id: 'id-b', kind: 'tool', name: 'search' }),
      step('a1', 50, 100),
    ];
    const seen = waterfall(run(100, [b[0] as AgentExecution, execution('a', 50, 100)], steps));
    expect(path(seen)).toEqual([
      ['b1', 'model', 0, 40],
      ['id-b', 'agent', 40, 5],
      ['b2', 'tool', 45, 5],
      ['a1', 'model', 50, 50],
    ]);
    const later = waterfall(run(100, [execution('b', 20, 90), execution('a', 50, 98)], []));
    expect(path(later)).toEqual([
      ['id-s', 'idle', 0, 20],
      ['id-b', 'agent', 20, 30],
      ['id-a', 'agent', 50, 48],
      ['id-s', 'idle', 98, 2],
    ]);
    // A message waits while another agent is at work, and then while nobody is.
    const sent = [execution('a', 0, 2), execution('c', 3, 8), execution('b', 10, 20, { parent_id: 'id-a' })];
    expect(spent(waterfall(run(20, sent, [])))).toEqual({ agent: 17, idle: 3 });
  });

  test('B07 a run that still runs ends where one looks, or where it was last heard of', () => {
    const open = run(null, [execution('a', 0, null)], [step('m', 0, 5)]);
    expect(waterfall(open)).toMatchObject({ running: true, duration_ms: 5000 });
    expect(spent(waterfall(open, Date.parse(at(60))))).toEqual({ model: 5, agent: 55 });
  });

  test('B07 parents that are missing, in a circle, or their own hang under the run', () => {
    const odd = [
      step('x', 1, 2, { execution_id: null, parent_id: 'y' }),
      step('y', 2, 3, { execution_id: null, parent_id: 'x' }),
      step('z', 3, 4, { execution_id: null, parent_id: 'z' }),
      step('lost', 4, 5, { execution_id: 'nobody', parent_id: 'nobody' }),
    ];
    expect(waterfall(run(5, [], odd)).bars).toHaveLength(5);
  });
});

describe('B07 money and retries', () => {
  const retried = run(
    60,
    [
      execution('a', 0, 20, {
        agent_name: 'code',
        operation: 'write',
        task_id: 'T1',
        status: 'failed',
        cost_micro_usd: 30,
      }),
      execution('b', 25, 60, {
        agent_name: 'code',
        operation: 'write',
        task_id: 'T1',
        retry_count: 1,
        cost_micro_usd: 50,
      }),
    ],
    [
      step('m1', 0, 20, { cost_micro_usd: 30 }),
      step('m2', 25, 60, { execution_id: 'id-b', cost_micro_usd: 40, name: 'gpt-5' }),
    ],
    100,
  );

  test('B07 all of an attempt that was made again is retry: its time, its model, its money', () => {
    const seen = waterfall(retried);
    expect(spent(seen)).toEqual({ retry: 20, idle: 5, model: 35 });
    expect(seen.categories.find(({ name }) => name === 'retry')).toMatchObject({
      calls: 2,
      cost_micro_usd: 30,
      busy_ms: 20_000,
    });
    expect(seen.bars.map(({ id, retried_by }) => [id, retried_by])).toEqual([
      ['id-s', null],
      ['id-a', 'id-b'],
      ['m1', 'id-b'],
      ['id-b', null],
      ['m2', null],
    ]);
  });

  test('B07 two calls of one tool, the first of which failed, are no retry; an attempt with its number is', () => {
    const tools = (attempt: number) => [
      step('t1', 0, 5, { kind: 'tool', name: 'search', outcome: 'failure' }),
      step('t2', 5, 10, { kind: 'tool', name: 'search', attempt }),
    ];
    expect(spent(waterfall(run(10, [execution('a', 0, 10)], tools(1))))).toEqual({ tool: 10 });
    expect(spent(waterfall(run(10, [execution('a', 0, 10)], tools(2))))).toEqual({ retry: 5, tool: 5 });
  });

  test('B07 the money of the categories adds up to that of the run, unknown is not zero', () => {
    const seen = waterfall(retried);
    // 10 of its execution beyond its calls, 20 of the run beyond its executions.
    expect(Object.fromEntries(seen.categories.map(({ name, cost_micro_usd }) => [name, cost_micro_usd]))).toEqual({
      ...{ model: 40, tool: null, agent: 30, queue: null, human: null, retry: 30, idle: null },
    });
    expect(
      waterfall(run(5, [execution('a', 0, 5)], [step('m', 0, 5)])).categories.map((one) => one.cost_micro_usd),
    ).toEqual(Array(7).fill(null));
  });
});

test('B07 whatever a run looks like, its path is as long as the run and has no gap and no overlap', () => {
  const seconds = fc.integer({ min: 0, max: 50 });
  const ids = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'nobody');
  const part = fc.record({
    start: seconds,
    length: seconds,
    id: ids,
    parent: ids,
    execution: ids,
    kind: fc.constantFrom('model', 'tool', 'queue', 'approval', 'task', 'decision'),
  });
  const parts = fc.uniqueArray(part, { selector: ({ id }) => id });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), parts, parts, (end, agents, steps) => {
      const seen = waterfall(
        run(
          end,
          agents.map(({ id, start, length, parent }) =>
            execution(id, start, start + length, { parent_id: `id-${parent}` }),
          ),
          steps.map(({ id, start, length, parent, execution, kind }) =>
            step(id, start, start + length, {
              parent_id: parent,
              execution_id: `id-${execution}`,
              kind: kind as Step['kind'],
            }),
          ),
        ),
      );
      let cursor = 0;
      for (const { offset_ms, duration_ms } of seen.critical_path) {
        expect(offset_ms).toBe(cursor);
        cursor += duration_ms;
      }
      expect(cursor).toBe(end * 1000);
      const parts = seen.bars.slice(1);
      for (const { category, offset_ms, duration_ms } of seen.critical_path)
        if (category === 'idle')
          for (const part of parts)
            expect(
              Math.min(offset_ms + duration_ms, part.offset_ms + part.duration_ms) -
                Math.max(offset_ms, part.offset_ms),
            ).toBeLessThanOrEqual(0);
      expect(seen.bars).toHaveLength(1 + agents.length + steps.length);
    }),
  );
});
