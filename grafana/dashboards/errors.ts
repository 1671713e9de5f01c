/** D16: what fails, since when, where it comes from, what exactly happened, and what it costs. Most alerts lead here. */
import { agentErrors, agentRuns } from '../../instrumentation/src/catalog/agents.ts';
import { agentName, errorType, workflowName } from '../../instrumentation/src/catalog/attributes.ts';
import {
  fallbackCause,
  llmErrors,
  llmFallbacks,
  operationDuration,
  requestModel,
} from '../../instrumentation/src/catalog/llm.ts';
import { component, componentOperations } from '../../instrumentation/src/catalog/resources.ts';
import { httpServerDuration } from '../../instrumentation/src/catalog/runtime.ts';
import { record } from '../../instrumentation/src/catalog/service.ts';
import { agentTaskCost, agentTasksFailed, agentTasksStarted } from '../../instrumentation/src/catalog/tasks.ts';
import { toolCalls, toolName } from '../../instrumentation/src/catalog/tools.ts';
import { targets } from '../../prometheus/targets.ts';
import { logql } from '../../queries/logql.ts';
import { promql, type Query } from '../../queries/promql.ts';
import { traceql } from '../../queries/traceql.ts';
import { twin } from '../../twin.ts';
import { dashboard, details, row } from '../dashboard.ts';
import { grown } from '../lines.ts';
import { ofCell, ofSeries, open } from '../links.ts';
import { bars, mishaps, stacked, stat, timeseries } from '../panels.ts';
import { logs, traces } from '../signals.ts';
import { table } from '../table.ts';
import { agent, environment, model } from '../variables.ts';

const here = 'deployment_environment_name=~"$environment"';
const chosen = `${here}, agent_name=~"$agent"`;
const asked = `${here}, gen_ai_request_model=~"$model"`;
const idle = 'nothing of the kind was done in this time, well or badly.';
const toAgent = open('agent-detail', { agent: ofSeries(agentName) });
const { taskFailures } = targets;

const errors = promql`${agentErrors}{${chosen}}`;
const failedCost = promql`${agentTaskCost}{${chosen}, outcome="failure"}`;

/** Each layer rests on those below it: what is done there, and what of it fails. */
const layers = {
  Tasks: { all: promql`${agentTasksStarted}{${chosen}}`, bad: promql`${agentTasksFailed}{${chosen}}` },
  Tools: { all: promql`${toolCalls}{${chosen}}`, bad: promql`${toolCalls}{${chosen}, outcome="failure"}` },
  Models: { all: promql`${operationDuration}_count{${asked}}`, bad: promql`${llmErrors}{${asked}}` },
  Parts: {
    all: promql`${componentOperations}{${here}}`,
    bad: promql`${componentOperations}{${here}, outcome="failure"}`,
  },
  'Own API': {
    all: promql`${httpServerDuration}_count{${here}}`,
    bad: promql`${httpServerDuration}_count{${here}, http_response_status_code=~"5.."}`,
  },
};

type Layer = (typeof layers)[keyof typeof layers];

/** A counter of failures begins with the first: until then there are none, as long as there is anything to fail. */
const share = ({ all, bad }: Layer, window: '5m' | '$__range') =>
  promql`(${grown(bad, [], window)} or 0 * ${grown(all, [], window)}) / ${grown(all, [], window)}`;

const shareOverTime = ({ all, bad }: Layer): Query =>
  promql`(sum(rate(${bad}[$__rate_interval])) or 0 * sum(rate(${all}[$__rate_interval]))) / sum(rate(${all}[$__rate_interval]))`;

const now = row('What fails now?', [
  stat('Tasks', share(layers.Tasks, '5m'), {
    read: `Share of the tasks begun in the last 5 minutes that failed. Above ${100 * taskFailures.critical} % someone is woken.`,
    unit: 'percentunit',
    decimals: 1,
    steps: { green: 0, yellow: taskFailures.green, red: taskFailures.red },
    empty: idle,
    width: 4,
    to: 'tasks',
  }),
  stat('Tool calls', share(layers.Tools, '5m'), {
    read: 'Share of the tool calls of the last 5 minutes that failed. Agents try others before their task fails.',
    unit: 'percentunit',
    decimals: 1,
    empty: idle,
    width: 4,
    to: 'agent-performance',
  }),
  stat('Model calls', share(layers.Models, '5m'), {
    read: 'Share of the model calls of the last 5 minutes that failed. Some are made good by another model: see the fallbacks.',
    unit: 'percentunit',
    decimals: 1,
    empty: idle,
    width: 4,
    to: 'cost-by-model',
  }),
  stat('Parts', share(layers.Parts, '5m'), {
    read: 'Share of what the parts of the system did in the last 5 minutes that failed.',
    unit: 'percentunit',
    decimals: 1,
    empty: idle,
    width: 4,
    to: 'operations',
  }),
  stat('Our API', share(layers['Own API'], '5m'), {
    read: 'Share of the requests of the last 5 minutes that were answered with 5xx.',
    unit: 'percentunit',
    decimals: 1,
    empty: idle,
    width: 4,
    to: 'system-health',
  }),
  stat('Money lost', promql`${grown(failedCost)} or 0 * ${grown(layers.Tasks.all)}`, {
    read: 'Money spent in the time range on tasks that came to nothing. The row on money says where.',
    unit: 'currencyUSD',
    decimals: 2,
    empty: idle,
    width: 4,
    to: 'cost',
  }),
]);

