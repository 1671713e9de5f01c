import { key, label } from './attribute.ts';
import { agentName, humanSeconds, workflowName } from './attributes.ts';
import { event } from './event.ts';
import { counter, histogram, upDownCounter } from './metric.ts';
import { span } from './span.ts';

export const approvalKind = label('approval.kind', 'What needs a yes, e.g. `deploy`', { atMost: 50 });

export const approvalDecision = label('approval.decision', 'The answer', [
  'approved',
  'rejected',
  'expired',
  'cancelled',
]);

export const approverRole = label('approval.approver.role', 'Who may answer, by role, e.g. `lead`', { atMost: 20 });

export const taskApprovalRequests = counter('task.approval.requests', {
  unit: '{request}',
  means: 'Approvals asked for.',
  labels: [agentName, approvalKind],
  source: { id: 'T03', name: 'task_approval_requests' },
});

export const approvalResponseTime = histogram('approval.response.time', {
  unit: 's',
  means: 'From the request to the answer. The aim is under 60 s.',
  labels: [approvalKind, approvalDecision, approverRole],
  buckets: humanSeconds,
  source: { id: 'T03', name: 'approval_response_time_seconds' },
});

export const pendingApprovals = upDownCounter('pending.approvals.count', {
  unit: '{approval}',
  means: 'Approvals that wait for an answer now.',
  labels: [approvalKind],
  source: { id: 'T03', name: 'pending_approvals_count' },
});

export const approvalAutoEscalated = counter('approval.auto_escalated', {
  unit: '{approval}',
  means: 'Approvals passed on to the next role because nobody answered.',
  labels: [approvalKind, approverRole],
  source: { id: 'T03', name: 'approval_auto_escalated' },
});

export const approvalId = key('approval.id', 'string', 'One approval, from request to answer');
export const approvalSubject = key('approval.subject', 'string', 'What is asked, in one line');
export const approvalWaitSeconds = key('approval.wait_seconds', 'double', 'From the request to the answer');
export const approvalAutoEscalatedFlag = key('approval.auto_escalated', 'boolean', 'Whether it was passed on');
export const approverId = key('approval.approver.id', 'string', 'Who answered');

export const approvalRequest = span('approval.request', {
  means: 'An approval asked for. It ends at once: the wait may outlive the process.',
  attributes: [agentName, workflowName, approvalId, approvalKind, approvalSubject, approverRole],
  source: 'S09',
});

export const approvalDecide = span('approval.decide', {
  means: 'The answer, in the trace of the request and linked to it.',
  attributes: [
    agentName,
    workflowName,
    approvalId,
    approvalKind,
    approvalDecision,
    approverRole,
    approverId,
    approvalWaitSeconds,
    approvalAutoEscalatedFlag,
  ],
  source: 'S09',
});

export const approvalDecided = event('audit.approval_decided', {
  severity: 'info',
  means: 'Who decided what, and after how long.',
  attributes: [approvalId, approvalKind, approvalDecision, approverRole, approverId, approvalWaitSeconds],
  source: 'S09',
});
