import { describe, expect, test } from 'vitest';
import { someExecution, someOrchestration, someStep } from '../testing/some-run.ts';
import { lossesAt } from './losses.ts';
import type { AgentExecution, Step } from './record.ts';
import type { Run } from './run-tree.ts';

const now = Date.parse('2026-11-28T00:00:00Z');
const failed = {
  status: 'failed',
  error_type: 'Timeout',
  error_fingerprint: 'aaaaaaaaaaaa',
  error_message: 'timed out',
} as const;
const run = (
  session: string,
  different: Partial<Run['orchestration']>,
  executions: Run['executions'] = [],
  steps: Run['steps'] = [],
): Run => ({
  orchestration: someOrchestration(session, different),
  executions,
  steps,
});

test('B06 a run that failed lost all of it, by the error that the others followed from', () => {
  const outer = someExecution('outer', {
    ...failed,
    error_fingerprint: 'cccccccccccc',
    error_message: 'a part failed',
    completed_at: '2026-11-26T09:02:03.000Z',
  });
  const inner = someExecution('inner', { ...failed, parent_id: outer.id });
  expect(lossesAt(run('s', { status: 'failed', cost_micro_usd: 500 }, [outer, inner]), now)).toEqual([
    {
      ...{ reason: 'failed', orchestration_id: 'id-s', id: 'id-s', at: '2026-11-26T09:00:00.000Z' },
      ...{ error_fingerprint: 'aaaaaaaaaaaa', error_type: 'Timeout', error_message: 'timed out' },
      ...{ cost_micro_usd: 500, duration_ms: 300_000 },
    },
  ]);
});

test('B06 one that ended well lost nothing; one that went on lost what failed in it, each part once', () => {
  const caller = someExecution('caller', { ...failed, cost_micro_usd: 70 });
  const called = someExecution('called', { ...failed, parent_id: caller.id, cost_micro_usd: 30 });
  const good = someExecution('good', { cost_micro_usd: 900 });
  expect(lossesAt(run('s', {}, [good]), now)).toEqual([]);
  expect(lossesAt(run('s', { status: 'partial' }, [good, caller, called]), now)).toMatchObject([
    { reason: 'failed', id: 'id-caller', cost_micro_usd: 100, duration_ms: 120_000 },
  ]);
});

test('B06 what failed and was made again is retried; a call that failed and was got over is no loss', () => {
  const first = someExecution('first', { ...failed, task_id: 'T1', cost_micro_usd: 40 });
  const again = someExecution('again', {
    task_id: 'T1',
    started_at: '2026-11-26T09:03:00.000Z',
    completed_at: '2026-11-26T09:04:00.000Z',
  });
  const gotOver = someStep('t', { kind: 'tool', outcome: 'failure', execution_id: 'id-again', cost_micro_usd: 5 });
  expect(lossesAt(run('s', {}, [first, again], [gotOver]), now)).toMatchObject([
    { reason: 'retried', id: 'id-first', cost_micro_usd: 40 },
  ]);
  const other = someExecution('other', { ...again, id: 'id-other', task_id: 'T2' });
  expect(lossesAt(run('s', {}, [first, other]), now)).toMatchObject([{ reason: 'failed' }]);
});

test('B06 a run that a person refused is rejected, one of which nothing is heard is abandoned', () => {
  const refusal = (decision: string) => [
    someStep('p', { kind: 'approval', cost_micro_usd: null, details: { decision } }),
  ];
  expect(lossesAt(run('s', { status: 'failed' }, [], refusal('rejected')), now)).toMatchObject([
    { reason: 'rejected', error_fingerprint: null },
  ]);
  expect(lossesAt(run('s', { status: 'failed' }, [], refusal('approved')), now)).toMatchObject([{ reason: 'failed' }]);
  const open = { status: 'running', completed_at: null, duration_ms: null } as const;
  expect(lossesAt(run('s', open, [], [someStep('m')]), now)).toMatchObject([
    { reason: 'abandoned', duration_ms: 12_000, cost_micro_usd: 120_000 },
  ]);
  const recently = run('s', open, [], [someStep('m', { started_at: '2026-11-27T20:00:00.000Z', completed_at: null })]);
  expect(lossesAt(recently, now)).toEqual([]);
});

describe('B06 a run in which somebody once said no', () => {
  const at = (minute: number) => `2026-11-26T09:0${minute}:00.000Z`;
  const answer = (id: string, minute: number, decision: string, different: Partial<Step> = {}) =>
    someStep(id, {
      ...{ kind: 'approval', cost_micro_usd: null, started_at: at(0), completed_at: at(minute), details: { decision } },
      ...different,
    });
  const during = (from: number, until: number) => ({ started_at: at(from), completed_at: at(until) });
  const asked = someExecution('asked', { ...during(0, 3), ...failed, error_fingerprint: 'bbbbbbbbbbbb' });
  const later = someExecution('later', { ...during(3, 4), ...failed });
  const no = answer('no', 2, 'rejected', { execution_id: asked.id });
  const lossOf = (executions: AgentExecution[], steps: Step[]) =>
    lossesAt(run('s', { status: 'failed' }, executions, steps), now);
  const refused = [{ reason: 'rejected', error_fingerprint: null }];
  const byError = [{ reason: 'failed', error_fingerprint: 'aaaaaaaaaaaa', error_message: 'timed out' }];

  test('B06 is rejected where that is the last answer, and only what had asked failed by it', () => {
    expect(lossOf([asked], [no])).toMatchObject(refused);
    expect(lossOf([asked], [answer('yes', 1, 'approved'), no])).toMatchObject(refused);
    expect(lossOf([asked], [{ ...no, details: { decision: 'expired' } }])).toMatchObject(refused);
    // It fell with the run: nobody answered.
    expect(lossOf([asked], [no, answer('fell', 3, 'cancelled')])).toMatchObject(refused);
    const before = someExecution('before', { ...during(0, 1), ...failed });
    expect(lossOf([before, asked], [no])).toMatchObject(refused);
  });

  test('B06 failed by its error where it went on: by a later yes, or into another failure', () => {
    expect(lossOf([later], [no, answer('yes', 3, 'approved')])).toMatchObject(byError);
    expect(lossOf([asked, later], [no])).toMatchObject(byError);
    const tool = someStep('t', { ...during(2, 3), kind: 'tool', outcome: 'failure', execution_id: 'id-whole' });
    const whole = someExecution('whole', { ...during(0, 4), ...failed });
    expect(lossOf([whole], [{ ...no, execution_id: whole.id }, tool])).toMatchObject(byError);
    expect(lossOf([whole], [{ ...no, execution_id: whole.id }])).toMatchObject(refused);
  });
});
