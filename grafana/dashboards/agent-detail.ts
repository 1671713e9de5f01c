/** D02: everything about the agents that were chosen; other pages lead here with one agent set. */
import { agentErrors, agentRetryCount, agentRuns, agentStatus } from '../../instrumentation/src/catalog/agents.ts';
import { agentName, errorType, taskType } from '../../instrumentation/src/catalog/attributes.ts';
import { agentDecisionConfidence, agentDecisions, decisionName } from '../../instrumentation/src/catalog/decisions.ts';
import { agentCost, agentTokens, requestModel } from '../../instrumentation/src/catalog/llm.ts';
import {
  agentActiveTasks,
  agentLastHeartbeat,
  agentTaskDuration,
  agentTasksFailed,
  agentTasksStarted,
  taskExecute,
} from '../../instrumentation/src/catalog/tasks.ts';
import { toolCalls, toolName } from '../../instrumentation/src/catalog/tools.ts';
import { targets } from '../../prometheus/targets.ts';
import { logql } from '../../queries/logql.ts';
import { promql } from '../../queries/promql.ts';
import { traceql } from '../../queries/traceql.ts';
import { twin } from '../../twin.ts';
import { dashboard, details, row } from '../dashboard.ts';
import { buckets, grown, percentiles } from '../lines.ts';
import { bars, heatmap, mishaps, stacked, stat, timeseries } from '../panels.ts';
import { logs, traces } from '../signals.ts';
import { table } from '../table.ts';
import { agent, environment } from '../variables.ts';

const chosen = 'deployment_environment_name=~"$environment", agent_name=~"$agent"';
const idle = 'the agent has done nothing of the kind in this time.';
const { taskFailures, silence } = targets;

const now = row('How is the agent now?', [
  stat('Silent for', promql`max(time() - ${agentLastHeartbeat}{${chosen}})`, {
    read: 'Since the agent last showed that it lives; of several agents, the most silent one. After five minutes someone is told.',
    unit: 's',
    decimals: 0,
    steps: { green: 0, red: silence.seconds },
    empty: 'the agent has never shown itself.',
    width: 4,
    to: 'live',
  }),
  stat('Active tasks', promql`sum(${agentActiveTasks}{${chosen}})`, {
    read: 'Tasks it is at work on.',
    unit: 'short',
    trend: true,
    empty: idle,
    width: 4,
    to: 'live',
  }),
  stat('Runs', promql`sum(increase(${agentRuns}{${chosen}}[$__range]))`, {
    read: 'Runs that ended in the time range.',
    unit: 'short',
    decimals: 0,
    empty: idle,
    width: 4,
    to: 'agent-performance',
  }),
  stat(
    'Tasks that fail',
    promql`(sum(increase(${agentTasksFailed}{${chosen}}[$__range])) or 0 * sum(increase(${agentTasksStarted}{${chosen}}[$__range]))) / sum(increase(${agentTasksStarted}{${chosen}}[$__range]))`,
    {
      read: 'Share of the tasks begun in the time range that failed.',
      unit: 'percentunit',
      steps: { green: 0, yellow: taskFailures.green, red: taskFailures.red },
      empty: idle,
      width: 4,
      to: 'errors',
    },
  ),
  stat('Cost', promql`sum(increase(${agentCost}{${chosen}}[$__range]))`, {
    read: 'Money it spent in the time range.',
    unit: 'currencyUSD',
    decimals: 2,
    empty: idle,
    width: 4,
    to: 'cost',
  }),
  stat('Decisions', promql`sum(increase(${agentDecisions}{${chosen}}[$__range]))`, {
    read: 'Decisions it took in the time range.',
    unit: 'short',
    decimals: 0,
    empty: idle,
    width: 4,
    to: 'agent-performance',
  }),
]);

