/** The six promises of the fleet. Change a number here, run `npm run generate`: rules, alerts, runbooks, docs and OpenSLO follow. */
import { agentErrors, agentRuns } from '../../instrumentation/src/catalog/agents.ts';
import { approvalResponseTime, pendingApprovals } from '../../instrumentation/src/catalog/approvals.ts';
import { agentName, errorType, workflowName } from '../../instrumentation/src/catalog/attributes.ts';
import { llmErrors, operationDuration } from '../../instrumentation/src/catalog/llm.ts';
import { httpClientDuration, httpServerDuration } from '../../instrumentation/src/catalog/runtime.ts';
import {
  workflowApprovalWaitTime,
  workflowDuration,
  workflowExecute,
  workflowRuns,
} from '../../instrumentation/src/catalog/workflows.ts';
import { logql } from '../../queries/logql.ts';
import { promql } from '../../queries/promql.ts';
import { collector } from '../../queries/stack-metrics.ts';
import { traceql } from '../../queries/traceql.ts';
import { freshSeconds } from '../../stack.ts';
import { service } from '../kit/labels.ts';
import { record } from '../kit/record.ts';
import { series } from '../kit/world.ts';
import { telemetryMinutes, telemetryMinutesStale } from '../pipeline/freshness.ts';
import { targets } from '../targets.ts';
import { lowObjectiveWindows, standardWindows } from './burn.ts';
import { orNone, perService, rateOf, slowerThan } from './indicators.ts';
import { countsEvents, countsFailures, countsSlow, part } from './proofs.ts';
import { type Slo, slo } from './slo.ts';

/** Series for the proofs. */
const workflowsThat = (status: string) => series(workflowRuns, { workflow_status: status });
const agentsThat = (status: string) => series(agentRuns, { agent_status: status });
const answers = (status: string) => series(part(httpServerDuration, '_count'), { http_response_status_code: status });
const durationOf = (suffix: '_bucket' | '_count', status: string, le = '') =>
  series(part(workflowDuration, suffix), { workflow_status: status, le });
const decided = (suffix: '_bucket' | '_count', decision: string, le = '') =>
  series(part(approvalResponseTime, suffix), { approval_decision: decision, le });

const ofService = `${service}="$service_name"`;

const workflowRunsEnded = record(
  'service:workflow_runs:rate5m',
  rateOf(promql`${workflowRuns}{workflow_status=~"completed|failed"}`),
  'workflow runs a second that completed or failed; a cancelled one was somebody’s wish',
  countsEvents([workflowsThat('completed'), workflowsThat('failed')], [workflowsThat('cancelled')]),
);

export const workflowSuccess = slo('workflow-success', {
  title: 'Workflow success',
  promise: 'A workflow that is started ends well',
  why: 'What a user asked for is a workflow, not a model call: agents inside it may fail and be tried again, and what counts is what comes out. One of twenty may fail: models refuse, tools time out, rate limits bite. Below that, people start everything twice.',
  objectiveBp: 9500,
  windows: standardWindows,
  counts: { events: 'workflow runs', bad: 'failed' },
  by: perService,
  events: workflowRunsEnded,
  bad: record(
    'service:workflow_runs_failed:rate5m',
    orNone(rateOf(promql`${workflowRuns}{workflow_status="failed"}`), workflowRunsEnded),
    'workflow runs a second that failed',
    countsFailures(workflowsThat('failed'), workflowsThat('completed'), [workflowsThat('cancelled')]),
  ),
  team: 'fleet',
  dashboard: 'workflows',
  impact: 'Users do not get what they asked for, and what the failed runs cost is lost.',
  checks: [
    {
      ask: 'Which workflow? One: its own change. All: what they share, usually a model or a tool.',
      query: promql`topk(10, sum by (${workflowName}) (increase(${workflowRuns}{${ofService},workflow_status="failed"}[1h])))`,
    },
    {
      ask: 'Which error of which agent?',
      query: promql`topk(10, sum by (${agentName}, ${errorType}) (increase(${agentErrors}{${ofService}}[1h])))`,
    },
    { ask: 'Where inside a failed run did it begin?', query: traceql`{ ${workflowExecute} && status = error }` },
  ],
  remedy: [
    'It began with a deployment: roll back.',
    'A model or a provider fails: switch to the fallback model.',
    'A tool fails: take it away from the agents until it is back, or pause the workflows that cannot do without it.',
  ],
});

