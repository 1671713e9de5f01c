import { agentAction, agentRetries, agentStatus } from '../../instrumentation/src/catalog/agents.ts';
import { agentName, errorType, genAiAgentName } from '../../instrumentation/src/catalog/attributes.ts';
import { stackTrace } from '../../instrumentation/src/catalog/service.ts';
import type { AgentSeen } from './agents-seen.ts';
import type { ApiFact } from './fact.ts';
import { fingerprint } from './fingerprint.ts';
import type { StepSeen } from './fold-step.ts';
import { flag, natural, text } from './given.ts';
import type { AgentExecution, ExecutionStatus } from './record.ts';
import { read, type Times, timesFrom, timesOf } from './span.ts';
import { sum } from './spent.ts';

/** The row of an execution. What the caller said comes before what the span says; money and tokens are those of its own calls, not of agents inside it. */
export function executionOf(agent: AgentSeen, own: readonly StepSeen[]): AgentExecution {
  const { start, end, span } = agent;
  const firstTask = own.find(({ step }) => step.kind === 'task');
  const status = statusOf(agent);
  const retries = natural(end, 'retry_count') ?? Math.max(0, (span && read(span, agentRetries)) ?? 0);
  const error_message = text(end, 'error_message') ?? (status === 'failed' ? (span?.status_message ?? null) : null);
  const error_type = status === 'failed' ? ((span && read(span, errorType)) ?? null) : null;
  return {
    id: agent.id,
    orchestration_id: agent.run,
    agent_session_id: agent.session,
    agent_name:
      text(start, 'agent_name') ?? (span && (read(span, agentName) ?? read(span, genAiAgentName))) ?? 'unknown',
    task_id: text(start, 'task_id') ?? firstTask?.taskId ?? null,
    task_number: natural(start, 'task_number'),
    status,
    ...executionTimes(agent),
    retry_count: retries,
    self_healed: flag(end, 'self_healed') ?? (retries > 0 && status === 'completed'),
    files_created: natural(end, 'files_created') ?? 0,
    files_modified: natural(end, 'files_modified') ?? 0,
    error_message,
    summary_report_path: text(end, 'summary_report_path'),
    session_log_path: text(end, 'session_log_path'),
    parent_id: agent.parent,
    operation: (span && read(span, agentAction)) ?? firstTask?.step.name ?? null,
    trace_id: span?.trace_id ?? null,
    span_id: span?.span_id ?? null,
    error_type,
    error_fingerprint:
      status === 'failed'
        ? fingerprint({ type: error_type, message: error_message, stack: span && read(span, stackTrace) })
        : null,
    ...sum(own.map(({ spent }) => spent)),
  };
}

function statusOf({ end, span }: AgentSeen): ExecutionStatus {
  const said = text(end, 'status');
  if (said === 'completed' || said === 'failed') return said;
  if (end) return 'completed';
  if (!span) return 'in_progress';
  // A cancelled one has not done what it was asked to.
  const status = read(span, agentStatus) ?? (span.error ? 'failed' : 'completed');
  return status === 'completed' ? 'completed' : 'failed';
}

/** Both ends by one clock where there is one that has both. */
function executionTimes({ start, end, span }: AgentSeen): Times {
  if (span && !(start && end)) return timesOf(span);
  return timesFrom(Date.parse((start as ApiFact).at), end && Date.parse(end.at));
}
