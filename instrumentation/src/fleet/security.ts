import type { ValueOf } from '../catalog/attribute.ts';
import {
  activePermissionsGranted,
  auditViolationSpan,
  auditViolationsLogged,
  authenticationAttempts,
  type denialReason,
  permissionEscalate,
  permissionEscalated,
  permissionEscalationRequests,
  skillAccessAllowed,
  skillAccessDenied,
  skillAccessSpan,
  skillDenied,
  violationLogged,
  type violationSeverity,
  type violationType,
} from '../catalog/security.ts';
import { emit } from './emit.ts';
import { given } from './given.ts';
import { add, hold } from './record.ts';
import { mark } from './run.ts';
import { currentScope } from './scope.ts';

export interface SkillAccess {
  skill: string;
  allowed: boolean;
  /** Default: the agent whose work this is. */
  agent?: string;
  /** Why, in one line. */
  reason?: string;
  /** Why it was denied, as a code, e.g. `not_in_role`. */
  denial?: ValueOf<typeof denialReason>;
}

/** A skill asked for, allowed or denied. Returns `allowed`, so that it can stand in the condition. (S09, T02) */
export function skillAccess(access: SkillAccess): boolean {
  const { skill, allowed, agent, reason, denial = 'policy' } = given(access);
  const { agentName, agentId } = currentScope();
  const name = agent ?? agentName;
  const labels = { 'agent.name': name, 'skill.name': skill };
  const denied = allowed ? undefined : denial;
  mark({
    declaration: skillAccessSpan,
    attributes: {
      ...labels,
      'agent.id': agentId,
      'skill.access.allowed': allowed,
      'skill.access.reason': reason,
      'skill.denial.reason': denied,
    },
  });
  if (allowed) add(skillAccessAllowed, 1, labels);
  else {
    add(skillAccessDenied, 1, { ...labels, 'skill.denial.reason': denied });
    emit(skillDenied, `${name ?? 'An agent'} may not use ${skill}`, {
      ...labels,
      'skill.denial.reason': denied,
      'skill.access.reason': reason,
    });
  }
  return allowed;
}

export interface PermissionRequest {
  permission: string;
  granted: boolean;
  agent?: string;
  /** Why it is needed. */
  reason?: string;
}

/** More permission asked for. One that was granted counts as held until `release`. (S09, T02) */
export function escalatePermission(request: PermissionRequest): { release(): void } {
  const { permission, granted, agent, reason } = given(request);
  const { agentName, agentId } = currentScope();
  const name = agent ?? agentName;
  const labels = { 'agent.name': name, 'permission.name': permission };
  const outcome = granted ? 'success' : 'failure';
  const attributes = { ...labels, 'permission.reason': reason, outcome } as const;
  mark({ declaration: permissionEscalate, attributes: { ...attributes, 'agent.id': agentId } });
  emit(
    permissionEscalated,
    `${name ?? 'An agent'} asked for ${permission}: ${granted ? 'granted' : 'refused'}`,
    attributes,
  );
  add(permissionEscalationRequests, 1, { ...labels, outcome });
  return { release: granted ? hold(activePermissionsGranted, labels) : () => {} };
}

export interface Violation {
  type: ValueOf<typeof violationType>;
  severity: ValueOf<typeof violationSeverity>;
  /** What happened, in one line. */
  detail?: string;
  agent?: string;
}

/** A broken rule: counted, on the trace, and in the audit log. (S09, T02) */
export function auditViolation(violation: Violation): void {
  const { type, severity, detail, agent } = given(violation);
  const { agentName, agentId } = currentScope();
  const labels = {
    'agent.name': agent ?? agentName,
    'audit.violation.type': type,
    'audit.violation.severity': severity,
  };
  const attributes = { ...labels, 'audit.violation.detail': detail };
  mark({ declaration: auditViolationSpan, attributes: { ...attributes, 'agent.id': agentId } }, type);
  add(auditViolationsLogged, 1, labels);
  emit(violationLogged, detail ?? type, attributes);
}

/** Somebody said who they are; turned away or not. For what is no command of its own. (A16) */
export function authentication(succeeded: boolean): void {
  add(authenticationAttempts, 1, { outcome: succeeded ? 'success' : 'failure' });
}