/** A workflow that takes longer is slow; waits for people are included, for its user waits too. Must be a bucket's bound. */
export const slowWorkflowSeconds = 600;

const workflowRunsCompleted = record(
  'service:workflow_runs_completed:rate5m',
  rateOf(promql`${workflowDuration}_count{workflow_status="completed"}`),
  'workflow runs a second that completed',
  countsEvents([durationOf('_count', 'completed')], [durationOf('_count', 'failed')]),
);

const workflowLatency = slo('workflow-latency', {
  title: 'Workflow latency',
  promise: `A workflow that ends well ends within ${slowWorkflowSeconds / 60} minutes`,
  why: 'Ten minutes is what people wait for beside other work; the time in which a person decides is in it, because the user waits for that as well. A failed run is left out: it may be quick, and is counted by workflow-success. One of twenty may take longer: some work is large.',
  objectiveBp: 9500,
  windows: standardWindows,
  counts: { events: 'completed workflow runs', bad: `took longer than ${slowWorkflowSeconds / 60} minutes` },
  by: perService,
  events: workflowRunsCompleted,
  bad: record(
    'service:workflow_runs_slow:rate5m',
    slowerThan(
      promql`${workflowDuration}_bucket{workflow_status="completed",le=~"${slowWorkflowSeconds}(\\.0)?"}`,
      workflowRunsCompleted,
    ),
    `completed workflow runs a second that took longer than ${slowWorkflowSeconds} s`,
    countsSlow([durationOf('_bucket', 'completed', `${slowWorkflowSeconds}`)], durationOf('_count', 'completed'), [
      durationOf('_bucket', 'failed', `${slowWorkflowSeconds}`),
      durationOf('_bucket', 'completed', '300'),
    ]),
  ),
  team: 'fleet',
  dashboard: 'workflows',
  impact: 'Users wait, and what waits holds places that other workflows need.',
  checks: [
    {
      ask: 'Do people keep them waiting? Then the approvals are late, not the machines.',
      query: promql`histogram_quantile(0.95, sum by (${workflowName}, le) (rate(${workflowApprovalWaitTime}_bucket{${ofService}}[1h])))`,
    },
    {
      ask: 'Has a model become slow?',
      query: promql`histogram_quantile(0.95, sum by (gen_ai_request_model, le) (rate(${operationDuration}_bucket{${ofService}}[1h])))`,
    },
    {
      ask: 'Where does a slow run spend its time?',
      query: traceql`{ ${workflowExecute} && duration > ${slowWorkflowSeconds}s }`,
    },
  ],
  remedy: [
    'Approvals are late: see the runbook of ApprovalResponseBudgetBurn.',
    'A model is slow: switch to a faster one, or lower what is asked of it at a time.',
    'Work waits in queues: start more workers, or fewer workflows.',
  ],
});

const agentRunsEnded = record(
  'service:agent_runs:rate5m',
  rateOf(promql`${agentRuns}{agent_status=~"completed|failed"}`),
  'agent runs a second that completed or failed',
  countsEvents([agentsThat('completed'), agentsThat('failed')], [agentsThat('cancelled')]),
);

