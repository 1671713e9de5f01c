/** D17: who is at work on what right now, what it burns, what waits, who speaks with whom. A page to leave open. */
import { agentErrors } from '../../instrumentation/src/catalog/agents.ts';
import { pendingApprovals } from '../../instrumentation/src/catalog/approvals.ts';
import { agentName, errorType, taskType } from '../../instrumentation/src/catalog/attributes.ts';
import { agentCost, agentTokens, requestModel } from '../../instrumentation/src/catalog/llm.ts';
import {
  destination,
  queueDepth,
  queueName,
  sender,
  sentMessages,
} from '../../instrumentation/src/catalog/messages.ts';
import {
  agentActiveTasks,
  agentLastHeartbeat,
  agentTasksFailed,
  agentTasksStarted,
  taskExecute,
} from '../../instrumentation/src/catalog/tasks.ts';
import { targets } from '../../prometheus/targets.ts';
import { logql } from '../../queries/logql.ts';
import { promql } from '../../queries/promql.ts';
import { traceql } from '../../queries/traceql.ts';
import { twin } from '../../twin.ts';
import { dashboard, row } from '../dashboard.ts';
import { current, grown, straight } from '../lines.ts';
import { ofCell, ofSeries, open } from '../links.ts';
import { mishaps, stacked, stat, timeline, timeseries } from '../panels.ts';
import { logs, nodeGraph, serviceMap, traces } from '../signals.ts';
import { table } from '../table.ts';
import { agent, environment } from '../variables.ts';

const here = 'deployment_environment_name=~"$environment"';
const chosen = `${here}, agent_name=~"$agent"`;
const idle = 'no agent has shown itself. Start some: "npm run demo".';
const toAgent = open('agent-detail', { agent: ofSeries(agentName) });
const { silence, queueDepth: longQueue, tokensPerMinute, approval } = targets;

/** An agent that has not been seen for an hour has gone home, and is no longer missed. */
const silentFor = promql`time() - max by (${agentName}) (${agentLastHeartbeat}{${chosen}})`;
const expected = promql`${silentFor} < ${silence.expectedSeconds}`;
const active = current(promql`${agentActiveTasks}{${chosen}}`);
const waiting = current(promql`${queueDepth}{${here}}`);
const tokens = promql`60 * sum(rate(${agentTokens}{${chosen}}[5m]))`;
const begun = promql`${agentTasksStarted}{${chosen}}`;
const failed = promql`${agentTasksFailed}{${chosen}}`;

const now = row('Who is at work?', [
  stat('Agents alive', promql`sum(${expected} < bool ${silence.seconds})`, {
    read: 'Agents that have shown a sign of life in the last 5 minutes.',
    unit: 'none',
    empty: idle,
    width: 4,
    to: 'agent-performance',
  }),
  stat('Agents silent', promql`sum(${expected} >= bool ${silence.seconds})`, {
    read: 'Agents that were there within the hour and have said nothing for 5 minutes. Any but 0: its process hangs or is gone, the signs of life below say which.',
    unit: 'none',
    steps: { green: 0, red: 1 },
    empty: idle,
    width: 4,
    to: 'operations',
  }),
  stat('Active tasks', promql`sum(${active})`, {
    read: 'Tasks at work now. 0 while something waits: the agents are stuck. A line that only rises: tasks do not end.',
    unit: 'short',
    trend: true,
    empty: idle,
    width: 4,
    to: 'tasks',
  }),
  stat('In queues', promql`sum(${waiting})`, {
    read: 'Messages and requests that wait for an agent, in all queues.',
    unit: 'short',
    trend: true,
    empty: 'no service tells of its queues.',
    width: 4,
    to: 'performance',
  }),
  stat('Approvals', promql`sum(${current(promql`${pendingApprovals}{${here}}`)})`, {
    read: 'Approvals that nobody has answered yet. More than five: ask who is on duty.',
    unit: 'short',
    steps: { green: 0, red: approval.pending + 1 },
    empty: 'no agent has asked for an approval yet.',
    width: 4,
    to: 'sla',
  }),
  stat('Tokens/min', tokens, {
    read: 'Read and written over the last 5 minutes, by all models. Above the limit someone is told: Cost by model says whose they are.',
    unit: 'short',
    steps: { green: 0, yellow: tokensPerMinute },
    empty: idle,
    width: 4,
    to: 'cost-by-model',
  }),
]);

