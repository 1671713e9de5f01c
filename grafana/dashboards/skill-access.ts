/** D03: who asked for what, who was refused, and what came of it. For the one on duty, and for an audit months later. */
import { approvalDecided } from '../../instrumentation/src/catalog/approvals.ts';
import { agentName, outcome } from '../../instrumentation/src/catalog/attributes.ts';
import {
  activePermissionsGranted,
  auditViolationsLogged,
  authenticationAttempts,
  denialReason,
  permissionEscalated,
  permissionEscalationRequests,
  permissionName,
  skillAccessAllowed,
  skillAccessDenied,
  skillAccessSpan,
  skillAllowed,
  skillDenied,
  skillName,
  violationLogged,
  violationSeverity,
  violationType,
} from '../../instrumentation/src/catalog/security.ts';
import { permissionDenials, permissionDenialsUsual } from '../../prometheus/rules/unusual.ts';
import { targets } from '../../prometheus/targets.ts';
import { logql } from '../../queries/logql.ts';
import { promql, type Query } from '../../queries/promql.ts';
import { traceql } from '../../queries/traceql.ts';
import { twin } from '../../twin.ts';
import { dashboard, details, row } from '../dashboard.ts';
import { grown } from '../lines.ts';
import { ofCell, ofColumn, open } from '../links.ts';
import { bars, mishaps, stacked, stat, timeseries } from '../panels.ts';
import { logs, traces } from '../signals.ts';
import { table } from '../table.ts';
import { agent, environment, skill } from '../variables.ts';

const here = 'deployment_environment_name=~"$environment"';
const byAgent = `${here}, agent_name=~"$agent"`;
const bySkill = `${byAgent}, skill_name=~"$skill"`;

const allowed = promql`${skillAccessAllowed}{${bySkill}}`;
const denied = promql`${skillAccessDenied}{${bySkill}}`;
const asked = promql`{__name__=~"${skillAccessAllowed}|${skillAccessDenied}", ${bySkill}}`;
const escalations = promql`${permissionEscalationRequests}{${byAgent}}`;
const refused = promql`${permissionEscalationRequests}{${byAgent}, outcome="failure"}`;
const violations = promql`${auditViolationsLogged}{${byAgent}}`;

const pair = [agentName, skillName];
/** A pair to which nothing was denied has no counter of it: that is 0. */
const deniedOrNone = promql`${grown(denied, pair)} or 0 * ${grown(asked, pair)}`;
/** 0 as soon as anything was asked for: a counter of refusals begins with the first one. */
const shareOf = (part: Query, whole: Query) => promql`(${grown(part)} or 0 * ${grown(whole)}) / (${grown(whole)} > 0)`;

const nobodyAsked = 'no agent has asked for a skill in this time.';
const nobodyDenied = 'no agent was denied a skill in this time.';
const noEscalation = 'no agent has asked for more permission in this time.';
const noViolation = 'no rule was broken in this time.';
const { auditViolationsPerHour, denials } = targets;

const records = (event: typeof skillDenied | typeof permissionEscalated | typeof violationLogged, kept: string) =>
  logql`{service_name=~".+", ${here}, retention_class="${kept}"} | event_name=${event} | ${agentName}=~"$agent"`;

