/** D01: the first page of a shift. Twelve answers in three lines; each leads to the page that explains it. */

import { approvalResponseTime, pendingApprovals } from '../../instrumentation/src/catalog/approvals.ts';
import { agentName } from '../../instrumentation/src/catalog/attributes.ts';
import { agentCost, agentTokens } from '../../instrumentation/src/catalog/llm.ts';
import { skillAccessAllowed, skillAccessDenied, violationLogged } from '../../instrumentation/src/catalog/security.ts';
import {
  agentActiveTasks,
  agentTaskDuration,
  agentTasksFailed,
  agentTasksStarted,
} from '../../instrumentation/src/catalog/tasks.ts';
import { added } from '../../prometheus/kit/added.ts';
import { budgetRemaining } from '../../prometheus/slo/recordings.ts';
import { targets } from '../../prometheus/targets.ts';
import { logql } from '../../queries/logql.ts';
import { promql } from '../../queries/promql.ts';
import { twin } from '../../twin.ts';
import { overBudget } from '../annotations.ts';
import { dashboard, row } from '../dashboard.ts';
import { buckets, quantileOf, straight } from '../lines.ts';
import { ofSeries, open } from '../links.ts';
import { bars, gauge, heatmap, pie, stacked, stat, timeseries } from '../panels.ts';
import { now } from '../series.ts';
import { alertList, logs } from '../signals.ts';
import { agent, environment } from '../variables.ts';

const here = 'deployment_environment_name=~"$environment"';
const chosen = `${here}, agent_name=~"$agent"`;
const noWork = 'no agent has begun a task in this time. Start one: "npm run demo".';

const failing = promql`sum(increase(${agentTasksFailed}{${chosen}}[5m])) or 0 * sum(increase(${agentTasksStarted}{${chosen}}[5m]))`;
const spent = (window: '1h' | '$__range') => promql`sum(${added(promql`${agentCost}{${chosen}}`, window)})`;
const { cost, taskFailures, tasksPerMinute, approval } = targets;