const trend = row('What began first?', [
  timeseries(
    'Share that fails, by layer',
    Object.fromEntries(Object.entries(layers).map(([name, layer]) => [name, shareOverTime(layer)])),
    {
      read: 'Tasks rest on tools and models, and those on parts. The line that rises first is the cause, those that follow are its victims. Tasks alone: the agents’ own code or prompts.',
      unit: 'percentunit',
      width: 12,
      empty: idle,
    },
  ),
  mishaps(
    'Failed runs, by kind of error',
    { '{{error_type}}': grown(errors, [errorType], '$__interval') },
    {
      read: 'Runs of agents, counted in each bar since the one before. One kind that begins at a blue line came with that deployment.',
      unit: 'short',
      every: '1m',
      width: 6,
      empty: 'no run has failed.',
    },
  ),
  mishaps(
    'Failed runs, by agent',
    { '{{agent_name}}': grown(errors, [agentName], '$__interval') },
    {
      read: 'One agent: what it alone does. All agents: what they share. A click opens the agent.',
      unit: 'short',
      every: '1m',
      width: 6,
      empty: 'no run has failed.',
      to: toAgent,
    },
  ),
]);

const where = row('Where does it come from?', [
  mishaps(
    'Model calls that failed',
    { '{{gen_ai_request_model}}: {{error_type}}': grown(layers.Models.bad, [requestModel, errorType], '$__interval') },
    {
      read: 'By model and error. 429: we ask too much, 5xx or a timeout: the provider, 400: what we send.',
      unit: 'short',
      every: '1m',
      empty: 'no model call has failed.',
      to: 'cost-by-model',
    },
  ),
  mishaps(
    'Operations that failed, by component',
    { '{{component}}: {{error_type}}': grown(layers.Parts.bad, [component, errorType], '$__interval') },
    {
      read: 'By part and error. Operations has the status of each part over time.',
      unit: 'short',
      every: '1m',
      empty: 'no operation has failed.',
      to: 'operations',
    },
  ),
  mishaps(
    'Tool calls that failed, by tool',
    { '{{gen_ai_tool_name}}': grown(layers.Tools.bad, [toolName], '$__interval') },
    {
      read: 'One tool: the service behind it, or what agents ask of it. Take it away from them until it is back.',
      unit: 'short',
      every: '1m',
      empty: 'no tool call has failed.',
      to: 'performance',
    },
  ),
]);

const kinds = [errorType, agentName];
const kind = 'error_type, agent_name';

const since = row('Which kinds are there, and since when?', [
  table(
    'Kinds of error',
    {
      Error: { label: errorType },
      Agent: { label: agentName, to: open('agent-detail', { agent: ofCell }) },
      Times: { query: grown(errors, kinds), unit: 'short', decimals: 0, bar: true },
      'Last 5 minutes': { query: grown(errors, kinds, '5m'), unit: 'short', decimals: 0, steps: { green: 0, red: 1 } },
      'First seen': {
        query: promql`1000 * min by (${kind}) (min_over_time(timestamp(${errors})[$__range:1m]))`,
        unit: 'dateTimeFromNow',
      },
    },
    {
      read: 'Of the runs of agents in the time range. Red still goes on. First seen looks as far back as the time range: a kind that is older shows its beginning.',
      sort: 'Times',
      width: 16,
      empty: 'no run has failed in this time.',
    },
  ),
  bars(
    'Kinds not seen the day before',
    {
      '{{error_type}}': promql`topk(10, ${grown(errors, [errorType], '1h')} > 0 unless count by (${errorType}) (last_over_time(${errors}[1d] offset 1h)))`,
    },
    {
      read: 'Kinds of error of the last hour that nobody met in the 24 hours before it, and how often. What is new came with a change: look at the deployments.',
      unit: 'short',
      decimals: 0,
      empty: 'nothing new has gone wrong.',
      to: 'operations',
    },
  ),
]);