const state = row('Does anyone reach too far?', [
  stat('Requests', grown(asked), {
    read: 'Skills that agents asked for in the time range, allowed and denied together.',
    unit: 'short',
    decimals: 0,
    empty: nobodyAsked,
    width: 4,
    to: 'agent-performance',
  }),
  stat('Denied', shareOf(denied, asked), {
    read: 'Share of the requests that were denied. What counts is the change: the same share every day is a role that lacks something, a jump is a new policy or an agent off its path.',
    unit: 'percentunit',
    decimals: 1,
    empty: nobodyAsked,
    width: 4,
    to: 'errors',
  }),
  stat('Refused, 10 min', promql`sum(${permissionDenials}{${here}})`, {
    read: `Skills and permissions refused in the last 10 minutes, to whomever. Above ${denials.factor} times the usual, and from ${denials.atLeast} on, someone is told: see "Refused, against the usual".`,
    unit: 'short',
    empty: nobodyAsked,
    width: 4,
    to: 'operations',
  }),
  stat('Asked in vain', shareOf(refused, escalations), {
    read: 'Share of the requests for more permission that were refused. An agent that is refused again and again should be given the permission, or another task.',
    unit: 'percentunit',
    decimals: 0,
    empty: noEscalation,
    width: 4,
    to: 'errors',
  }),
  stat('Permissions held', promql`sum(${activePermissionsGranted}{${byAgent}})`, {
    read: 'Permissions that agents hold now beyond their role. Back to 0 when the work is done: one that stays was not given back.',
    unit: 'short',
    empty: 'no agent was ever given more permission.',
    width: 4,
    to: 'live',
  }),
  stat('Violations, 1 h', promql`${grown(violations, [], '1h')} or 0 * ${grown(violations)}`, {
    read: `Rules broken in the last hour. Above ${auditViolationsPerHour} someone is told: the record below says which rule, and its trace how it came to it.`,
    unit: 'short',
    steps: { green: 0, yellow: 1, red: auditViolationsPerHour + 1 },
    empty: noViolation,
    width: 4,
    to: 'operations',
  }),
]);

const trend = row('When did it change?', [
  stacked(
    'Decisions',
    { Allowed: grown(allowed, [], '$__interval'), Denied: grown(denied, [], '$__interval') },
    {
      read: 'Every request once, by how it was decided. Look for the moment at which red begins, and for a blue mark beside it: a deployment.',
      unit: 'short',
      every: '1m',
      width: 6,
      empty: nobodyAsked,
    },
  ),
  timeseries(
    'Refused, against the usual',
    {
      'Last 10 minutes': promql`sum(${permissionDenials}{${here}})`,
      Normal: promql`sum(${permissionDenialsUsual}{${here}})`,
      Limit: promql`${denials.factor} * sum(${permissionDenialsUsual}{${here}})`,
    },
    {
      read: `Skills and permissions refused in 10 minutes, and what nine of ten values of the last day stay below. Above the limit, and from ${denials.atLeast} on, someone is told. The usual is known after six hours.`,
      unit: 'short',
      width: 6,
      empty: nobodyAsked,
    },
  ),
  mishaps(
    'Violations, by severity',
    { '{{audit_violation_severity}}': grown(violations, [violationSeverity], '$__interval') },
    {
      read: 'Rules that were broken. None is the rule; each one has its record below.',
      unit: 'short',
      every: '1m',
      width: 6,
      empty: noViolation,
    },
  ),
  mishaps(
    'Sign-ins turned away',
    grown(promql`${authenticationAttempts}{${here}, outcome="failure"}`, [], '$__interval'),
    {
      read: `Commands whose sender could not be told. Above ${targets.failedAuthenticationsPerMinute} a minute someone is told: somebody tries keys, or a key has expired.`,
      unit: 'short',
      every: '1m',
      width: 6,
      empty: 'nobody was turned away in this time.',
    },
  ),
]);

