import { describe, expect, test } from 'vitest';
import {
  agent,
  agentEnded,
  agentStarted,
  at,
  chat,
  runEnded,
  runStarted,
  span,
  task,
  wholeRun,
  wholeRunCalls,
  workflow,
} from '../testing/some-facts.ts';
import type { Fact } from './fact.ts';
import { fold } from './fold.ts';
import { orchestrationId } from './run-key.ts';

const runIn = (facts: Fact[]) => fold(facts).orchestrations[0];

describe('R03 a run that telemetry tells', () => {
  const { orchestrations, executions, steps } = fold(wholeRun('s1', 't1'));

  test('is one orchestration, with the tasks, the money and the tokens of all its agents', () => {
    expect(orchestrations).toEqual([
      {
        ...{ id: orchestrationId('s1'), session_id: 's1', task_description: null, status: 'completed' },
        ...{ started_at: at(0), completed_at: at(60), duration_ms: 60_000 },
        ...{ total_tasks: 1, completed_tasks: 1, failed_tasks: 0 },
        ...{ git_commit_hash: null, plan_file_path: null, progress_file_path: null },
        ...{ workflow_name: 'build', service_name: 'fleet', environment: 'test', trace_id: 't1' },
        ...{ error_message: null, error_fingerprint: null },
        ...{ cost_micro_usd: 18_345.6, input_tokens: 117, output_tokens: 24, unpriced_calls: 1 },
      },
    ]);
  });

  test('has its agents as a tree, each with what its own calls spent', () => {
    const [director, code] = executions;
    expect(executions).toHaveLength(2);
    expect(director).toMatchObject({
      agent_name: 'director',
      agent_session_id: 't1/02',
      parent_id: null,
      operation: 'work',
    });
    expect(director).toMatchObject({
      cost_micro_usd: 12_345.6,
      input_tokens: 100,
      unpriced_calls: 0,
      duration_ms: 58_000,
    });
    expect(code).toMatchObject({ agent_name: 'code', parent_id: director?.id, task_id: 'job-1', status: 'completed' });
    expect(code).toMatchObject({ cost_micro_usd: 6000, input_tokens: 17, unpriced_calls: 1 });
  });

  test('has its steps, in order, each under the one around it; a call that two libraries tell is one', () => {
    expect(steps.map(({ kind, name, parent_id, duration_ms }) => [kind, name, parent_id, duration_ms])).toEqual([
      ['model', 'm-1', null, 2000],
      ['queue', 'code', null, 2900],
      ['task', 'review', 't1/06', 11_000],
      ['model', 'm-1', 't1/08', 2000],
      ['task', 'review', 't1/06', 17_000],
      ['model', 'm-1', 't1/09', 3000],
      ['tool', 'search', 't1/09', 1000],
      ['decision', 'merge', 't1/09', 1000],
      ['approval', 'deploy', null, 10_000],
    ]);
    expect(steps.map(({ attempt }) => attempt)).toEqual([1, 1, 1, 1, 2, 1, 1, 1, 1]);
    expect(steps.at(-1)).toMatchObject({ outcome: 'success', details: { subject: 'Version 3', decision: 'approved' } });
    expect(steps.at(-2)?.details).toEqual({ choice: 'yes', confidence: 0.9 });
  });
});

describe('R03 a run that is told both ways is one run', () => {
  test('the caller’s words stand, telemetry adds what he does not know', () => {
    const facts = wholeRun('s1', 't1').map((fact) =>
      fact.id === 't1/02' && fact.source === 'span'
        ? { ...fact, attributes: { ...fact.attributes, 'agent.session.id': 's1-a' } }
        : fact,
    );
    const { orchestrations, executions } = fold([...facts, ...wholeRunCalls('s1', 0.2)]);
    expect(orchestrations).toHaveLength(1);
    expect(orchestrations[0]).toMatchObject({ task_description: 'Build and deploy', total_tasks: 5, trace_id: 't1' });
    expect(orchestrations[0]).toMatchObject({ started_at: at(0.2), completed_at: at(60.2), cost_micro_usd: 18_345.6 });
    expect(executions.map(({ agent_session_id }) => agent_session_id)).toEqual(['s1-a', 't1/07']);
    expect(executions[0]).toMatchObject({ files_created: 3, span_id: '02', cost_micro_usd: 12_345.6 });
    expect(executions[1]).toMatchObject({ parent_id: executions[0]?.id });
  });

  test('an agent whose instance is called as the caller calls it is that one, once', () => {
    const calls = wholeRunCalls('s1');
    const twice = ['02', '03'].map((id) => agent('director', { id, parent: '01', attributes: { 'agent.id': 's1-a' } }));
    const { executions } = fold([workflow('s1', { id: '01' }), ...twice, ...calls]);
    expect(executions.map(({ agent_session_id }) => agent_session_id).sort()).toEqual(['s1-a', 't1/03']);
  });

  test('its id is of its session, whoever was first', () => {
    const [byCall, bySpan] = [runIn([runStarted('s1', 0)]), runIn([workflow('s1', { id: '01' })])];
    expect(byCall?.id).toBe(bySpan?.id);
    expect(byCall?.id).not.toBe(runIn([runStarted('s2', 0)])?.id);
  });
});