export const agentSuccess = slo('agent-success', {
  title: 'Agent success',
  promise: 'A run of an agent ends well',
  why: 'Agents fail more often than APIs: a model that answers beside the point is a failed run, and the next attempt usually mends it. One of ten may fail; three attempts then succeed 999 times of 1000. With a budget of 10 % the usual factor of 14.4 could never be reached, hence the windows for low objectives.',
  objectiveBp: 9000,
  windows: lowObjectiveWindows,
  counts: { events: 'agent runs', bad: 'failed' },
  by: perService,
  events: agentRunsEnded,
  bad: record(
    'service:agent_runs_failed:rate5m',
    orNone(rateOf(promql`${agentRuns}{agent_status="failed"}`), agentRunsEnded),
    'agent runs a second that failed',
    countsFailures(agentsThat('failed'), agentsThat('completed'), [agentsThat('cancelled')]),
  ),
  team: 'fleet',
  dashboard: 'agent-performance',
  impact: 'Attempts are repeated: workflows take longer and cost more, until they fail as well.',
  checks: [
    {
      ask: 'Which agent, and which error?',
      query: promql`topk(10, sum by (${agentName}, ${errorType}) (increase(${agentErrors}{${ofService}}[1h])))`,
    },
    {
      ask: 'Do model calls fail under them?',
      query: promql`sum by (gen_ai_request_model, ${errorType}) (increase(${llmErrors}{${ofService}}[1h]))`,
    },
    {
      ask: 'What do they say?',
      query: logql`{service_name="$service_name"} | detected_level=~"error|fatal"`,
    },
  ],
  remedy: [
    'A provider throttles or is down: switch to the fallback model.',
    'One agent, since a deployment: roll back its prompt or its code.',
    'One kind of task: stop handing it out until the agent can do it.',
  ],
});

const apiRequests = record(
  'service:api_requests:rate5m',
  rateOf(promql`${httpServerDuration}_count`),
  'HTTP requests a second that a service answered',
  countsEvents([answers('200'), answers('404'), answers('503')]),
);

export const apiAvailability = slo('api-availability', {
  title: 'API availability',
  promise: 'A request to a service’s API is answered without a server error',
  why: 'Programs call it, and three nines are what a restart now and then and a deployment a day leave. What the caller did wrong (4xx) does not count against it. A service that is down answers nothing and so spends nothing: ServiceDown tells that.',
  objectiveBp: 9990,
  windows: standardWindows,
  counts: { events: 'requests', bad: 'were answered with a server error (5xx)' },
  by: perService,
  events: apiRequests,
  bad: record(
    'service:api_requests_failed:rate5m',
    orNone(rateOf(promql`${httpServerDuration}_count{http_response_status_code=~"5.."}`), apiRequests),
    'HTTP requests a second that a service answered with 5xx',
    countsFailures(answers('503'), answers('200'), [answers('404')]),
  ),
  team: 'platform',
  dashboard: 'system-health',
  impact: 'Callers get errors: users see them, or programs try again and add to the load.',
  checks: [
    {
      ask: 'Which route, and which status?',
      query: promql`topk(10, sum by (http_route, http_response_status_code) (increase(${httpServerDuration}_count{${ofService},http_response_status_code=~"5.."}[1h])))`,
    },
    {
      ask: 'Does a service behind it fail?',
      query: promql`sum by (server_address, ${errorType}) (increase(${httpClientDuration}_count{${ofService},${errorType}!=""}[1h]))`,
    },
    {
      ask: 'What does it say?',
      query: logql`{service_name="$service_name"} | detected_level=~"error|fatal"`,
    },
  ],
  remedy: [
    'It began with a deployment: roll back.',
    'A service behind it fails: mend that, or answer without it.',
    'It is overloaded: start more of it, or shed load.',
  ],
});

const approvalsAnswered = record(
  'service:approvals:rate5m',
  rateOf(promql`${approvalResponseTime}_count{approval_decision=~"approved|rejected|expired"}`),
  'approvals a second that were answered or expired; a cancelled one needed no answer any more',
  countsEvents(
    [decided('_count', 'approved'), decided('_count', 'rejected'), decided('_count', 'expired')],
    [decided('_count', 'cancelled')],
  ),
);

