/** Rows as data of tests: whole, and different where the test says so. */
import type { AgentExecution, Orchestration, Step } from '../ledger/record.ts';

export function someOrchestration(session_id: string, different: Partial<Orchestration> = {}): Orchestration {
  return {
    ...{ id: `id-${session_id}`, session_id, task_description: 'Build and deploy', status: 'completed' },
    started_at: '2026-11-26T09:00:00.000Z',
    completed_at: '2026-11-26T09:05:00.000Z',
    ...{ duration_ms: 300_000, total_tasks: 2, completed_tasks: 2, failed_tasks: 0 },
    ...{ git_commit_hash: null, plan_file_path: null, progress_file_path: null },
    ...{ workflow_name: null, service_name: null, environment: null, trace_id: null },
    ...{ error_message: null, error_fingerprint: null },
    ...{ cost_micro_usd: 120_000, input_tokens: 1000, output_tokens: 200, unpriced_calls: 0 },
    ...different,
  };
}

export function someExecution(agent_session_id: string, different: Partial<AgentExecution> = {}): AgentExecution {
  return {
    ...{ id: `id-${agent_session_id}`, orchestration_id: null, agent_session_id, agent_name: 'backend-agent' },
    ...{ task_id: null, task_number: null, status: 'completed' },
    started_at: '2026-11-26T09:00:01.000Z',
    completed_at: '2026-11-26T09:02:01.000Z',
    ...{ duration_ms: 120_000, retry_count: 0, self_healed: false, files_created: 0, files_modified: 0 },
    ...{ error_message: null, summary_report_path: null, session_log_path: null },
    ...{ parent_id: null, operation: null, trace_id: null, span_id: null },
    ...{ error_type: null, error_fingerprint: null },
    ...{ cost_micro_usd: 60_000, input_tokens: 500, output_tokens: 100, unpriced_calls: 0 },
    ...different,
  };
}

export function someStep(id: string, different: Partial<Step> = {}): Step {
  return {
    ...{ id, orchestration_id: null, execution_id: null, parent_id: null, kind: 'model', name: 'claude-sonnet-5' },
    started_at: '2026-11-26T09:00:02.000Z',
    completed_at: '2026-11-26T09:00:12.000Z',
    ...{ duration_ms: 10_000, attempt: 1, outcome: 'success', error_type: null },
    ...{ cost_micro_usd: 60_000, input_tokens: 500, output_tokens: 100, unpriced_calls: 0, details: {} },
    ...different,
  };
}
