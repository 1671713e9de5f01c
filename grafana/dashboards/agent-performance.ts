/** D07: which agents are slow, which fail, which are dear? From all of them to the one whose page to open. */
import {
  agentDuration,
  agentErrors,
  agentExecute,
  agentRetryCount,
  agentRuns,
  agentStatus,
} from '../../instrumentation/src/catalog/agents.ts';
import { agentName, errorType } from '../../instrumentation/src/catalog/attributes.ts';
import { agentCost, operationDuration, requestModel } from '../../instrumentation/src/catalog/llm.ts';
import { agentTaskCost, agentTaskDuration } from '../../instrumentation/src/catalog/tasks.ts';
import { toolDuration, toolName } from '../../instrumentation/src/catalog/tools.ts';
import { targets } from '../../prometheus/targets.ts';
import { logql } from '../../queries/logql.ts';
import { promql } from '../../queries/promql.ts';
import { traceql } from '../../queries/traceql.ts';
import { twin } from '../../twin.ts';
import { dashboard, details, row } from '../dashboard.ts';
import { buckets, grown, percentiles, quantileOf } from '../lines.ts';
import { ofCell, ofSeries, open } from '../links.ts';
import { bars, gauge, heatmap, mishaps, stacked, timeseries } from '../panels.ts';
import { logs, traces } from '../signals.ts';
import { table } from '../table.ts';
import { agent, environment } from '../variables.ts';

const here = 'deployment_environment_name=~"$environment"';
const chosen = `${here}, agent_name=~"$agent"`;
const idle = 'no agent has ended a run in this time. Start some: "npm run demo".';
const toAgent = open('agent-detail', { agent: ofSeries(agentName) });
const { taskFailures, taskSeconds } = targets;

const runs = promql`${agentRuns}{${chosen}}`;
const failures = promql`${agentRuns}{${chosen}, agent_status="failed"}`;
const retries = promql`${agentRetryCount}{${chosen}}`;
const cost = promql`${agentCost}{${chosen}}`;

/** A counter of what goes wrong begins when it first does: until then it is 0, as long as there are runs. */
const failed = promql`${grown(failures)} or 0 * ${grown(runs)}`;
const runsByAgent = grown(runs, [agentName]);
const failedByAgent = promql`${grown(failures, [agentName])} or 0 * ${runsByAgent}`;

const now = row('Is anyone slow, or failing?', [
  gauge('Runs that fail', promql`(${failed}) / ${grown(runs)}`, {
    read: `Share of the runs ended in the time range that failed. From ${100 * taskFailures.red} % on it is more than bad luck: the table names the agent.`,
    unit: 'percentunit',
    steps: { green: 0, yellow: taskFailures.green, red: taskFailures.red },
    max: 0.1,
    height: 8,
    empty: idle,
    to: 'errors',
  }),
  table(
    'Agents',
    {
      Agent: { label: agentName, to: open('agent-detail', { agent: ofCell }) },
      Runs: { query: runsByAgent, unit: 'short', decimals: 0, bar: true },
      'Share failed': {
        query: promql`(${failedByAgent}) / ${runsByAgent}`,
        unit: 'percentunit',
        decimals: 1,
        steps: { green: 0, yellow: taskFailures.green, red: taskFailures.singleAgent },
      },
      Retries: { query: promql`${grown(retries, [agentName])} or 0 * ${runsByAgent}`, unit: 'short', decimals: 0 },
      'Run, p95': { query: quantileOf('p95', agentDuration, chosen, agentName, '$__range'), unit: 's', decimals: 1 },
      'Task, p95': {
        query: quantileOf('p95', agentTaskDuration, chosen, agentName, '$__range'),
        unit: 's',
        decimals: 1,
        steps: { green: 0, red: taskSeconds.singleAgentP95 },
      },
      Cost: { query: grown(cost, [agentName]), unit: 'currencyUSD', decimals: 2 },
    },
    {
      read: 'One line per agent, in the time range; those that fail most first. Red is where someone is told. A run that is much longer than its tasks waits: for other agents, or for a person. A click on a name opens the agent.',
      sort: 'Share failed',
      width: 18,
      empty: idle,
    },
  ),
]);

const trend = row('How does it change?', [
  timeseries(
    'Failure rate, by agent',
    {
      '{{agent_name}}': promql`(sum by (${agentName}) (increase(${failures}[$__rate_interval])) or 0 * sum by (${agentName}) (increase(${runs}[$__rate_interval]))) / sum by (${agentName}) (increase(${runs}[$__rate_interval]))`,
    },
    {
      read: 'Share of an agent’s runs that failed. One line up: that agent, or its tool. All lines up: what they share, mostly a model.',
      unit: 'percentunit',
      steps: { green: 0, red: taskFailures.singleAgent },
      empty: idle,
      to: toAgent,
    },
  ),
  stacked(
    'Retries, by agent',
    { '{{agent_name}}': grown(retries, [agentName], '$__interval') },
    {
      read: 'Runs that were another attempt, counted in each bar since the one before. They cost time and money without showing as failures: a rising line is trouble that is still hidden.',
      unit: 'short',
      every: '1m',
      empty: 'nothing had to be tried again.',
      to: toAgent,
    },
  ),
  stacked(
    'Runs, by how they ended',
    { '{{agent_status}}': grown(runs, [agentStatus], '$__interval') },
    {
      read: 'Runs that ended, counted in each bar since the one before. Fewer runs with the same requests: the agents have become slower.',
      unit: 'short',
      every: '1m',
      empty: idle,
      to: 'tasks',
    },
  ),
]);

