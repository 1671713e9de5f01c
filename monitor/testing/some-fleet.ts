/** Four runs of three agents: one well, one in part, one failed, one under way. */
import { MemoryLedger } from './memory-ledger.ts';
import { now } from './run-command.ts';
import { someExecution, someOrchestration, someStep } from './some-run.ts';

const day = (hour: number, minute = 0) => `2026-11-26T0${hour}:${String(minute).padStart(2, '0')}:00.000Z`;

const outage = {
  status: 'failed',
  error_type: 'TimeoutError',
  error_message: 'no answer in 30 s',
  error_fingerprint: '0123456789ab',
} as const;

export function someFleet(): MemoryLedger {
  const at = (session: string) => ({ orchestration_id: `id-${session}` });
  return new MemoryLedger(
    [
      {
        orchestration: someOrchestration('build-1', { started_at: day(6), completed_at: day(6, 5) }),
        executions: [
          someExecution('build-1-a', { ...at('build-1'), task_number: 1, started_at: day(6), completed_at: day(6, 2) }),
          someExecution('build-1-b', {
            ...{ ...at('build-1'), task_id: 'T-2', agent_name: 'qa-agent', retry_count: 1, self_healed: true },
            ...{ parent_id: 'id-build-1-a', files_created: 3, files_modified: 5 },
            ...{ started_at: day(6, 1), completed_at: day(6, 2), duration_ms: 60_000 },
          }),
        ],
        steps: [
          someStep('s1', {
            ...{ ...at('build-1'), execution_id: 'id-build-1-a', started_at: day(6), completed_at: day(6, 1) },
            duration_ms: 60_000,
          }),
          someStep('s2', {
            ...{ ...at('build-1'), execution_id: 'id-build-1-a', kind: 'decision', name: 'choose_model' },
            ...{ started_at: day(6), completed_at: day(6), duration_ms: 0, cost_micro_usd: null },
            details: { choice: 'claude-sonnet-5', confidence: 0.9, reasoning: 'cheap | enough <b>' },
          }),
          someStep('s3', {
            ...{ ...at('build-1'), execution_id: 'id-build-1-a', kind: 'approval', name: 'deploy' },
            ...{ started_at: day(6, 2), completed_at: day(6, 4), duration_ms: 120_000, cost_micro_usd: null },
            details: { subject: 'api to production', decision: 'approved', approver: 'ana', role: 'lead' },
          }),
        ],
      },
      {
        orchestration: someOrchestration('build-2', {
          ...{ status: 'partial', total_tasks: 5, completed_tasks: 3, failed_tasks: 2, unpriced_calls: 4 },
          ...{ started_at: day(7), completed_at: day(7, 10), duration_ms: 600_000 },
        }),
        executions: [
          someExecution('build-2-a', { ...at('build-2'), ...outage, started_at: day(7, 1), completed_at: day(7, 3) }),
        ],
        steps: [],
      },
      {
        orchestration: someOrchestration('deploy-1', {
          ...{ status: 'failed', failed_tasks: 1, completed_tasks: 1, workflow_name: 'deploy' },
          ...{ error_message: outage.error_message, error_fingerprint: outage.error_fingerprint },
          ...{ started_at: day(8), completed_at: day(8, 1), duration_ms: 60_000, cost_micro_usd: 40_000 },
        }),
        executions: [
          someExecution('deploy-1-a', {
            ...{ ...at('deploy-1'), ...outage, agent_name: 'ops-agent' },
            ...{ started_at: day(8), completed_at: day(8, 1), duration_ms: 60_000 },
          }),
        ],
        steps: [],
      },
      {
        orchestration: someOrchestration("it's running", {
          ...{ status: 'running', started_at: day(9, 18), completed_at: null, duration_ms: null },
          ...{ total_tasks: 0, completed_tasks: 0, cost_micro_usd: null, task_description: null },
        }),
        executions: [],
        steps: [],
      },
    ],
    () => now,
  );
}
