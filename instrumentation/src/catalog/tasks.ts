import { key } from './attribute.ts';
import { agentId, agentName, errorType, outcome, taskId, taskType, workflowName, workSeconds } from './attributes.ts';
import { counter, gauge, histogram, upDownCounter } from './metric.ts';
import { span } from './span.ts';

export const agentTasksStarted = counter('agent.tasks.started', {
  unit: '{task}',
  means: 'Tasks an agent has begun.',
  labels: [agentName, taskType],
  source: { id: 'T01', name: 'agent_tasks_started' },
});

export const agentTasksCompleted = counter('agent.tasks.completed', {
  unit: '{task}',
  means: 'Tasks that ended well.',
  labels: [agentName, taskType],
  source: { id: 'T01', name: 'agent_tasks_completed' },
});

export const agentTasksFailed = counter('agent.tasks.failed', {
  unit: '{task}',
  means: 'Tasks that ended with an error; a cancelled one is neither completed nor failed.',
  labels: [agentName, taskType, errorType],
  source: { id: 'T01', name: 'agent_tasks_failed' },
});

export const agentActiveTasks = upDownCounter('agent.active.tasks', {
  unit: '{task}',
  means: 'Tasks an agent is at work on now.',
  labels: [agentName, taskType],
  source: { id: 'T01', name: 'agent_active_tasks' },
});

export const agentTaskDuration = histogram('agent.task.duration', {
  unit: 's',
  means: 'Wall time of one task, waiting in the queue excluded.',
  labels: [agentName, taskType, outcome],
  buckets: workSeconds,
  source: { id: 'T01', name: 'agent_task_duration_seconds' },
});

export const agentTaskRetries = counter('agent.task.retries', {
  unit: '{retry}',
  means: 'Tasks begun again after a failure.',
  labels: [agentName, taskType],
  source: { id: 'T08' },
});

export const agentTaskCost = counter('agent.task.cost', {
  unit: 'usd',
  means: 'Money spent inside tasks, known when the task has ended: `outcome="failure"` is the cost of failed work.',
  labels: [agentName, taskType, workflowName, outcome],
  source: { id: 'C02' },
});

export const agentLastHeartbeat = gauge('agent.last_heartbeat.timestamp', {
  unit: 's',
  means: 'When the agent last showed that it lives, in seconds since 1970. `time()` less this is its silence.',
  labels: [agentName],
  source: { id: 'T09' },
});

export const taskRetryCount = key('agent.task.retry.count', 'int', 'Which attempt this is, less one');
export const traceDecisions = key('agent.trace.decisions', 'int', 'How many decisions the task took');
export const traceReasoning = key('agent.trace.reasoning', 'string', 'Reasoning of the last decision');
export const traceAlternatives = key('agent.trace.alternatives', 'string[]', 'What the last decision chose from');
export const traceFinalChoice = key('agent.trace.final_choice', 'string', 'What the last decision chose');
export const traceConfidence = key('agent.trace.confidence', 'double', 'Confidence of the last decision, 0 to 1');
export const traceInputTokens = key(
  'agent.trace.token_usage.input',
  'int',
  'Input tokens of all model calls of the task',
);
export const traceOutputTokens = key(
  'agent.trace.token_usage.output',
  'int',
  'Output tokens of all model calls of the task',
);
export const taskCostUsd = key('agent.task.cost_usd', 'double', 'Money spent inside the task, in USD');

export const taskExecute = span('task.execute', {
  means: 'One task of an agent, with the summary of its decisions (`AgentTrace`).',
  attributes: [
    agentName,
    agentId,
    taskId,
    taskType,
    outcome,
    taskRetryCount,
    taskCostUsd,
    traceDecisions,
    traceReasoning,
    traceAlternatives,
    traceFinalChoice,
    traceConfidence,
    traceInputTokens,
    traceOutputTokens,
  ],
  source: 'S05',
});
