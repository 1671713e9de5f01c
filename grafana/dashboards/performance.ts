/** D15: p50, p95, p99, error rate and throughput by agent and by operation, and where the time goes. */
import { agentName, taskType } from '../../instrumentation/src/catalog/attributes.ts';
import { executionDuration } from '../../instrumentation/src/catalog/code.ts';
import { operationDuration, requestModel, timeToFirstChunk } from '../../instrumentation/src/catalog/llm.ts';
import { memoryAccessDuration, memoryLayer } from '../../instrumentation/src/catalog/memory.ts';
import { destination, processDuration, queueName, queueWaitTime } from '../../instrumentation/src/catalog/messages.ts';
import { dbDuration, dbOperation } from '../../instrumentation/src/catalog/resources.ts';
import {
  agentTaskDuration,
  agentTasksFailed,
  agentTasksStarted,
  taskExecute,
} from '../../instrumentation/src/catalog/tasks.ts';
import { toolDuration, toolName } from '../../instrumentation/src/catalog/tools.ts';
import { workflowApprovalWaitTime } from '../../instrumentation/src/catalog/workflows.ts';
import { targets } from '../../prometheus/targets.ts';
import { promql } from '../../queries/promql.ts';
import { collector } from '../../queries/stack-metrics.ts';
import { traceql } from '../../queries/traceql.ts';
import { twin } from '../../twin.ts';
import { dashboard, details, row } from '../dashboard.ts';
import { buckets, grown, percentiles, quantileOf, straight } from '../lines.ts';
import { ofCell, ofSeries, open } from '../links.ts';
import { bars, heatmap, stat, timeseries } from '../panels.ts';
import { traces } from '../signals.ts';
import { table } from '../table.ts';
import { agent, environment } from '../variables.ts';

const here = 'deployment_environment_name=~"$environment"';
const chosen = `${here}, agent_name=~"$agent"`;
const idle = 'no agent has ended a task in this time. Have some done: "npm run demo".';
const toAgent = open('agent-detail', { agent: ofSeries(agentName) });
const { taskSeconds, taskFailures } = targets;

const begun = promql`${agentTasksStarted}{${chosen}}`;
const failed = promql`${agentTasksFailed}{${chosen}}`;
const lately = (quantile: 'p50' | 'p95' | 'p99') => quantileOf(quantile, agentTaskDuration, chosen, undefined, '5m');
const begunByAgent = promql`sum by (${agentName}) (increase(${begun}[$__rate_interval]))`;

const now = row('How fast is the fleet now?', [
  stat('Task, p50', lately('p50'), {
    read: 'Half of the tasks of the last 5 minutes took less: what is usual.',
    unit: 's',
    decimals: 1,
    empty: idle,
    width: 4,
    to: 'tasks',
  }),
  stat('Task, p95', lately('p95'), {
    read: `95 of 100 tasks of the last 5 minutes took less. The aim is ${taskSeconds.p95} s; a single agent may take ${taskSeconds.singleAgentP95} s.`,
    unit: 's',
    decimals: 1,
    steps: { green: 0, yellow: taskSeconds.p95, red: taskSeconds.singleAgentP95 },
    empty: idle,
    width: 4,
    to: 'agent-performance',
  }),
  stat('Task, p99', lately('p99'), {
    read: 'The slowest of 100 tasks of the last 5 minutes: far above p95, a few are stuck on something that others do not need.',
    unit: 's',
    decimals: 1,
    empty: idle,
    width: 4,
    to: 'agent-performance',
  }),
  stat(
    'Tasks fail',
    promql`(${grown(failed, [], '5m')} or 0 * ${grown(begun, [], '5m')}) / ${grown(begun, [], '5m')}`,
    {
      read: 'Share of the tasks begun in the last 5 minutes that failed. A fleet that fails fast looks fast: read this beside the times.',
      unit: 'percentunit',
      decimals: 1,
      steps: { green: 0, yellow: taskFailures.green, red: taskFailures.red },
      empty: idle,
      width: 4,
      to: 'errors',
    },
  ),
  stat('Tasks/min', promql`sum(rate(${begun}[5m])) * 60`, {
    read: 'Tasks begun, over the last 5 minutes. Times that rise with it are load; times that rise alone are trouble.',
    unit: 'short',
    decimals: 1,
    empty: idle,
    width: 4,
    to: 'tasks',
  }),
  stat('Queues, p95', quantileOf('p95', queueWaitTime, here, undefined, '5m'), {
    read: 'In the last 5 minutes 95 of 100 waited less before their work began. It is in no task’s duration, and people feel it all the same.',
    unit: 's',
    decimals: 1,
    empty: 'nothing has waited in a queue in this time.',
    width: 4,
    to: 'live',
  }),
]);