describe('R03 what has not been told to the end', () => {
  test('spans without a root are executions of no run, until it comes', () => {
    const [root, ...others] = wholeRun('s1', 't1') as [Fact, ...Fact[]];
    const before = fold(others);
    expect(before.orchestrations).toEqual([]);
    expect(before.executions.map(({ orchestration_id }) => orchestration_id)).toEqual([null, null]);
    expect(fold([...others, root]).executions.map(({ orchestration_id }) => orchestration_id)).toEqual([
      orchestrationId('s1'),
      orchestrationId('s1'),
    ]);
  });

  test('a run goes on until its end is told, and an end alone is no run', () => {
    expect(runIn([runStarted('s1', 0)])).toMatchObject({ status: 'running', completed_at: null, duration_ms: null });
    expect(runIn([runEnded('s1', 5)])).toBeUndefined();
    expect(runIn([runEnded('s1', 5), runStarted('s1', 0)])).toMatchObject({ status: 'completed', duration_ms: 5000 });
    expect(fold([agentEnded('a', 5)]).executions).toEqual([]);
    expect(fold([agentStarted(null, 'a', 0, { agent_name: 'x' })]).executions).toMatchObject([
      { status: 'in_progress' },
    ]);
  });

  test('an agent of a run that has not begun is of no run', () => {
    const start = agentStarted('s1', 'a', 0, { agent_name: 'x', orchestration_id: orchestrationId('s1') });
    expect(fold([start]).executions).toMatchObject([{ orchestration_id: null }]);
    expect(fold([start, runStarted('s1', 0)]).executions).toMatchObject([{ orchestration_id: orchestrationId('s1') }]);
  });
});

describe('R03 how a run ended', () => {
  const failedAgent = (given = {}) =>
    agent('code', { id: '02', parent: '01', from: 1, to: 2, error: true, message: 'no disk', ...given });
  const goodAgent = (given = {}) => agent('code', { id: '03', parent: '01', from: 3, to: 4, ...given });
  const ended = (facts: Fact[], session = workflow('s1', { id: '01', to: 9 })) => runIn([session, ...facts]);

  test.each([
    ['all agents did their work', [goodAgent()], 'completed', null],
    ['an agent failed, and did it the next time', [failedAgent(), goodAgent()], 'completed', null],
    ['an agent failed after it had done it', [failedAgent({ from: 5, to: 6 }), goodAgent()], 'partial', 'no disk'],
    [
      'another agent did its own work',
      [failedAgent(), goodAgent({ attributes: { 'agent.name': 'qa' } })],
      'partial',
      'no disk',
    ],
    ['no agent did anything', [failedAgent()], 'partial', 'no disk'],
  ])('well, and %s', (_, facts, status, error) => {
    expect(ended(facts)).toMatchObject({ status, error_message: error });
    expect(ended(facts)?.error_fingerprint === null).toBe(error === null);
  });

  test('it threw: it failed, whatever was done, and the error is its own', () => {
    const root = workflow('s1', { id: '01', to: 9, error: true, message: 'out of money' });
    expect(ended([failedAgent(), goodAgent()], root)).toMatchObject({
      status: 'failed',
      error_message: 'out of money',
    });
  });

  test('it was given up: partial if anything was done, else failed', () => {
    const root = workflow('s1', { id: '01', to: 9, attributes: { 'workflow.status': 'cancelled' } });
    expect(ended([goodAgent()], root)).toMatchObject({ status: 'partial' });
    expect(ended([], root)).toMatchObject({ status: 'failed' });
  });

  test('as the caller says, whatever telemetry says', () => {
    const calls = [runStarted('s1', 0), runEnded('s1', 9, { status: 'partial', completed_tasks: 2, failed_tasks: 1 })];
    expect(ended([goodAgent(), ...calls])).toMatchObject({ status: 'partial', completed_tasks: 2, failed_tasks: 1 });
  });

  test('a task counts once, by its last attempt', () => {
    const tasks = [
      task('a', { id: '04', parent: '03', from: 3, error: true }),
      task('a', { id: '05', parent: '03', from: 4 }),
      task('b', { id: '06', parent: '03', from: 3 }),
      task('b', { id: '07', parent: '03', from: 4, error: true }),
      task('c', { id: '08', parent: '03', from: 4, attributes: { outcome: 'cancelled' } }),
    ];
    expect(ended([goodAgent(), ...tasks])).toMatchObject({ total_tasks: 3, completed_tasks: 1, failed_tasks: 1 });
  });
});

