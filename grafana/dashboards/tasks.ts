/** D14: tasks by type and agent: how they end, how long they take and wait, what they cost, and which to look at. */
import { agentName, errorType, outcome, taskType } from '../../instrumentation/src/catalog/attributes.ts';
import { queueDepth, queueName, queueWaitTime } from '../../instrumentation/src/catalog/messages.ts';
import {
  agentTaskCost,
  agentTaskDuration,
  agentTaskRetries,
  agentTasksFailed,
  agentTasksStarted,
  taskExecute,
} from '../../instrumentation/src/catalog/tasks.ts';
import { targets } from '../../prometheus/targets.ts';
import { promql } from '../../queries/promql.ts';
import { traceql } from '../../queries/traceql.ts';
import { twin } from '../../twin.ts';
import { dashboard, row } from '../dashboard.ts';
import { buckets, grown, percentiles, quantileOf } from '../lines.ts';
import { ofCell, ofColumn, ofSeries, open } from '../links.ts';
import { bars, heatmap, mishaps, pie, stacked, stat, timeseries } from '../panels.ts';
import { traces } from '../signals.ts';
import { table } from '../table.ts';
import { agent, environment, variable } from '../variables.ts';

const here = 'deployment_environment_name=~"$environment"';
const ofAgent = `${here}, agent_name=~"$agent"`;
const chosen = `${ofAgent}, task_type=~"$task"`;

const task = variable('task', 'Task type', promql`${agentTasksStarted}{${ofAgent}}`, taskType);

const started = promql`${agentTasksStarted}{${chosen}}`;
const failed = promql`${agentTasksFailed}{${chosen}}`;
const retries = promql`${agentTaskRetries}{${chosen}}`;
const ended = promql`${agentTaskDuration}_count{${chosen}}`;
const cost = promql`${agentTaskCost}{${chosen}}`;

const idle = 'no agent has begun such a task in this time.';
const noneFailed = 'no such task has failed in this time.';
const noQueue = 'nothing has waited in a queue in this time.';
const { taskFailures, taskSeconds } = targets;
const byRow = [agentName, taskType];

const state = row('Do tasks get done?', [
  stat('Begun', grown(started), {
    read: 'Tasks begun in the time range.',
    unit: 'short',
    decimals: 0,
    empty: idle,
    width: 4,
    to: 'live',
  }),
  stat('Tasks that fail', promql`(${grown(failed)} or 0 * ${grown(started)}) / (${grown(started)} > 0)`, {
    read: `Share of the tasks begun in the time range that failed. Above ${100 * taskFailures.red} % it is red, above ${100 * taskFailures.critical} % someone is told: see "Failures, by error".`,
    unit: 'percentunit',
    decimals: 1,
    steps: { green: 0, yellow: taskFailures.green, red: taskFailures.red },
    empty: idle,
    width: 4,
    to: 'errors',
  }),
  stat('Duration, p95', quantileOf('p95', agentTaskDuration, chosen, undefined, '$__range'), {
    read: `In the time range 95 of 100 tasks took less. The aim is ${taskSeconds.p95} s; waiting in a queue is not in it.`,
    unit: 's',
    decimals: 1,
    steps: { green: 0, red: taskSeconds.p95 },
    empty: idle,
    width: 4,
    to: 'performance',
  }),
  stat('Tried again', promql`(${grown(retries)} or 0 * ${grown(started)}) / (${grown(started)} > 0)`, {
    read: 'Attempts after a failure, as a share of the tasks begun. High with few failures: something behind the tasks is slow or limited, and retries hide it.',
    unit: 'percentunit',
    decimals: 1,
    empty: idle,
    width: 4,
    to: 'agent-performance',
  }),
  stat('Longest queue', promql`max(${queueDepth}{${here}})`, {
    read: `Items that wait in the fullest queue now, whoever it is for. Above ${targets.queueDepth} someone is told: see "What do they wait for?".`,
    unit: 'short',
    steps: { green: 0, red: targets.queueDepth },
    empty: noQueue,
    width: 4,
    to: 'live',
  }),
  stat('Cost per task', promql`${grown(cost)} / (${grown(ended)} > 0)`, {
    read: 'What a task cost that ended in the time range, on average. Jumps after a deployment are a longer prompt or a dearer model.',
    unit: 'currencyUSD',
    empty: 'no such task that cost money has ended in this time.',
    width: 4,
    to: 'cost',
  }),
]);

const trend = row('How does it change?', [
  stacked(
    'Tasks a minute, by type',
    { '{{task_type}}': promql`60 * sum by (${taskType}) (rate(${started}[$__rate_interval]))` },
    {
      read: 'Tasks begun. A type that grows alone is asked for more; all together is more traffic. A click keeps one type.',
      unit: 'suffix: /min',
      empty: idle,
      to: open('tasks', { task: ofSeries(taskType) }),
    },
  ),
  stacked(
    'How they end',
    { '{{outcome}}': promql`60 * sum by (${outcome}) (rate(${ended}[$__rate_interval]))` },
    {
      read: 'Tasks a minute that ended, by how. A cancelled one was called off: it is neither well nor failed.',
      unit: 'suffix: /min',
      empty: idle,
    },
  ),
  timeseries('Duration', percentiles(agentTaskDuration, chosen), {
    read: 'Half of the tasks take less than p50. p95 that leaves p50 behind: some inputs are heavy, or something they share is busy. A dot is one task: a click opens its trace.',
    unit: 's',
    empty: idle,
    to: 'performance',
  }),
]);