const work = row('On what?', [
  table(
    'Agents and their tasks',
    {
      Agent: { label: agentName, to: open('agent-detail', { agent: ofCell }) },
      Task: { label: taskType },
      Active: {
        query: promql`sum by (${agentName}, ${taskType}) (${active})`,
        unit: 'short',
        decimals: 0,
        bar: true,
      },
      Begun: { query: grown(begun, [agentName, taskType]), unit: 'short', decimals: 0 },
      Failed: {
        query: promql`${grown(failed, [agentName, taskType])} or 0 * ${grown(begun, [agentName, taskType])}`,
        unit: 'short',
        decimals: 0,
        steps: { green: 0, yellow: 1 },
      },
    },
    {
      read: 'What each agent does now, and has done in the time range. A click on a name opens the agent.',
      sort: 'Active',
      empty: idle,
    },
  ),
  stacked(
    'Active tasks, by agent',
    { '{{agent_name}}': promql`sum by (${agentName}) (${active})` },
    {
      read: 'Tasks at the same time. A colour that is always as high as it can be is the agent that the others wait for.',
      unit: 'short',
      width: 6,
      empty: idle,
      to: toAgent,
    },
  ),
  timeline(
    'Signs of life',
    { '{{agent_name}}': promql`${expected} < bool ${silence.seconds}` },
    {
      read: 'Red: an agent that has said nothing for five minutes. All red together is the process or the way of the telemetry, one alone is the agent.',
      unit: 'none',
      steps: { red: 0, green: 1 },
      words: { 0: 'silent', 1: 'alive' },
      width: 6,
      empty: idle,
      to: 'telemetry-pipeline',
    },
  ),
]);

const flow = row('What does it burn, what waits, what fails?', [
  stacked(
    'Tokens a minute, by model',
    {
      '{{gen_ai_request_model}}': promql`60 * sum by (${requestModel}) (rate(${agentTokens}{${chosen}}[$__rate_interval]))`,
      Limit: straight(tokensPerMinute),
    },
    {
      read: 'The burn. It rises without more tasks: prompts have grown, or an agent goes in circles.',
      unit: 'short',
      width: 6,
      empty: 'no model was called in this time.',
      to: 'cost-by-model',
    },
  ),
  timeseries(
    'Cost an hour, by agent',
    { '{{agent_name}}': promql`3600 * sum by (${agentName}) (rate(${agentCost}{${chosen}}[$__rate_interval]))` },
    {
      read: 'What an hour costs at the rate of the moment. A peak is one dear call; a plateau is a habit.',
      unit: 'currencyUSD',
      width: 6,
      empty: 'nothing has cost anything in this time.',
      to: 'cost',
    },
  ),
  timeseries(
    'Waiting, by queue',
    { '{{queue_name}}': promql`sum by (${queueName}) (${waiting})`, Limit: straight(longQueue) },
    {
      read: 'A queue that grows while its agent is at work needs more of them; one that grows while its agent is idle is stuck.',
      unit: 'short',
      width: 6,
      empty: 'no service tells of its queues.',
      to: 'performance',
    },
  ),
  mishaps(
    'Failed runs, by kind of error',
    { '{{error_type}}': grown(promql`${agentErrors}{${chosen}}`, [errorType], '$__interval') },
    {
      read: 'Counted in each bar since the one before. One or two now and then are everyday life; a wall of bars is an outage.',
      unit: 'short',
      width: 6,
      empty: 'no run has failed.',
      to: 'errors',
    },
  ),
]);

const together = row('Who works with whom?', [
  nodeGraph('Messages between agents', promql`${grown(promql`${sentMessages}{${here}}`, [sender, destination])} > 0`, {
    read: 'Each arrow: who handed work to whom in the time range, and how often. An arrow that is missing is work that nobody passed on.',
    from: 'message_sender',
    towards: 'messaging_destination_name',
    unit: 'short',
    height: 12,
    empty: 'no agent has sent a message in this time.',
  }),
  serviceMap('Services that call each other', {
    read: 'As the traces show it: requests and time on each arrow, red what failed. Click on a service for its traces.',
    height: 12,
    empty: 'no service has called another in this time.',
  }),
]);

const latest = row('What happens right now?', [
  traces('Newest tasks', traceql`{ ${taskExecute} && ${agentName} =~ "$agent" }`, {
    read: 'Tasks that have just ended, the newest first. A click on an id opens the trace.',
    empty: 'no task has ended in this time.',
  }),
  logs('Newest records', logql`{service_name=~".+", deployment_environment_name=~"$environment"}`, {
    read: 'What all services write, the newest first. Click on one for its fields and its trace.',
    empty: 'no service has written anything in this time.',
  }),
]);

export default twin(
  'json',
  dashboard(
    'live',
    { question: 'What is the fleet doing right now?', from: 'now-15m', variables: [environment, agent] },
    [now, work, flow, together, latest],
  ),
);