const exactly = row('What exactly happened?', [
  logs(
    'Records of errors',
    logql`{service_name=~".+", deployment_environment_name=~"$environment"} | event_name=${record} | ${errorType}!="" | line_format "{{.component}}: {{ __line__ | trunc 120 }}: {{.error_type}}: {{ regexReplaceAll \"\\\\s+\" .error_message \" \" | trunc 200 }}{{ if .recovery_action }} → {{.recovery_action}}{{ end }}{{ if .impact }} ({{.impact}}){{ end }}"`,
    {
      read: 'Part, what it said, what went wrong → what was done about it (who suffers), the newest first. Click on one for its stack and its trace.',
      width: 24,
      empty: 'no error was recorded in this time.',
    },
  ),
  traces(
    'Spans with an error',
    traceql`{ status = error && ${agentName} =~ "$agent" } | select(${agentName}, ${errorType})`,
    {
      read: 'Spans of agents that failed, the newest traces first. A click on an id opens the trace: the failed span furthest down is where it began.',
      rows: 'spans',
      columns: { Agent: agentName, Error: errorType },
      width: 24,
      empty: 'no span of an agent failed in this time.',
    },
  ),
]);

const money = row('What do failures cost?', [
  stacked(
    'Cost of failed tasks, by agent',
    { '{{agent_name}}': grown(failedCost, [agentName], '$__interval') },
    {
      read: 'Money, counted in each bar since the one before, and known when a task has ended. A peak without more failures: large tasks that fail late.',
      unit: 'currencyUSD',
      every: '1m',
      width: 12,
      empty: 'no task has failed that cost anything.',
      to: toAgent,
    },
  ),
  bars(
    'Share of cost that failed, by agent',
    {
      '{{agent_name}}': promql`topk(10, ${grown(failedCost, [agentName])} / ${grown(promql`${agentTaskCost}{${chosen}}`, [agentName])})`,
    },
    {
      read: 'Of what an agent’s tasks cost in the time range, the part that came to nothing. Where it is high, fail earlier: check before the dear call.',
      unit: 'percentunit',
      decimals: 1,
      width: 6,
      empty: 'no task has failed that cost anything.',
      to: toAgent,
    },
  ),
  bars(
    'Cost of failed tasks, by workflow',
    { '{{workflow_name}}': promql`topk(10, ${grown(failedCost, [workflowName])} > 0)` },
    {
      read: 'Where the money went in the time range that bought nothing.',
      unit: 'currencyUSD',
      width: 6,
      empty: 'no task has failed that cost anything.',
      to: 'workflows',
    },
  ),
]);

const hidden = details('What fails without being felt?', [
  stacked(
    'Fallbacks, by cause',
    { '{{llm_fallback_cause}}': grown(promql`${llmFallbacks}{${asked}}`, [fallbackCause], '$__interval') },
    {
      read: 'Calls that another model answered, counted in each bar since the one before. They hide a failing provider, mostly at another price.',
      unit: 'short',
      every: '1m',
      empty: 'no other model had to stand in.',
      to: 'cost-by-model',
    },
  ),
  mishaps(
    'Runs called off, by agent',
    { '{{agent_name}}': grown(promql`${agentRuns}{${chosen}, agent_status="cancelled"}`, [agentName], '$__interval') },
    {
      read: 'Neither done nor failed: somebody no longer wanted them, or the service stopped.',
      unit: 'short',
      every: '1m',
      empty: 'no run was called off.',
      to: toAgent,
    },
  ),
  mishaps(
    'Log records of errors, by service',
    {
      '{{service_name}}': logql`sum by (service_name) (count_over_time({service_name=~".+", deployment_environment_name=~"$environment"} | detected_level=~"error|fatal|critical" [$__interval]))`,
    },
    {
      read: 'All that was logged as an error, of agents or not, counted in each bar since the one before. Many records without failed runs: something fails and is not missed, yet.',
      unit: 'short',
      every: '1m',
      empty: 'no error was logged.',
      to: 'operations',
    },
  ),
]);

export default twin(
  'json',
  dashboard(
    'errors',
    {
      question: 'What fails, since when, why, and what does it cost?',
      variables: [environment, agent, model],
    },
    [now, trend, where, since, exactly, money, hidden],
  ),
);
