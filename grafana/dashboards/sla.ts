/** D05: the six promises and what is left of their error budgets; then the answers and response times behind them. */
import {
  approvalAutoEscalated,
  approvalKind,
  approvalResponseTime,
  approverRole,
  pendingApprovals,
} from '../../instrumentation/src/catalog/approvals.ts';
import { commandExecute, operationType, responseTime, slaMet } from '../../instrumentation/src/catalog/commands.ts';
import { httpServerDuration } from '../../instrumentation/src/catalog/runtime.ts';
import { agentTaskDuration } from '../../instrumentation/src/catalog/tasks.ts';
import { telemetryStale } from '../../prometheus/pipeline/freshness.ts';
import { percent, periodDays, share } from '../../prometheus/slo/burn.ts';
import { approvalResponse, objectives } from '../../prometheus/slo/objectives.ts';
import { budgetRemaining, burnRate, errorRatio, events, objective } from '../../prometheus/slo/recordings.ts';
import { targets } from '../../prometheus/targets.ts';
import { promql, type Query } from '../../queries/promql.ts';
import { traceql } from '../../queries/traceql.ts';
import { freshSeconds } from '../../stack.ts';
import { twin } from '../../twin.ts';
import { dashboard, row } from '../dashboard.ts';
import { buckets, grown, percentiles, straight } from '../lines.ts';
import { heatmap, stat, timeline, timeseries } from '../panels.ts';
import { alertList, traces } from '../signals.ts';
import { table } from '../table.ts';
import { environment } from '../variables.ts';

const here = 'deployment_environment_name=~"$environment"';
/** The promise of fresh telemetry is the stack's own: it belongs to every environment. */
const promised = 'deployment_environment_name=~"$environment|"';

const { apiSeconds, approval, errorBudgetLow, taskSeconds } = targets;
const left = { red: -1, yellow: 0, green: errorBudgetLow };
/** Of a month, one each quarter of an hour: an hour that went wrong can be seen. */
const points = 30 * 24 * 4;
const noEvents =
  'nothing that a promise counts has happened yet. It needs the rules of prometheus/slo to run for five minutes.';

const answered = promql`${approvalResponseTime}_count{${here}, approval_decision=~"approved|rejected|expired"}`;
const inTime = promql`${approvalResponseTime}_bucket{${here}, approval_decision=~"approved|rejected", le=~"${approval.aimSeconds}([.]0)?"}`;
const nobodyAsked = 'no approval was answered in this time.';
const byRow = [approvalKind, approverRole];

const state = row(
  'Do we keep our promises?',
  objectives.map((slo) =>
    stat(slo.title, promql`min(${budgetRemaining}{slo="${slo.name}", ${promised}})`, {
      read: `What is left of the error budget of ${periodDays} days, of the service that has least. The promise: ${lowered(slo.promise)}, ${percent(slo.objectiveBp)} of the time. Below 0 it is broken; below ${100 * errorBudgetLow} % change nothing risky.`,
      unit: 'percentunit',
      decimals: 0,
      steps: left,
      empty: `no ${slo.counts.events} were counted yet.`,
      width: 8,
      to: slo.dashboard === 'sla' ? 'workflows' : slo.dashboard,
    }),
  ),
);

const trend = row('How fast is the budget spent?', [
  timeseries(
    'Error budget left',
    { '{{slo}}': promql`clamp_min(min by (slo) (${budgetRemaining}{${promised}}), -1)` },
    {
      read: `Of ${periodDays} days that move along: it comes back when bad days fall out of them. A cliff is an incident, a slope is a habit.`,
      unit: 'percentunit',
      min: -1,
      max: 1,
      steps: left,
      points,
      width: 9,
      empty: noEvents,
    },
  ),
  timeseries(
    'Burn rate',
    { '{{slo}}': promql`max by (slo) (${burnRate}{${promised}})`, Limit: straight(1) },
    {
      read: 'How fast the last hour spends the budget: at 1 it lasts exactly for its period, at 14.4 for two days. Someone is told when a long and a short window both burn.',
      unit: 'suffix:×',
      decimals: 1,
      points,
      width: 9,
      empty: noEvents,
    },
  ),
  alertList('Budgets that burn', {
    read: 'Alerts of the promises, now. The labels long and short name the windows that burn; each alert names its runbook.',
    labels: '{slo=~".+"}',
    height: 8,
    empty: 'no budget burns too fast.',
    to: 'operations',
  }),
]);

/** Rows are told apart by these labels, and by no name of a recording. */
const perRow = (query: Query) => promql`max by (slo, service_name, deployment_environment_name, signal) (${query})`;

const each = row('Which promise, which service?', [
  table(
    'Promises',
    {
      Promise: { label: 'slo' },
      Service: { label: 'service_name' },
      Environment: { label: 'deployment_environment_name' },
      Signal: { label: 'signal' },
      Promised: {
        query: perRow(promql`${objective} * on (slo) group_right () (0 * ${budgetRemaining}{${promised}} + 1)`),
        unit: 'percentunit',
        decimals: 1,
      },
      Kept: { query: perRow(promql`1 - ${errorRatio['30d']}{${promised}}`), unit: 'percentunit', decimals: 2 },
      'Budget left': {
        query: perRow(promql`${budgetRemaining}{${promised}}`),
        unit: 'percentunit',
        decimals: 0,
        steps: left,
      },
      'Burn rate, 1 h': {
        query: perRow(promql`${burnRate}{${promised}}`),
        unit: 'suffix:×',
        decimals: 1,
        steps: { green: 0, red: 1 },
      },
      Events: { query: perRow(promql`${events['30d']}{${promised}}`), unit: 'none', decimals: 0 },
    },
    {
      read: `Every promise for every service over ${periodDays} days, however short the time range. Few events: one bad one weighs much, look at the number before the share.`,
      width: 24,
      height: 11,
      empty: noEvents,
    },
  ),
]);