const cause = row('Who asks for what, and why not?', [
  table(
    'Skills, by agent',
    {
      Agent: { label: agentName, to: open('agent-detail', { agent: ofCell }) },
      Skill: { label: skillName, to: open('skill-access', { agent: ofColumn('Agent'), skill: ofCell }) },
      Asked: { query: grown(asked, pair), unit: 'short', decimals: 0 },
      Denied: { query: deniedOrNone, unit: 'short', decimals: 0 },
      Share: {
        query: promql`(${deniedOrNone}) / ${grown(asked, pair)}`,
        unit: 'percentunit',
        decimals: 0,
        max: 1,
        bar: true,
      },
    },
    {
      read: 'Who asked for what in the time range, and how much of it was denied. A row that is always denied: give the skill to the role, or have the agent stop asking. A click on a skill keeps that row alone.',
      sort: 'Denied',
      empty: nobodyAsked,
    },
  ),
  bars(
    'Reasons for denials',
    { '{{skill_denial_reason}}': promql`topk(10, ${grown(denied, [denialReason])})` },
    {
      read: 'Why skills were denied: not_in_role asks for a change of roles, policy for a look at the policy.',
      unit: 'short',
      width: 6,
      empty: nobodyDenied,
    },
  ),
  bars(
    'Broken rules',
    { '{{audit_violation_type}}': promql`topk(10, ${grown(violations, [violationType])})` },
    { read: 'Which rules were broken in the time range.', unit: 'short', width: 6, empty: noViolation },
  ),
  table(
    'Requests for more permission',
    {
      Agent: { label: agentName, to: open('agent-detail', { agent: ofCell }) },
      Permission: { label: permissionName },
      Asked: { query: grown(escalations, [agentName, permissionName]), unit: 'short', bar: true },
      Refused: { query: grown(refused, [agentName, permissionName]), unit: 'short' },
    },
    {
      read: 'What agents asked for beyond their role. Often asked and never refused: it belongs to the role.',
      sort: 'Asked',
      empty: noEscalation,
    },
  ),
  timeseries(
    'Permissions held, by agent',
    { '{{agent_name}}': promql`sum by (${agentName}) (${activePermissionsGranted}{${byAgent}})` },
    {
      read: 'A permission is held while the task that needs it runs. A line that does not come back to 0 is one that nobody gave back.',
      unit: 'short',
      width: 6,
      empty: 'no agent was ever given more permission.',
    },
  ),
  mishaps(
    'Denials, by agent',
    { '{{agent_name}}': grown(denied, [agentName], '$__interval') },
    {
      read: 'One agent alone: its role or its prompt has changed. All at once: the policy has.',
      unit: 'short',
      every: '1m',
      width: 6,
      empty: nobodyDenied,
    },
  ),
]);

const latest = row('What exactly happened?', [
  logs(
    'Denials',
    logql`${records(skillDenied, 'security')} | ${skillName}=~"$skill" | line_format "{{.agent_name}} may not {{.skill_name}} ({{.skill_denial_reason}}): {{.skill_access_reason}}"`,
    { read: 'Each denial, kept for a year. Click on one for its fields and its trace.', empty: nobodyDenied },
  ),
  logs(
    'Broken rules, on record',
    logql`${records(violationLogged, 'audit')} | line_format "{{.audit_violation_severity}} {{.audit_violation_type}}: {{.agent_name}}, {{.audit_violation_detail}}"`,
    { read: 'Each violation, kept for seven years. Click on one for its fields and its trace.', empty: noViolation },
  ),
]);

const more = details('What else is on record?', [
  logs(
    'More permission, on record',
    logql`${records(permissionEscalated, 'audit')} | line_format "{{.agent_name}} asked for {{.permission_name}}, {{.outcome}}: {{.permission_reason}}"`,
    { read: 'Each request for more permission with what the agent gave as its reason.', empty: noEscalation },
  ),
  logs(
    'Approvals, on record',
    logql`{service_name=~".+", ${here}, retention_class="audit"} | event_name=${approvalDecided} | line_format "{{.approval_kind}} {{.approval_decision}} by {{.approval_approver_role}} {{.approval_approver_id}} after {{.approval_wait_seconds}} s"`,
    { read: 'Who said yes or no to what, and after how long.', empty: 'nobody was asked in this time.', to: 'sla' },
  ),
  traces(
    'Denied in which task',
    traceql`{ ${skillAccessSpan} && ${skillAllowed} = false && ${agentName} =~ "$agent" }`,
    {
      read: 'The traces in which a skill was denied: what the agent was doing, and what it did instead.',
      empty: nobodyDenied,
    },
  ),
  table(
    'More permission, by outcome',
    {
      Permission: { label: permissionName },
      Outcome: { label: outcome },
      Requests: { query: grown(escalations, [permissionName, outcome]), unit: 'short', bar: true },
    },
    { read: 'What came of the requests, whoever made them.', sort: 'Requests', empty: noEscalation },
  ),
]);

export default twin(
  'json',
  dashboard(
    'skill-access',
    {
      question: 'Which skills do agents ask for, who is refused, and did anyone break a rule?',
      from: 'now-24h',
      variables: [environment, agent, skill],
    },
    [state, trend, cause, latest, more],
  ),
);