describe('R03 clocks and traces that are not as they should be', () => {
  test('nothing takes less than no time', () => {
    const facts = [
      workflow('s1', { id: '01', from: 10, to: 5 }),
      agent('code', { id: '02', parent: '01', from: -3, to: -4 }),
      agentStarted('s1', 'a', 9, { agent_name: 'x' }),
      agentEnded('a', 8),
      ...[
        span({ id: '03', parent: '02', name: 'send q', from: 7, to: 8 }),
        span({ id: '04', parent: '03', name: 'process q', from: 2 }),
      ],
    ];
    const { orchestrations, executions, steps } = fold(facts);
    for (const { started_at, completed_at, duration_ms } of [...orchestrations, ...executions, ...steps]) {
      expect(duration_ms).toBe(0);
      expect(completed_at).toBe(started_at);
    }
    expect(steps).toHaveLength(1);
  });

  test('parents in a circle, or that never come, lose nothing', () => {
    const facts = [
      workflow('s1', { id: '01' }),
      chat({ id: '02', parent: '03', usd: 1 }),
      chat({ id: '03', parent: '02', usd: 1, attributes: { 'agent.name': 'x' } }),
      chat({ id: '04', parent: 'ff', usd: 1 }),
    ];
    expect(runIn(facts)).toMatchObject({ cost_micro_usd: 3_000_000 });
  });

  test('a workflow inside another has its own row, and what it spent is counted there alone', () => {
    const facts = [
      workflow('outer', { id: '01', to: 9 }),
      workflow('inner', { id: '02', parent: '01', from: 1, to: 2 }),
      chat({ id: '03', parent: '02', from: 1, usd: 1 }),
      chat({ id: '04', parent: '01', from: 3, usd: 2 }),
    ];
    expect(fold(facts).orchestrations.map(({ session_id, cost_micro_usd }) => [session_id, cost_micro_usd])).toEqual([
      ['outer', 2_000_000],
      ['inner', 1_000_000],
    ]);
  });

  test('a run that is taken up again in another trace is one run, and ends with its last part', () => {
    const facts = [
      workflow('s1', { id: '01', to: 5, error: true, message: 'stopped' }),
      workflow('s1', { trace: 't2', id: '01', from: 50, to: 55 }),
      chat({ trace: 't2', id: '02', parent: '01', from: 51, usd: 1 }),
    ];
    expect(fold(facts).orchestrations).toMatchObject([
      { status: 'completed', started_at: at(0), completed_at: at(55), cost_micro_usd: 1_000_000, error_message: null },
    ]);
  });
});

describe('C03 money and tokens', () => {
  test('a call inside a tool inside an open call is a call of its own', () => {
    const facts = [
      workflow('s1', { id: '01' }),
      chat({ id: '02', parent: '01', usd: 1, tokens: [1, 1] }),
      span({ id: '03', parent: '02', name: 'execute_tool ask', attributes: { 'gen_ai.tool.name': 'ask' } }),
      chat({ id: '04', parent: '03', usd: 1, tokens: [1, 1] }),
    ];
    expect(runIn(facts)).toMatchObject({ cost_micro_usd: 2_000_000, input_tokens: 2 });
  });

  test('no price, another currency, or no money at all is not 0', () => {
    const of = (attributes: Record<string, string | number | boolean>, usd?: number) =>
      runIn([
        workflow('s1', { id: '01' }),
        chat({ id: '02', parent: '01', tokens: [1, 1], ...(usd !== undefined && { usd }), attributes }),
      ]);
    expect(of({ 'llm.cost.known': false })).toMatchObject({ cost_micro_usd: null, unpriced_calls: 1 });
    expect(of({ 'gen_ai.usage.cost.currency': 'EUR' }, 1)).toMatchObject({ cost_micro_usd: null, unpriced_calls: 1 });
    expect(of({}, 0)).toMatchObject({ cost_micro_usd: 0, unpriced_calls: 0 });
    expect(runIn([workflow('s1', { id: '01' })])).toMatchObject({ cost_micro_usd: null, unpriced_calls: 0 });
  });

  test('10 000 calls of a fraction of a micro-dollar add up to the last nano-dollar', () => {
    const calls = Array.from({ length: 10_000 }, (_, i) => chat({ id: `c${i}`, parent: '01', usd: 0.000_000_123 }));
    expect(runIn([workflow('s1', { id: '01' }), ...calls])).toMatchObject({ cost_micro_usd: 1230 });
  });
});