export default twin(
  'json',
  dashboard(
    'fleet',
    {
      question: 'Is the fleet at work, is it well, and what does it cost?',
      variables: [environment, agent],
      annotations: [overBudget],
    },
    [
      row('Is the fleet well?', [
        stacked(
          'Tasks a minute, by agent',
          {
            '{{agent_name}}': promql`60 * sum by (${agentName}) (rate(${agentTasksStarted}{${chosen}}[$__rate_interval]))`,
          },
          {
            read: `Tasks begun. Up to ${tasksPerMinute.normal} a minute is usual; above ${tasksPerMinute.yellow} look at the queues, above ${tasksPerMinute.red} something asks without end.`,
            unit: 'suffix: /min',
            steps: { green: 0, yellow: tasksPerMinute.yellow, red: tasksPerMinute.red },
            width: 6,
            height: 7,
            empty: noWork,
            to: open('agent-detail', { agent: ofSeries(agentName) }),
          },
        ),
        gauge('Tasks that fail', promql`${failing} / sum(increase(${agentTasksStarted}{${chosen}}[5m]))`, {
          read: 'Share of the tasks begun in the last 5 minutes that failed. Above 5 % someone is told: open Errors.',
          unit: 'percentunit',
          steps: { green: 0, yellow: taskFailures.green, red: taskFailures.red },
          max: 0.1,
          empty: noWork,
          to: 'errors',
        }),
        timeseries(
          'Cost a day',
          {
            'At this rate': promql`24 * ${spent('1h')}`,
            Budget: straight(cost.usdPerDay),
            'By end of day': now(promql`${spent('$__range')} + ${spent('1h')} / 3600 * (86400 - time() % 86400)`),
          },
          {
            read: `What a day costs at the rate of the last hour, against the budget of $${cost.usdPerDay}; and what today will have cost at midnight UTC, if it goes on like this.`,
            unit: 'currencyUSD',
            decimals: 2,
            over: 'now/d',
            width: 6,
            height: 7,
            empty: noWork,
            to: 'cost',
          },
        ),
        heatmap('Task duration', buckets(agentTaskDuration, chosen), {
          read: 'How long tasks take. Above 2.5 s lie the outliers: a dot is one of them, a click on it opens its trace.',
          unit: 's',
          width: 6,
          height: 7,
          empty: noWork,
          to: 'performance',
        }),
        pie(
          'Permission decisions',
          {
            Allowed: promql`sum(increase(${skillAccessAllowed}{${chosen}}[$__range]))`,
            Denied: promql`sum(increase(${skillAccessDenied}{${chosen}}[$__range])) or 0 * sum(increase(${skillAccessAllowed}{${chosen}}[$__range]))`,
          },
          {
            read: 'Skills that agents asked for. Many more denials than usual: an agent has lost a skill, or tries what it must not.',
            unit: 'short',
            decimals: 0,
            empty: 'no agent has asked for a skill in this time.',
            to: 'skill-access',
          },
        ),
        logs(
          'Audit violations',
          logql`{service_name=~".+", deployment_environment_name=~"$environment", retention_class="audit"} | event_name=${violationLogged} | ${agentName}=~"$agent" | line_format "{{.audit_violation_severity}} {{.audit_violation_type}}: {{.agent_name}}, {{.audit_violation_detail}}"`,
          {
            read: 'Rules that were broken, the newest first. Click on one for its fields and its trace.',
            width: 6,
            height: 7,
            empty: 'no rule was broken in this time.',
            to: 'skill-access',
          },
        ),
        stat('Approval time, p95', quantileOf('p95', approvalResponseTime, here, undefined, '1h'), {
          read: 'In the last hour 95 of 100 requests were answered faster. The aim is a minute; above two people are told.',
          unit: 's',
          decimals: 1,
          steps: { green: 0, yellow: approval.aimSeconds, red: approval.lateSeconds },
          trend: true,
          height: 7,
          empty: 'nobody has answered a request in the last hour.',
          to: 'sla',
        }),
        stat('Pending approvals', promql`sum(${pendingApprovals}{${here}})`, {
          read: 'Requests that wait for a person now. More than five: ask who is on duty.',
          unit: 'short',
          steps: { green: 0, red: approval.pending + 1 },
          trend: true,
          height: 7,
          empty: 'no agent has asked for an approval yet.',
          to: 'sla',
        }),
        stat('Active tasks', promql`sum(${agentActiveTasks}{${chosen}})`, {
          read: 'Tasks at work now. 0 while requests wait: the agents are stuck or gone, open Live.',
          unit: 'short',
          trend: true,
          height: 7,
          empty: noWork,
          to: 'live',
        }),
        timeseries(
          'Tokens a minute',
          {
            Tokens: promql`60 * sum(rate(${agentTokens}{${chosen}}[$__rate_interval]))`,
            Limit: straight(targets.tokensPerMinute),
          },
          {
            read: 'Read and written by all models together. Above the line someone is told: open Cost by model.',
            unit: 'short',
            width: 6,
            height: 7,
            empty: noWork,
            to: 'cost-by-model',
          },
        ),
        alertList('Alerts', {
          read: 'What is firing, and what is about to. Each alert names its runbook.',
          empty: 'nothing is wrong.',
          to: 'operations',
        }),
        bars(
          'Error budgets left',
          { '{{slo}}': promql`sort(min by (slo) (${budgetRemaining}{${here}}))` },
          {
            read: 'What is left of what may go wrong in 30 days, by objective. At 0 the promise is broken: open SLA compliance.',
            unit: 'percentunit',
            decimals: 0,
            max: 1,
            steps: { red: 0, green: 0.1 },
            width: 6,
            height: 7,
            empty: 'no objective has counted anything yet.',
            to: 'sla',
          },
        ),
      ]),
    ],
  ),
);
