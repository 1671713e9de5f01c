import { key, label } from './attribute.ts';
import { errorType, humanSeconds, workflowId, workflowName } from './attributes.ts';
import { counter, histogram, upDownCounter } from './metric.ts';
import { span } from './span.ts';

export const workflowTrigger = label('workflow.trigger', 'What set it off', [
  'manual',
  'schedule',
  'webhook',
  'event',
  'agent',
]);

export const workflowStatus = label('workflow.status', 'How it ended', ['completed', 'failed', 'cancelled']);

export const workflowRuns = counter('workflow.runs', {
  unit: '{run}',
  means: 'Workflow runs that have ended.',
  labels: [workflowName, workflowTrigger, workflowStatus],
  source: { id: 'T04', name: 'workflow_runs_total' },
});

export const workflowDuration = histogram('workflow.duration', {
  unit: 's',
  means: 'Wall time of a workflow run, waits for people included.',
  labels: [workflowName, workflowStatus],
  buckets: [1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200],
  source: { id: 'T04', name: 'workflow_duration' },
});

export const workflowsActive = upDownCounter('workflows.active', {
  unit: '{run}',
  means: 'Workflow runs that are under way now.',
  labels: [workflowName],
  source: { id: 'T04', name: 'workflows_active' },
});

export const workflowApprovalWaitTime = histogram('workflow.approval.wait_time', {
  unit: 's',
  means: 'Time a workflow stood still for a person, per approval.',
  labels: [workflowName],
  buckets: humanSeconds,
  source: { id: 'T04', name: 'workflow_approval_wait_time' },
});

export const genAiWorkflowName = key(
  'gen_ai.workflow.name',
  'string',
  'The workflow, by the name of the GenAI conventions',
);
export const workflowDurationMs = key('workflow.duration.ms', 'double', 'Wall time in ms');

export const workflowExecute = span('workflow.execute', {
  means: 'One run of a workflow: the root of its trace.',
  operation: 'invoke_workflow',
  attributes: [
    workflowId,
    workflowName,
    genAiWorkflowName,
    workflowTrigger,
    workflowStatus,
    workflowDurationMs,
    errorType,
  ],
  source: 'S01',
});
