/** D09: what the fleet spends against its budget, on what, and for what result. */
import { agentDuration } from '../../instrumentation/src/catalog/agents.ts';
import { agentName, outcome, taskType, workflowName } from '../../instrumentation/src/catalog/attributes.ts';
import { agentCost, llmCallsUnmetered, llmCallsUnpriced, toolOfCall } from '../../instrumentation/src/catalog/llm.ts';
import { agentTaskCost, agentTaskDuration, taskCostUsd, taskExecute } from '../../instrumentation/src/catalog/tasks.ts';
import { workflowRuns } from '../../instrumentation/src/catalog/workflows.ts';
import { targets } from '../../prometheus/targets.ts';
import { promql } from '../../queries/promql.ts';
import { traceql } from '../../queries/traceql.ts';
import { twin } from '../../twin.ts';
import { dashboard, details, row } from '../dashboard.ts';
import { grown, perDay, straight } from '../lines.ts';
import { ofCell, ofColumn, ofSeries, open } from '../links.ts';
import { bars, pie, stacked, stat, timeseries } from '../panels.ts';
import { traces } from '../signals.ts';
import { table } from '../table.ts';
import { agent, environment } from '../variables.ts';

const here = 'deployment_environment_name=~"$environment"';
const chosen = `${here}, agent_name=~"$agent"`;

const cost = promql`${agentCost}{${chosen}}`;
/** A tool's own price has no model: its provider and model are "unknown". */
const ofModels = promql`${agentCost}{${chosen}, gen_ai_request_model!="unknown"}`;
const ofTools = promql`${agentCost}{${chosen}, gen_ai_request_model="unknown"}`;
const insideTools = promql`${agentCost}{${chosen}, gen_ai_tool_name!=""}`;
const taskCost = promql`${agentTaskCost}{${chosen}}`;
const wasted = promql`${agentTaskCost}{${chosen}, outcome="failure"}`;
const tasks = promql`${agentTaskDuration}_count{${chosen}}`;
const runs = promql`${workflowRuns}{${here}}`;
const atWork = promql`${agentDuration}_sum{${chosen}}`;

const runRate = promql`24 * ${grown(cost, [], '1h')}`;
/** In a panel over today: what is spent, and the last hour once more for each hour until midnight (UTC). */
const byMidnight = promql`${grown(cost)} + (${grown(cost, [], '1h')} or 0 * ${grown(cost)}) * (86400 - time() % 86400) / 3600`;
const unknown = promql`(${grown(promql`${llmCallsUnpriced}{${here}}`)} or vector(0)) + (${grown(promql`${llmCallsUnmetered}{${here}}`)} or vector(0))`;

const { usdPerDay } = targets.cost;
const idle = 'no agent has spent money in this time.';
const noTask = 'no task that cost money has ended in this time.';
const amount = { unit: 'currencyUSD', empty: idle } as const;
const money = { ...amount, decimals: 2 } as const;
const byRow = [agentName, taskType];

const state = row('Are we within the budget?', [
  stat('Spent today', grown(cost), {
    read: `Since midnight UTC, to the cent. The budget of a day is $${usdPerDay}, for all agents together.`,
    ...money,
    steps: { green: 0, red: usdPerDay },
    over: 'now/d',
    width: 4,
    to: 'cost-by-model',
  }),
  stat('By midnight', byMidnight, {
    read: `What today will have cost if every hour until midnight UTC costs what the last one did. Above $${usdPerDay} and still early: find out who spends, below.`,
    ...money,
    steps: { green: 0, red: usdPerDay },
    over: 'now/d',
    width: 4,
    to: 'cost-by-model',
  }),
  stat('Run rate a day', runRate, {
    read: `What a day costs at the rate of the last hour. Above $${usdPerDay} by more than ${100 * targets.cost.marginShare} % someone is told.`,
    ...money,
    steps: { green: 0, red: usdPerDay },
    width: 4,
    to: 'live',
  }),
  stat('Spent in range', grown(cost), {
    read: 'Models and tools, all agents that were chosen. Calls at unknown cost are not in it.',
    ...money,
    width: 4,
    to: 'cost-by-model',
  }),
  stat('On failed work', promql`(${grown(wasted)} or 0 * ${grown(taskCost)}) / (${grown(taskCost)} > 0)`, {
    read: `Share of the money spent in tasks of the time range that went to those which failed: the cheapest money to save. Above ${100 * targets.advice.wasted} % someone is told: see "Cost of failed work, by task".`,
    unit: 'percentunit',
    decimals: 1,
    steps: { green: 0, red: targets.advice.wasted },
    empty: noTask,
    width: 4,
    to: 'errors',
  }),
  stat('Unknown cost', unknown, {
    read: 'Calls in the time range without a price, or without a word on their tokens. As long as it is not 0 the sums here are too low: open Cost by model.',
    unit: 'short',
    steps: { green: 0, red: 1 },
    width: 4,
    to: 'cost-by-model',
  }),
]);