const cause = row('Why?', [
  mishaps(
    'Errors, by kind',
    { '{{error_type}}': grown(promql`${agentErrors}{${chosen}}`, [errorType], '$__interval') },
    {
      read: 'Runs that failed, by error. One kind alone is one cause; many kinds at once are a place, such as a model or a disk, that fails.',
      unit: 'short',
      every: '1m',
      empty: 'no run has failed.',
      to: 'errors',
    },
  ),
  heatmap('Duration of runs', buckets(agentDuration, chosen), {
    read: 'How long runs take. A second band above the first is a kind of work, or a wait, that others have not. A dot is one run: a click opens its trace.',
    unit: 's',
    empty: idle,
    to: 'performance',
  }),
  timeseries('Duration of runs, p95, by agent', percentiles(agentDuration, chosen, { of: ['p95'], by: agentName }), {
    read: '95 of 100 runs of an agent take less, waits for others and for people included. One line up alone: that agent. Those that wait for it follow.',
    unit: 's',
    empty: idle,
    to: toAgent,
  }),
]);

const money = row('What do they cost?', [
  bars(
    'Most expensive agents',
    { '{{agent_name}}': promql`topk(10, ${grown(cost, [agentName])})` },
    {
      read: 'What the dearest ten spent in the time range on models and tools. A click opens the agent.',
      unit: 'currencyUSD',
      empty: idle,
      to: toAgent,
    },
  ),
  bars(
    'Cost of a run, by agent',
    { '{{agent_name}}': promql`topk(10, ${grown(cost, [agentName])} / ${runsByAgent})` },
    {
      read: 'What one run costs on average. It grows with longer prompts, a larger model, more attempts: compare with the tokens in Cost by model.',
      unit: 'currencyUSD',
      empty: idle,
      to: 'cost-by-model',
    },
  ),
  bars(
    'Cost of failed tasks, by agent',
    {
      '{{agent_name}}': promql`topk(10, ${grown(promql`${agentTaskCost}{${chosen}, outcome="failure"}`, [agentName])} > 0)`,
    },
    {
      read: 'Money spent in the time range on tasks that came to nothing. Mend the longest bar first.',
      unit: 'currencyUSD',
      empty: 'no task has failed that cost anything.',
      to: 'errors',
    },
  ),
]);

const behind = details('Is it the agents, or what they call?', [
  timeseries('Model calls, p95, by model', percentiles(operationDuration, here, { of: ['p95'], by: requestModel }), {
    read: 'Of all agents together. A slow model makes every agent slow that asks it: Cost by model has more on each.',
    unit: 's',
    width: 12,
    empty: 'no model was called in this time.',
    to: 'cost-by-model',
  }),
  timeseries('Tool calls, p95, by tool', percentiles(toolDuration, here, { of: ['p95'], by: toolName }), {
    read: 'Of all agents together. One slow tool is mostly the service behind it: System health shows what answers late.',
    unit: 's',
    width: 12,
    empty: 'no tool was called in this time.',
    to: 'system-health',
  }),
]);

const latest = details('Which runs were the worst?', [
  traces('Failed runs', traceql`{ ${agentExecute} && status = error && ${agentName} =~ "$agent" }`, {
    read: 'The newest runs that failed. A click on an id opens the trace: the red span furthest down is where it began.',
    empty: 'no run failed in this time.',
  }),
  traces(
    'Slow runs',
    traceql`{ ${agentExecute} && duration > ${taskSeconds.singleAgentP95}s && ${agentName} =~ "$agent" }`,
    {
      read: `Runs of more than ${taskSeconds.singleAgentP95} s, the newest first. In the trace the widest span without children is where the time went.`,
      empty: 'no run took that long in this time.',
    },
  ),
  logs(
    'Errors they logged',
    logql`{service_name=~".+", deployment_environment_name=~"$environment"} | detected_level=~"error|fatal|critical" | ${agentName}=~"$agent"`,
    {
      read: 'Records of errors that name an agent, the newest first; Errors has those that name none.',
      width: 24,
      empty: 'no agent logged an error in this time.',
      to: 'errors',
    },
  ),
]);

export default twin(
  'json',
  dashboard(
    'agent-performance',
    { question: 'Which agents are slow, which fail, and which are dear?', variables: [environment, agent] },
    [now, trend, cause, money, behind, latest],
  ),
);