const trend = row('Is it getting worse?', [
  timeseries(
    'Task duration',
    { ...percentiles(agentTaskDuration, chosen), Limit: straight(taskSeconds.p95) },
    {
      read: 'p95 belongs below the dashed line. All three rise: everything waits for one thing. Only p99: a few do. A dot is one task: a click opens its trace.',
      unit: 's',
      empty: idle,
    },
  ),
  timeseries(
    'Task duration, p95, against yesterday',
    {
      p95: promql`histogram_quantile(0.95, sum by (le) (rate(${agentTaskDuration}_bucket{${chosen}}[15m])))`,
      Yesterday: promql`histogram_quantile(0.95, sum by (le) (rate(${agentTaskDuration}_bucket{${chosen}}[15m] offset 1d)))`,
    },
    {
      read: 'The same hour a day ago, each point over 15 minutes. A gap that stays open since a deployment is a regression.',
      unit: 's',
      empty: 'yesterday’s line needs a day of data.',
    },
  ),
  timeseries('Task duration, p95, by agent', percentiles(agentTaskDuration, chosen, { of: ['p95'], by: agentName }), {
    read: 'One line alone: that agent, its model or its tool. A click on a line opens the agent.',
    unit: 's',
    empty: idle,
    to: toAgent,
  }),
  timeseries(
    'Tasks a minute, by agent',
    { '{{agent_name}}': promql`60 * sum by (${agentName}) (rate(${begun}[$__rate_interval]))` },
    {
      read: 'Throughput. It falls while queues grow: the agents cannot keep up. It falls with empty queues: nobody asks.',
      unit: 'suffix: /min',
      width: 12,
      empty: idle,
      to: toAgent,
    },
  ),
  timeseries(
    'Error rate, by agent',
    {
      '{{agent_name}}': promql`(sum by (${agentName}) (increase(${failed}[$__rate_interval])) or 0 * ${begunByAgent}) / ${begunByAgent}`,
    },
    {
      read: 'Share of the tasks that failed. Errors and times that rise together are timeouts.',
      unit: 'percentunit',
      steps: { green: 0, red: taskFailures.singleAgent },
      width: 12,
      empty: idle,
      to: toAgent,
    },
  ),
]);

const kinds = [agentName, taskType];
const quantile = (share: number) =>
  promql`histogram_quantile(${share}, sum by (${agentName}, ${taskType}, le) (rate(${agentTaskDuration}_bucket{${chosen}}[$__range])))`;

const who = row('Which agent, at which task?', [
  table(
    'Agents and their tasks',
    {
      Agent: { label: agentName, to: open('agent-detail', { agent: ofCell }) },
      Task: { label: taskType },
      Begun: { query: grown(begun, kinds), unit: 'short', decimals: 0, bar: true },
      'Share failed': {
        query: promql`(${grown(failed, kinds)} or 0 * ${grown(begun, kinds)}) / ${grown(begun, kinds)}`,
        unit: 'percentunit',
        decimals: 1,
        steps: { green: 0, yellow: taskFailures.green, red: taskFailures.singleAgent },
      },
      p50: { query: quantile(0.5), unit: 's', decimals: 1 },
      p95: { query: quantile(0.95), unit: 's', decimals: 1, steps: { green: 0, red: taskSeconds.singleAgentP95 } },
      p99: { query: quantile(0.99), unit: 's', decimals: 1 },
    },
    {
      read: 'In the time range, the slowest first. A task that is slow with one agent only: that agent; with all: the task.',
      sort: 'p95',
      width: 16,
      height: 9,
      empty: idle,
    },
  ),
  heatmap('Task duration, spread', buckets(agentTaskDuration, chosen), {
    read: `Bands are kinds of task. Above ${taskSeconds.outlier} s lie the outliers: a dot is one of them, a click opens its trace.`,
    unit: 's',
    height: 9,
    empty: idle,
  }),
]);

const operation = 'service_name, span_name';
const spans = promql`sum by (${operation}) (rate(${collector.spanCalls}{${here}}[10m]))`;
/**
 * Span metrics come every few seconds: a longer window would make Prometheus read millions of samples. Kinds of span that
 * none came of in it have no share and no quantile, and are left out.
 */
const ofSpans = (share: number) =>
  promql`histogram_quantile(${share}, sum by (${operation}, le) (rate(${collector.spanSeconds}_bucket{${here}}[10m]))) >= 0`;
/** As many as there is room for. */
const slowest = promql`topk(7, ${ofSpans(0.95)})`;