const approvalsInTime = promql`${approvalResponseTime}_bucket{approval_decision=~"approved|rejected",le=~"${targets.approval.aimSeconds}(\\.0)?"}`;

export const approvalResponse = slo('approval-response', {
  title: 'Approval response',
  promise: `A person answers an approval within ${targets.approval.aimSeconds} s`,
  why: 'An agent that waits for a yes does nothing else. Nine of ten within a minute can be kept with a rota, nights and lunch included; the aim for the 95th percentile on the dashboard is stricter, because it looks at one hour of a staffed day. One that expires is a bad one whenever it does.',
  objectiveBp: 9000,
  windows: lowObjectiveWindows,
  counts: { events: 'approvals', bad: `were not answered within ${targets.approval.aimSeconds} s` },
  by: perService,
  events: approvalsAnswered,
  bad: record(
    'service:approvals_late:rate5m',
    slowerThan(approvalsInTime, approvalsAnswered),
    `approvals a second that were answered after ${targets.approval.aimSeconds} s, or never`,
    countsSlow(
      [decided('_bucket', 'approved', '60'), decided('_bucket', 'rejected', '60')],
      decided('_count', 'approved'),
      [decided('_bucket', 'expired', '60'), decided('_bucket', 'approved', '30')],
    ),
  ),
  team: 'fleet',
  dashboard: 'sla',
  impact: 'Agents and workflows stand still, and deadlines pass while somebody could have said yes.',
  checks: [
    {
      ask: 'How many wait now, and for what?',
      query: promql`sum by (approval_kind) (${pendingApprovals}{${ofService}})`,
    },
    {
      ask: 'Which role answers late?',
      query: promql`histogram_quantile(0.95, sum by (approval_approver_role, le) (rate(${approvalResponseTime}_bucket{${ofService}}[1h])))`,
    },
    {
      ask: 'Which kind expires unanswered? Its deadline may be shorter than people are quick.',
      query: promql`sum by (approval_kind) (increase(${approvalResponseTime}_count{${ofService},approval_decision="expired"}[1d]))`,
    },
  ],
  remedy: [
    'Nobody is there: name who is, or let the request pass on to the next role sooner.',
    'Too many are asked: let what is harmless pass without a question.',
    'Those who may answer are not told: check the channel.',
  ],
});

const telemetryFreshness = slo('telemetry-freshness', {
  title: 'Telemetry freshness',
  promise: `What services send can be queried within ${freshSeconds} s`,
  why: 'Whoever looks at a dashboard or waits for an alert looks at the past by as much. Counted in minutes, for each signal by itself: 99.5 % is what restarts and upgrades of a stack without spare parts leave, three and a half hours a month. While Prometheus itself is down nobody counts: the Watchdog’s silence tells that.',
  objectiveBp: 9950,
  windows: standardWindows,
  counts: { events: 'minutes', bad: `left data waiting longer than ${freshSeconds} s` },
  by: ['signal'],
  events: telemetryMinutes,
  bad: telemetryMinutesStale,
  team: 'platform',
  dashboard: 'telemetry-pipeline',
  impact: 'Dashboards show the past, alerts come late; nothing is lost while the queue has room.',
  checks: [
    {
      ask: 'Which queue fills?',
      query: promql`max by (exporter) (${collector.queueSize} / ${collector.queueCapacity})`,
    },
    { ask: 'Which part of the stack is down?', command: 'npm run status' },
    { ask: 'At which hop does it stand still?', command: 'npm run doctor' },
  ],
  remedy: [
    'A store is down: start it; the queue delivers what waited.',
    'A store is slow: look at its memory and disk, take the next larger profile.',
    'The Collector is down or short of memory: start it, take the next larger profile, or send less.',
  ],
});

export const objectives: readonly Slo[] = [
  workflowSuccess,
  workflowLatency,
  agentSuccess,
  apiAvailability,
  approvalResponse,
  telemetryFreshness,
];