const trend = row('How does it change?', [
  stacked(
    'Daily trend',
    { '{{agent_name}}': perDay(cost, [agentName]), Budget: straight(usdPerDay) },
    {
      read: `What a day cost, from midnight to midnight UTC, by agent, against the budget of $${usdPerDay}; today as far as it is. A click keeps one agent.`,
      ...money,
      every: '1d',
      over: 'now-14d',
      to: open('cost', { agent: ofSeries(agentName) }),
    },
  ),
  timeseries(
    'Cost per day, at this rate',
    { 'Run rate': runRate, Budget: straight(usdPerDay) },
    {
      read: 'What a day would cost at the rate of the last hour. A step up with a blue mark beside it: a deployment. One without: more work, or an agent that goes round in circles.',
      ...money,
      to: 'live',
    },
  ),
  stacked(
    'Execution minutes',
    { '{{agent_name}}': promql`${perDay(atWork, [agentName])} / 60` },
    {
      read: 'Minutes that agents were at work in a day, UTC, added up; those that wait for each other count together. More minutes for the same work: something has become slow.',
      unit: 'suffix: min',
      decimals: 0,
      every: '1d',
      over: 'now-14d',
      empty: 'no run of an agent has ended in this time.',
      to: open('agent-performance', { agent: ofSeries(agentName) }),
    },
  ),
]);

const breakdown = row('What is it spent on?', [
  pie(
    'Cost breakdown, by agent',
    { '{{agent_name}}': grown(cost, [agentName]) },
    {
      read: 'Who spends. A click opens the agent.',
      ...amount,
      height: 9,
      to: open('agent-detail', { agent: ofSeries(agentName) }),
    },
  ),
  bars(
    'Cost breakdown, by task',
    { '{{task_type}}': promql`topk(10, ${grown(cost, [taskType])})` },
    {
      read: 'What for. A click opens the tasks of that type.',
      height: 9,
      ...amount,
      width: 6,
      to: open('tasks', { task: ofSeries(taskType) }),
    },
  ),
  pie(
    'Cost breakdown, by kind',
    { Models: grown(ofModels), Tools: promql`${grown(ofTools)} or 0 * ${grown(ofModels)}` },
    {
      read: 'With what: what models cost, and what tools charge themselves. Open Cost by model for the larger part.',
      ...amount,
      height: 9,
      to: 'cost-by-model',
    },
  ),
  bars(
    'Cost breakdown, by tool',
    { '{{gen_ai_tool_name}}': promql`topk(10, ${grown(insideTools, [toolOfCall])})` },
    {
      read: 'What was spent inside tool calls: their own price, and the models that they call.',
      height: 9,
      ...amount,
      width: 6,
      empty: 'no tool has cost money in this time.',
    },
  ),
  table(
    'Cost per workflow',
    {
      Workflow: { label: workflowName, to: open('workflows', { workflow: ofCell }) },
      Cost: { query: grown(cost, [workflowName]), unit: 'currencyUSD', bar: true },
      Runs: { query: grown(runs, [workflowName]), unit: 'short' },
      'Per run': {
        query: promql`${grown(cost, [workflowName])} / (${grown(runs, [workflowName])} > 0)`,
        unit: 'currencyUSD',
      },
      'In failed tasks': {
        query: promql`${grown(wasted, [workflowName])} > 0`,
        unit: 'currencyUSD',
      },
    },
    {
      read: 'What one run of each workflow costs: compare it with what its result is worth. "unknown" is what was spent outside any workflow; runs still under way have cost, and are not counted yet.',
      sort: 'Cost',
      empty: idle,
    },
  ),
  table(
    'Cost per task',
    {
      Agent: { label: agentName, to: open('agent-detail', { agent: ofCell }) },
      Task: { label: taskType, to: open('tasks', { agent: ofColumn('Agent'), task: ofCell }) },
      Cost: { query: grown(taskCost, byRow), unit: 'currencyUSD', bar: true },
      Tasks: { query: grown(tasks, byRow), unit: 'short' },
      'Per task': {
        query: promql`${grown(taskCost, byRow)} / (${grown(tasks, byRow)} > 0)`,
        unit: 'currencyUSD',
      },
      'In failed tasks': { query: promql`${grown(wasted, byRow)} > 0`, unit: 'currencyUSD' },
    },
    { read: 'Tasks that ended in the time range. Dear and often: worth a smaller model.', sort: 'Cost', empty: noTask },
  ),
]);

const lost = row('What did it bring?', [
  stacked(
    'Cost of tasks, per hour',
    { '{{outcome}}': promql`3600 * sum by (${outcome}) (rate(${taskCost}[$__rate_interval]))` },
    {
      read: 'At the rate of the moment, by how the tasks ended: known when a task has ended. Red is money without a result.',
      ...amount,
      empty: noTask,
      width: 12,
      to: 'tasks',
    },
  ),
  bars(
    'Cost of failed work, by task',
    { '{{agent_name}}: {{task_type}}': promql`topk(10, ${grown(wasted, byRow)} > 0)` },
    {
      read: 'Where money is lost. A task that fails late costs most: let it check early whether it can succeed.',
      ...amount,
      width: 12,
      empty: 'no task that cost money has failed in this time.',
      to: open('errors', { agent: ofSeries(agentName) }),
    },
  ),
]);

const more = details('Which tasks were the dearest?', [
  traces('Tasks above ten cents', traceql`{ ${taskExecute} && ${agentName} =~ "$agent" && ${taskCostUsd} > 0.1 }`, {
    read: 'The newest traces with a task that cost more than ten cents. Its model calls name their tokens and their price.',
    width: 24,
    empty: 'no task cost more than ten cents in this time.',
  }),
]);

export default twin(
  'json',
  dashboard(
    'cost',
    {
      question: 'What does the fleet spend against its budget, on what, and for what result?',
      from: 'now-7d',
      refresh: '5m',
      variables: [environment, agent],
    },
    [state, trend, breakdown, lost, more],
  ),
);
