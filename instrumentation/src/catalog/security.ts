import { key, label } from './attribute.ts';
import { agentId, agentName, outcome } from './attributes.ts';
import { event } from './event.ts';
import { counter, upDownCounter } from './metric.ts';
import { span } from './span.ts';

export const skillName = label('skill.name', 'The skill asked for', { atMost: 200 });
export const denialReason = label('skill.denial.reason', 'Why it was denied, as a code', { atMost: 50 });
export const permissionName = label('permission.name', 'The permission asked for', { atMost: 100 });
export const violationType = label('audit.violation.type', 'Which rule was broken', [
  'policy',
  'permission',
  'security_bypass',
  'data_exposure',
  'configuration_corruption',
  'sandbox_escape',
]);
export const violationSeverity = label('audit.violation.severity', 'How bad it is', [
  'low',
  'medium',
  'high',
  'critical',
]);

export const skillAccessAllowed = counter('skill.access.allowed', {
  unit: '{access}',
  means: 'Skills granted to agents.',
  labels: [agentName, skillName],
  source: { id: 'T02', name: 'skill_access_allowed' },
});

export const skillAccessDenied = counter('skill.access.denied', {
  unit: '{access}',
  means: 'Skills denied to agents.',
  labels: [agentName, skillName, denialReason],
  source: { id: 'T02', name: 'skill_access_denied' },
});

export const permissionEscalationRequests = counter('permission.escalation.requests', {
  unit: '{request}',
  means: 'More permission asked for; `outcome="failure"` was refused.',
  labels: [agentName, permissionName, outcome],
  source: { id: 'T02', name: 'permission_escalation_requests' },
});

export const activePermissionsGranted = upDownCounter('active.permissions.granted', {
  unit: '{permission}',
  means: 'Extra permissions agents hold now.',
  labels: [agentName, permissionName],
  source: { id: 'T02', name: 'active_permissions_granted' },
});

export const auditViolationsLogged = counter('audit.violations.logged', {
  unit: '{violation}',
  means: 'Broken rules.',
  labels: [agentName, violationType, violationSeverity],
  source: { id: 'T02', name: 'audit_violations_logged' },
});

export const authenticationAttempts = counter('authentication.attempts', {
  unit: '{attempt}',
  means: 'Who are you; `outcome="failure"` was turned away.',
  labels: [outcome],
  source: { id: 'A16' },
});

export const skillAllowed = key('skill.access.allowed', 'boolean', 'Whether the skill was granted');
export const skillReason = key('skill.access.reason', 'string', 'Why');
export const permissionReason = key('permission.reason', 'string', 'Why it is needed');
export const violationDetail = key('audit.violation.detail', 'string', 'What happened, in one line');

export const skillAccessSpan = span('skill.access', {
  means: 'A skill asked for: allowed or denied, and why.',
  attributes: [agentName, agentId, skillName, skillAllowed, skillReason, denialReason],
  source: 'S09',
});

export const permissionEscalate = span('permission.escalate', {
  means: 'More permission asked for.',
  attributes: [agentName, agentId, permissionName, permissionReason, outcome],
  source: 'S09',
});

export const auditViolationSpan = span('audit.violation', {
  means: 'A broken rule.',
  attributes: [agentName, agentId, violationType, violationSeverity, violationDetail],
  source: 'S09',
});

export const skillDenied = event('security.skill_denied', {
  severity: 'warn',
  means: 'An agent asked for a skill that it may not use.',
  attributes: [agentName, skillName, denialReason, skillReason],
  source: 'S09',
});

export const permissionEscalated = event('audit.permission_escalated', {
  severity: 'warn',
  means: 'An agent asked for more permission than it has.',
  attributes: [agentName, permissionName, permissionReason, outcome],
  source: 'S09',
});

export const violationLogged = event('audit.violation', {
  severity: 'error',
  means: 'A rule was broken.',
  attributes: [agentName, violationType, violationSeverity, violationDetail],
  source: 'S09',
});
