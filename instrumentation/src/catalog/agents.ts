import { key, label } from './attribute.ts';
import {
  agentId,
  agentName,
  errorType,
  genAiAgentId,
  genAiAgentName,
  workflowName,
  workSeconds,
} from './attributes.ts';
import { counter, histogram } from './metric.ts';
import { span } from './span.ts';

export const agentAction = label('agent.action', 'What it was asked to do, e.g. `plan`', { atMost: 100 });

export const agentStatus = label('agent.status', 'How it ended', ['completed', 'failed', 'cancelled']);

export const agentRuns = counter('agent.runs', {
  unit: '{run}',
  means: 'Agent runs that have ended.',
  labels: [agentName, agentAction, agentStatus],
  source: { id: 'T04', name: 'agent_runs_total' },
});

export const agentDuration = histogram('agent.duration', {
  unit: 's',
  means: 'Wall time of an agent run.',
  labels: [agentName, agentStatus],
  buckets: workSeconds,
  source: { id: 'T04', name: 'agent_duration' },
});

export const agentErrors = counter('agent.errors', {
  unit: '{error}',
  means: 'Agent runs that failed, by error.',
  labels: [agentName, errorType],
  source: { id: 'T04', name: 'agent_errors_total' },
});

export const agentRetryCount = counter('agent.retry.count', {
  unit: '{retry}',
  means: 'Agent runs that were another attempt.',
  labels: [agentName],
  source: { id: 'T04', name: 'agent_retry_count' },
});

export const agentVersion = key('gen_ai.agent.version', 'string', 'Version of the agent');
export const agentDurationMs = key('agent.duration.ms', 'double', 'Wall time in ms');
export const agentRetries = key('agent.retries', 'int', 'Which attempt this is, less one');
export const agentSessionId = key(
  'agent.session.id',
  'string',
  'One execution, by the name its caller gave it in the run ledger',
  'an agent that is told to `getMonitor()`',
);

export const agentExecute = span('agent.execute', {
  means: 'One run of an agent.',
  operation: 'invoke_agent',
  attributes: [
    agentId,
    agentName,
    genAiAgentId,
    genAiAgentName,
    agentVersion,
    agentAction,
    agentStatus,
    agentDurationMs,
    agentRetries,
    agentSessionId,
    workflowName,
    errorType,
  ],
  source: 'S02',
});