const trend = row('How does it change?', [
  stacked(
    'Runs a minute, by how they ended',
    { '{{agent_status}}': promql`60 * sum by (${agentStatus}) (rate(${agentRuns}{${chosen}}[$__rate_interval]))` },
    { read: 'Runs that ended, by how. Red among the green: see the errors below.', unit: 'suffix: /min', empty: idle },
  ),
  timeseries('Task duration', percentiles(agentTaskDuration, chosen), {
    read: 'Half of the tasks take less than p50, 95 of 100 less than p95. A dot is one task: a click opens its trace.',
    unit: 's',
    empty: idle,
  }),
  timeseries(
    'Cost an hour, by model',
    {
      '{{gen_ai_request_model}}': promql`3600 * sum by (${requestModel}) (rate(${agentCost}{${chosen}}[$__rate_interval]))`,
    },
    { read: 'What it spends, and on which model.', unit: 'currencyUSD', empty: idle, to: 'cost-by-model' },
  ),
]);

const cause = row('Why?', [
  mishaps(
    'Errors, by kind',
    { '{{error_type}}': promql`sum by (${errorType}) (increase(${agentErrors}{${chosen}}[$__rate_interval]))` },
    {
      read: 'Runs that failed, by error. One kind alone is one cause.',
      unit: 'short',
      empty: 'no run has failed.',
      to: 'errors',
    },
  ),
  mishaps('Retries', promql`sum(increase(${agentRetryCount}{${chosen}}[$__rate_interval]))`, {
    read: 'Runs that were another attempt. Many with few errors: something behind the agent is slow or limited.',
    unit: 'short',
    empty: 'nothing had to be tried again.',
  }),
  table(
    'Tasks, by type',
    {
      Task: { label: taskType },
      Begun: {
        query: grown(promql`${agentTasksStarted}{${chosen}}`, [taskType]),
        unit: 'short',
        decimals: 0,
        bar: true,
      },
      Failed: {
        query: promql`${grown(promql`${agentTasksFailed}{${chosen}}`, [taskType])} or 0 * ${grown(promql`${agentTasksStarted}{${chosen}}`, [taskType])}`,
        unit: 'short',
        decimals: 0,
      },
    },
    {
      read: 'Which tasks fail. A type that fails more than it succeeds is broken, not unlucky.',
      sort: 'Failed',
      width: 8,
      empty: idle,
      to: 'tasks',
    },
  ),
]);

const latest = row('What did it do last?', [
  traces('Traces', traceql`{ ${taskExecute} && ${agentName} =~ "$agent" }`, {
    read: 'The newest tasks. A click on an id opens the trace with its decisions, model and tool calls.',
    empty: 'no task in this time.',
  }),
  logs(
    'Log records',
    logql`{service_name=~".+", deployment_environment_name=~"$environment"} | ${agentName}=~"$agent"`,
    {
      read: 'What it wrote, the newest first. Click on a record for its fields and its trace.',
      empty: 'it wrote nothing in this time.',
    },
  ),
]);

const more = details('What else does it use?', [
  heatmap('Confidence of decisions', buckets(agentDecisionConfidence, chosen), {
    read: 'How sure it was, 0 to 1. A cloud that sinks comes before failures.',
    unit: 'percentunit',
    empty: idle,
  }),
  bars(
    'Decisions, by name',
    {
      '{{agent_decision_name}}': promql`topk(10, sum by (${decisionName}) (increase(${agentDecisions}{${chosen}}[$__range])))`,
    },
    { read: 'What it decides on most.', unit: 'short', decimals: 0, empty: idle },
  ),
  bars(
    'Tools, by calls',
    { '{{gen_ai_tool_name}}': promql`topk(10, sum by (${toolName}) (increase(${toolCalls}{${chosen}}[$__range])))` },
    { read: 'The tools it calls most.', unit: 'short', decimals: 0, empty: idle },
  ),
  timeseries(
    'Tokens a minute, by model',
    {
      '{{gen_ai_request_model}}': promql`60 * sum by (${requestModel}) (rate(${agentTokens}{${chosen}}[$__rate_interval]))`,
    },
    { read: 'Read and written, by model.', unit: 'short', empty: idle, to: 'cost-by-model' },
  ),
]);

export default twin(
  'json',
  dashboard(
    'agent-detail',
    { question: 'What does this agent do, how well, and at what cost?', variables: [environment, agent] },
    [now, trend, cause, latest, more],
  ),
);