const answers = row('Are approvals answered within a minute?', [
  stat('Answered in time', promql`(${grown(inTime)} or 0 * ${grown(answered)}) / (${grown(answered)} > 0)`, {
    read: `Share of the requests in the time range that a person answered within ${approval.aimSeconds} s; one that expired was not. ${percent(approvalResponse.objectiveBp)} is promised.`,
    unit: 'percentunit',
    decimals: 1,
    steps: { red: 0, green: Number(share(approvalResponse.objectiveBp)) },
    empty: nobodyAsked,
    width: 8,
    to: 'skill-access',
  }),
  stat('Waiting now', promql`sum(${pendingApprovals}{${here}})`, {
    read: `Requests that wait for a person. More than ${approval.pending}: ask who is on duty; each one holds an agent.`,
    unit: 'short',
    steps: { green: 0, red: approval.pending + 1 },
    empty: 'no agent has asked for an approval yet.',
    width: 8,
    to: 'live',
  }),
  stat('Passed on', promql`${grown(promql`${approvalAutoEscalated}{${here}}`)} or 0 * ${grown(answered)}`, {
    read: 'Requests in the time range that went on to the next role because nobody answered. Many: the first role is not there, or is not told.',
    unit: 'short',
    empty: nobodyAsked,
    width: 8,
    to: 'skill-access',
  }),
  heatmap('Time to an answer', buckets(approvalResponseTime, `${here}, approval_decision!="cancelled"`), {
    read: `How long people took. Above ${approval.aimSeconds} s they are late; a second cloud far above is nights and lunch. A dot is one approval: a click opens its trace.`,
    unit: 's',
    points: points / 4,
    width: 10,
    empty: nobodyAsked,
  }),
  table(
    'Approvals, by kind and role',
    {
      Kind: { label: approvalKind },
      Role: { label: approverRole },
      Answered: { query: grown(answered, byRow), unit: 'short' },
      'In time': {
        query: promql`${grown(inTime, byRow)} / (${grown(answered, byRow)} > 0)`,
        unit: 'percentunit',
        decimals: 0,
        max: 1,
        bar: true,
      },
      'Time, p95': {
        query: promql`histogram_quantile(0.95, sum by (${approvalKind}, ${approverRole}, le) (rate(${approvalResponseTime}_bucket{${here}, approval_decision!="cancelled"}[$__range]))) > 0`,
        unit: 's',
        decimals: 0,
        steps: { green: 0, yellow: approval.aimSeconds, red: approval.lateSeconds },
      },
    },
    {
      read: 'Who is asked for what, and how fast. One kind is late for every role: it asks too much. One role is late for every kind: it is too few people.',
      sort: 'Time, p95',
      width: 14,
      empty: nobodyAsked,
    },
  ),
]);

const speed = row('Do responses come in time?', [
  timeseries(
    'Response time, p95, by operation',
    { ...percentiles(responseTime, here, { of: ['p95'], by: operationType }), Target: straight(apiSeconds.p95) },
    {
      read: `Operations that users wait for: 95 of 100 should take less than ${1000 * apiSeconds.p95} ms. A dot is one request: a click opens its trace.`,
      unit: 's',
      empty: 'no such operation has ended in this time.',
      to: 'performance',
    },
  ),
  timeseries(
    'API, p95, by service',
    {
      '{{service_name}}': promql`histogram_quantile(0.95, sum by (service_name, le) (rate(${httpServerDuration}_bucket{${here}}[$__rate_interval])))`,
      Target: straight(apiSeconds.p95),
    },
    {
      read: `What programs see that call the API. Above ${1000 * apiSeconds.p95} ms someone is told, above ${1000 * apiSeconds.p95Critical} ms someone is woken.`,
      unit: 's',
      empty: 'nobody has called an API in this time.',
      to: 'system-health',
    },
  ),
  timeseries(
    'Task duration, p95',
    { ...percentiles(agentTaskDuration, here, { of: ['p95'] }), Target: straight(taskSeconds.p95) },
    {
      read: `95 of 100 tasks should take less than ${taskSeconds.p95} s, waiting excluded.`,
      unit: 's',
      empty: 'no task has ended in this time.',
      to: 'tasks',
    },
  ),
  timeline(
    'Telemetry that came late',
    { '{{signal}}': promql`ceil(max_over_time(${telemetryStale}[$__rate_interval]))` },
    {
      read: `Red while data of a signal waited longer than ${freshSeconds} s: then everything here was older than it looked.`,
      unit: 'none',
      steps: { green: 0, red: 1 },
      points,
      width: 10,
      empty: 'the rules of prometheus/slo have not run yet.',
      to: 'telemetry-pipeline',
    },
  ),
  traces('Commands that broke their promise', traceql`{ ${commandExecute} && ${slaMet} = false }`, {
    read: 'The newest commands of a week that took longer than they had promised. The longest bar in a trace is where the time went.',
    // Tempo searches no more than a week at a time.
    over: 'now-7d',
    most: 5,
    width: 14,
    empty: 'every command kept its promise in this week.',
  }),
]);

export default twin(
  'json',
  dashboard(
    'sla',
    {
      question: 'Which promises do we keep, and how much room is left?',
      from: 'now-30d',
      refresh: '5m',
      variables: [environment],
    },
    [state, trend, each, answers, speed],
  ),
);

function lowered(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