const cause = row('Which tasks fail or drag, and why?', [
  mishaps(
    'Failures, by error',
    { '{{error_type}}': grown(failed, [errorType], '$__interval') },
    {
      read: 'Each failed task once. One error alone is one cause; several at once have something in common below them.',
      unit: 'short',
      every: '1m',
      empty: noneFailed,
      to: 'errors',
    },
  ),
  mishaps(
    'Retries, by type',
    { '{{task_type}}': grown(retries, [taskType], '$__interval') },
    {
      read: 'Attempts after a failure. Many retries of one type: it depends on something that is unsteady.',
      unit: 'short',
      every: '1m',
      empty: 'no such task was tried again in this time.',
    },
  ),
  heatmap('Duration, spread', buckets(agentTaskDuration, chosen), {
    read: `How many tasks took how long. Two clouds are two kinds of work; above ${taskSeconds.outlier} s lie the outliers. A dot is one task: a click opens its trace.`,
    unit: 's',
    empty: idle,
  }),
  table(
    'Tasks, by agent and type',
    {
      Agent: { label: agentName, to: open('agent-detail', { agent: ofCell }) },
      Task: { label: taskType, to: open('tasks', { agent: ofColumn('Agent'), task: ofCell }) },
      Begun: { query: grown(started, byRow), unit: 'short' },
      Failed: { query: promql`${grown(failed, byRow)} > 0`, unit: 'short' },
      'Failed share': {
        query: promql`(${grown(failed, byRow)} > 0) / ${grown(started, byRow)}`,
        unit: 'percentunit',
        decimals: 1,
        steps: { green: 0, yellow: taskFailures.green, red: taskFailures.red },
      },
      Retries: { query: promql`${grown(retries, byRow)} > 0`, unit: 'short' },
      'Duration, p95': {
        query: promql`histogram_quantile(0.95, sum by (${agentName}, ${taskType}, le) (rate(${agentTaskDuration}_bucket{${chosen}}[$__range]))) > 0`,
        unit: 's',
        decimals: 1,
        steps: { green: 0, yellow: taskSeconds.p95, red: taskSeconds.singleAgentP95 },
      },
      Cost: { query: grown(cost, byRow), unit: 'currencyUSD', bar: true },
      'Per task': {
        query: promql`${grown(cost, byRow)} / (${grown(ended, byRow)} > 0)`,
        unit: 'currencyUSD',
      },
    },
    {
      read: 'Everything about each type of each agent in the time range. Sort by what hurts: failed, slow or dear. A click on a task keeps that row alone.',
      sort: 'Failed',
      width: 24,
      empty: idle,
    },
  ),
]);

const wait = row('What do they wait for?', [
  timeseries(
    'Waiting, by queue',
    { '{{queue_name}}': promql`max by (${queueName}) (${queueDepth}{${here}})` },
    {
      read: `Items that wait. A line that only rises gets more than is worked off: start more agents, or ask for less. Above ${targets.queueDepth} someone is told.`,
      unit: 'short',
      steps: { green: 0, red: targets.queueDepth },
      width: 12,
      empty: noQueue,
      to: 'live',
    },
  ),
  timeseries('Wait, p95, by queue', percentiles(queueWaitTime, here, { of: ['p95'], by: queueName }), {
    read: 'How long 95 of 100 items waited at most before their work began. Users feel it as slowness that no task shows.',
    unit: 's',
    width: 12,
    empty: noQueue,
  }),
]);

const price = row('What do they cost?', [
  bars(
    'Cost per task, by type',
    {
      '{{task_type}}': promql`topk(10, ${grown(cost, [taskType])} / (${grown(ended, [taskType])} > 0))`,
    },
    {
      read: 'The dearest types, per task that ended. Worth a smaller model, a shorter prompt or a cache.',
      unit: 'currencyUSD',
      height: 7,
      empty: 'no such task that cost money has ended in this time.',
      to: 'cost',
    },
  ),
  pie(
    'Cost, by how they ended',
    { '{{outcome}}': grown(cost, [outcome]) },
    {
      read: 'What was spent on tasks that ended well, failed, or were called off. Red is money without a result.',
      unit: 'currencyUSD',
      width: 8,
      empty: 'no such task that cost money has ended in this time.',
      to: 'cost',
    },
  ),
  pie(
    'Tasks, by how they ended',
    { '{{outcome}}': grown(ended, [outcome]) },
    {
      read: 'Compare with the money beside it: failed work that costs more than its share runs long before it fails.',
      unit: 'short',
      decimals: 0,
      width: 8,
      empty: 'no such task has ended in this time.',
    },
  ),
]);

const latest = row('Which ones exactly?', [
  traces(
    'Failed tasks',
    traceql`{ ${taskExecute} && ${agentName} =~ "$agent" && ${taskType} =~ "$task" && ${outcome} = "failure" }`,
    {
      most: 5,
      read: 'The newest traces with a task that failed. Open one and look for the first red span: that is where it began.',
      empty: noneFailed,
    },
  ),
  traces(
    'Slow tasks',
    traceql`{ ${taskExecute} && ${agentName} =~ "$agent" && ${taskType} =~ "$task" && duration > ${taskSeconds.p95}s }`,
    {
      most: 5,
      read: `The newest traces with a task that took more than ${taskSeconds.p95} s. The longest bar in it is where the time went.`,
      empty: `no such task took longer than ${taskSeconds.p95} s in this time.`,
    },
  ),
]);

export default twin(
  'json',
  dashboard(
    'tasks',
    {
      question: 'Which tasks are done, which fail or drag, and what do they cost?',
      from: 'now-6h',
      variables: [environment, agent, task],
    },
    [state, trend, cause, wait, price, latest],
  ),
);