const what = row('Which operation, and what does it wait for?', [
  table(
    'Operations, last 10 minutes',
    {
      Service: { label: 'service_name' },
      Operation: { label: 'span_name' },
      'A minute': { query: promql`60 * ${spans} and ${slowest}`, unit: 'short', decimals: 1 },
      'Share failed': {
        query: promql`(sum by (${operation}) (rate(${collector.spanCalls}{${here}, status_code="STATUS_CODE_ERROR"}[10m])) or 0 * ${spans}) / ${spans} and ${slowest}`,
        unit: 'percentunit',
        decimals: 1,
      },
      p50: { query: promql`${ofSpans(0.5)} and ${slowest}`, unit: 's' },
      p95: { query: slowest, unit: 's', bar: true },
      p99: { query: promql`${ofSpans(0.99)} and ${slowest}`, unit: 's' },
    },
    {
      read: 'The seven slowest kinds of span of all agents: workflow, agent, task, model, tool, database, HTTP. What stands above waits for what stands below: the lowest one that has become slower is the cause.',
      sort: 'p95',
      width: 16,
      height: 10,
      empty: 'no service has sent a span in the last 10 minutes.',
    },
  ),
  bars(
    'Where the time goes',
    {
      People: grown(promql`${workflowApprovalWaitTime}_sum{${here}}`),
      Queues: grown(promql`${queueWaitTime}_sum{${here}}`),
      Models: grown(promql`${operationDuration}_sum{${here}}`),
      Tools: grown(promql`${toolDuration}_sum{${here}}`),
      'Code that runs': grown(promql`${executionDuration}_sum{${here}}`),
      Memory: grown(promql`${memoryAccessDuration}_sum{${here}}`),
      Databases: grown(promql`${dbDuration}_sum{${here}}`),
    },
    {
      read: 'What was waited for in the time range, all added up: work side by side counts twice, and tools run code. The longest bar is where being faster pays most; where people are the longest, no machine helps.',
      unit: 's',
      decimals: 1,
      height: 10,
      empty: idle,
      to: 'workflows',
    },
  ),
]);

const causes = row('Since when is what they wait for slow?', [
  timeseries('Model calls, p95, by model', percentiles(operationDuration, here, { of: ['p95'], by: requestModel }), {
    read: 'Of all agents together. Slow: let another model answer until it is back, or ask for less at a time.',
    unit: 's',
    width: 6,
    empty: 'no model was called in this time.',
    to: 'cost-by-model',
  }),
  timeseries('First words, p95, by model', percentiles(timeToFirstChunk, here, { of: ['p95'], by: requestModel }), {
    read: 'From the request to the first part of a streamed answer. Late first words are a provider that is full; late last ones are long answers.',
    unit: 's',
    width: 6,
    empty: 'no answer was streamed in this time.',
    to: 'cost-by-model',
  }),
  timeseries('Tool calls, p95, by tool', percentiles(toolDuration, here, { of: ['p95'], by: toolName }), {
    read: 'A slow tool is mostly the service behind it: System health shows whom we ask and how they answer.',
    unit: 's',
    width: 6,
    empty: 'no tool was called in this time.',
    to: 'system-health',
  }),
  timeseries('Wait, p95, by queue', percentiles(queueWaitTime, here, { of: ['p95'], by: queueName }), {
    read: 'Before work began. It grows without end: more comes in than is done, so add agents, or send less.',
    unit: 's',
    width: 6,
    empty: 'nothing has waited in a queue in this time.',
    to: 'live',
  }),
]);

const below = details('And what is below?', [
  timeseries(
    'Work on a message, p95, by receiver',
    percentiles(processDuration, here, { of: ['p95'], by: destination }),
    {
      read: 'From taking a message to being done with it.',
      unit: 's',
      empty: 'no message was worked on in this time.',
    },
  ),
  timeseries(
    'Memory accesses, p95, by layer',
    percentiles(memoryAccessDuration, chosen, { of: ['p95'], by: memoryLayer }),
    {
      read: 'How long agents take to remember. It grows with what is kept: forget more, or index it.',
      unit: 's',
      empty: 'no agent used its memory in this time.',
    },
  ),
  timeseries('Database calls, p95, by operation', percentiles(dbDuration, here, { of: ['p95'], by: dbOperation }), {
    read: 'System health has the pools: a call that waits for a connection is slow as well.',
    unit: 's',
    empty: 'no database was asked in this time.',
    to: 'system-health',
  }),
]);

const latest = details('What did the slow ones do?', [
  traces('Slow tasks', traceql`{ ${taskExecute} && duration > ${taskSeconds.p95}s && ${agentName} =~ "$agent" }`, {
    read: `Tasks of more than ${taskSeconds.p95} s, the newest first. In the trace the widest span without children is where the time went.`,
    width: 24,
    empty: 'no task took that long in this time.',
  }),
]);

export default twin(
  'json',
  dashboard(
    'performance',
    { question: 'How fast is the fleet, and where does the time go?', variables: [environment, agent] },
    [now, trend, who, what, causes, below, latest],
  ),
);
