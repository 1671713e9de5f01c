import { expect, test } from 'vitest';
import { someExecution, someOrchestration, someStep } from '../testing/some-run.ts';
import { dossier } from './dossier.ts';
import type { RelatedAlert } from './related-alert.ts';

const alert = (different: Partial<RelatedAlert>): RelatedAlert => ({
  ...{ incident_id: 'i1', alert: 'AgentErrorRateHigh', severity: 'critical', labels: { agent_name: 'code' } },
  ...{ opened_at: '2026-11-26T09:04:00.000Z', resolved_at: null },
  ...{ summary: null, runbook_url: null },
  ...{ acknowledged_at: '2026-11-26T09:06:00.000Z', acknowledged_by: 'ada', told: [] },
  ...different,
});

const run = {
  orchestration: someOrchestration('s', { workflow_name: 'release', status: 'partial', unpriced_calls: 2 }),
  executions: [
    someExecution('lead', { agent_name: 'director', trace_id: 't', span_id: '1' }),
    someExecution('first', {
      ...{ agent_name: 'code', parent_id: 'id-lead', status: 'failed', task_id: 'T1', error_type: '429' },
      ...{ error_fingerprint: 'aaaaaaaaaaaa', error_message: 'too many', completed_at: '2026-11-26T09:00:30.000Z' },
    }),
    someExecution('again', {
      agent_name: 'code',
      parent_id: 'id-lead',
      task_id: 'T1',
      started_at: '2026-11-26T09:00:31.000Z',
    }),
  ],
  steps: [
    someStep('m', { execution_id: 'id-first', outcome: 'failure', error_type: '429' }),
    someStep('d', {
      ...{ kind: 'decision', name: 'choose_model', execution_id: 'id-lead', cost_micro_usd: null },
      details: { choice: 'gpt-5', confidence: 0.8 },
    }),
    someStep('p', {
      ...{ kind: 'approval', name: 'deploy', execution_id: 'id-lead', cost_micro_usd: null },
      details: { approval_id: 'ap-1', decision: 'approved', approver: 'ada', role: 'lead', escalated: true },
    }),
  ],
} as const;

test('B01 a dossier holds executions as a tree, decisions, approvals, errors, losses and what one must know', () => {
  const seen = dossier(run);
  expect(
    seen.executions.map(({ agent_session_id, depth, retried_by }) => [agent_session_id, depth, retried_by]),
  ).toEqual([
    ['lead', 0, null],
    ['first', 1, 'id-again'],
    ['again', 1, null],
  ]);
  expect(seen.decisions).toEqual([
    {
      at: '2026-11-26T09:00:02.000Z',
      agent: 'director',
      name: 'choose_model',
      choice: 'gpt-5',
      confidence: 0.8,
      reasoning: null,
    },
  ]);
  expect(seen.approvals).toMatchObject([
    { id: 'ap-1', kind: 'deploy', decision: 'approved', approver: 'ada', escalated: true, wait_ms: 10_000 },
  ]);
  // The model's error is the one that the agent failed with: once.
  expect(seen.errors).toEqual([
    { error_fingerprint: 'aaaaaaaaaaaa', error_type: '429', error_message: 'too many', times: 1, agents: ['code'] },
  ]);
  expect(seen.losses).toMatchObject([{ reason: 'retried', id: 'id-first', cost_micro_usd: 60_000 }]);
  expect(seen.waterfall.duration_ms).toBe(300_000);
  expect(seen.gaps.map(({ gap }) => gap)).toEqual(['unpriced_calls', 'idle']);
  expect(seen).toMatchObject({ alerts: null, links: null });
});

test('B01 a run that was told by calls alone says so, one that runs still says that', () => {
  const told = {
    orchestration: someOrchestration('s', { status: 'running', completed_at: null }),
    executions: [someExecution('a')],
    steps: [],
  };
  expect(dossier(told).gaps.map(({ gap }) => gap)).toEqual(['still_running', 'no_telemetry']);
  const late = someStep('late', { started_at: '2026-11-26T09:06:00.000Z', completed_at: '2026-11-26T09:07:00.000Z' });
  expect(
    dossier({ orchestration: someOrchestration('s'), executions: [], steps: [late] }).gaps.map(({ gap }) => gap),
  ).toContain('work_after_end');
});

test('B01 what is traced beside the agent that the end waited for is no gap; time of which nothing is known is', () => {
  const at = (second: number) => new Date(Date.parse('2026-11-26T09:00:00Z') + second * 1000).toISOString();
  const during = (from: number, until: number) => ({ started_at: at(from), completed_at: at(until) });
  const gaps = (began: number) =>
    dossier({
      orchestration: someOrchestration('s', during(0, 100)),
      executions: [someExecution('b', during(began, 90)), someExecution('a', during(50, 100))],
      steps: [someStep('m', { execution_id: 'id-b', ...during(began, 90) })],
    }).gaps;
  expect(gaps(0)).toEqual([]);
  expect(gaps(30)).toEqual([{ gap: 'idle', told: expect.stringMatching(/^Of 30 % of its time nothing is known/) }]);
});

test.each([
  ['of an agent of the run, while it was at work', {}, true],
  ['of another agent', { labels: { agent_name: 'qa' } }, false],
  ['of an agent of the run, in another workflow', { labels: { agent_name: 'code', workflow_name: 'other' } }, false],
  ['of the whole workflow', { labels: { workflow_name: 'release', severity: 'critical' } }, true],
  ['of a model that it called', { labels: { gen_ai_request_model: 'claude-sonnet-5' } }, true],
  ['that names nothing of a run, as a full disk', { labels: { instance: 'db' } }, false],
  ['shortly after the run', { opened_at: '2026-11-26T09:19:00.000Z' }, true],
  ['long after it', { opened_at: '2026-11-26T09:21:00.000Z' }, false],
  ['that was over before', { opened_at: '2026-11-26T08:00:00.000Z', resolved_at: '2026-11-26T08:59:00.000Z' }, false],
  ['that was open already', { opened_at: '2026-11-26T08:00:00.000Z' }, true],
] as const)('B01 an alert %s', (_, different, belongs) => {
  const seen = dossier(run, {
    alerts: [alert(different as Partial<RelatedAlert>)],
    links: { trace: 'http://grafana/t' },
  });
  expect(seen.alerts?.length).toBe(belongs ? 1 : 0);
  expect(seen.links).toEqual({ trace: 'http://grafana/t' });
});
