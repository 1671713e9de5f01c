/** D10: the page for whoever answers for the fleet and opens it once a month: targets, use, value, money. In steps of 5 minutes. */
import { workflowName } from '../../instrumentation/src/catalog/attributes.ts';
import {
  commandExecutions,
  qualityGateChecks,
  responseTime,
  userClass,
} from '../../instrumentation/src/catalog/commands.ts';
import { agentCost } from '../../instrumentation/src/catalog/llm.ts';
import { resourceType, resourceUtilization } from '../../instrumentation/src/catalog/resources.ts';
import { httpServerDuration } from '../../instrumentation/src/catalog/runtime.ts';
import { sessionDuration, sessionType, userFeedback } from '../../instrumentation/src/catalog/sessions.ts';
import { workflowDuration, workflowRuns } from '../../instrumentation/src/catalog/workflows.ts';
import { percent } from '../../prometheus/slo/burn.ts';
import { apiAvailability, workflowSuccess } from '../../prometheus/slo/objectives.ts';
import { budgetRemaining } from '../../prometheus/slo/recordings.ts';
import { targets } from '../../prometheus/targets.ts';
import { promql, type Query } from '../../queries/promql.ts';
import { twin } from '../../twin.ts';
import { dashboard, details, row } from '../dashboard.ts';
import { grown, perDay, quantileOf, straight } from '../lines.ts';
import { ofCell, open } from '../links.ts';
import { bars, stacked, stat, timeseries } from '../panels.ts';
import { alertList } from '../signals.ts';
import { table } from '../table.ts';
import { environment } from '../variables.ts';

const here = 'deployment_environment_name=~"$environment"';

const requests = promql`${httpServerDuration}_count{${here}}`;
const requestsFailed = promql`${httpServerDuration}_count{${here}, http_response_status_code=~"5.."}`;
const commands = promql`${commandExecutions}{${here}}`;
const sessions = promql`${sessionDuration}_count{${here}}`;
const gates = promql`${qualityGateChecks}{${here}}`;
const gatesPassed = promql`${qualityGateChecks}{${here}, status="passed"}`;
const cost = promql`${agentCost}{${here}}`;
const runs = promql`${workflowRuns}{${here}, workflow_status!="cancelled"}`;
const runsCompleted = promql`${workflowRuns}{${here}, workflow_status="completed"}`;

/** Of the time range. 0 as soon as there is a whole: what has never happened has no counter. */
const part = (some: Query, all: Query) => promql`(${grown(some)} or 0 * ${grown(all)}) / (${grown(all)} > 0)`;
const inFiveMinutes = (some: Query) => promql`sum(increase(${some}[5m]))`;
const partInFiveMinutes = (some: Query, all: Query) =>
  promql`(${inFiveMinutes(some)} or 0 * ${inFiveMinutes(all)}) / (${inFiveMinutes(all)} > 0)`;

const { apiSeconds, gates: ofGates, utilization, cost: money, errorBudgetLow } = targets;
const [availability, success] = [apiAvailability, workflowSuccess].map(({ objectiveBp }) => objectiveBp / 10_000) as [
  number,
  number,
];
const every = '5m';
/** Two weeks whatever the time range: a day is compared with its own weekday. */
const daily = { every: '1d', over: 'now-14d' } as const;

const state = row('Are we where we want to be?', [
  stat('Availability', promql`1 - ${part(requestsFailed, requests)}`, {
    read: `Share of the requests in the time range that were answered without a server error. ${percent(apiAvailability.objectiveBp)} is promised. Below: ask what happened, SLA compliance has the days.`,
    unit: 'percentunit',
    decimals: 2,
    steps: { red: 0, green: availability },
    empty: 'nobody has called the API in this time.',
    width: 4,
    to: 'sla',
  }),
  stat('Response, p95', quantileOf('p95', responseTime, here, undefined, '$__range'), {
    read: `95 of 100 operations that users wait for took less. The aim is ${1000 * apiSeconds.p95} ms.`,
    unit: 's',
    steps: { green: 0, yellow: apiSeconds.p95, red: apiSeconds.p95Critical },
    empty: 'no such operation has ended in this time.',
    width: 4,
    to: 'performance',
  }),
  stat('Quality gates', part(gatesPassed, gates), {
    read: `Share of the checks on what agents produce that passed. The aim is ${100 * ofGates.aim} %; below ${100 * ofGates.least} % someone is told. Lower: people mend what agents should have.`,
    unit: 'percentunit',
    decimals: 1,
    steps: { red: 0, yellow: ofGates.least, green: ofGates.aim },
    empty: 'no quality gate has run in this time.',
    width: 4,
    to: 'development',
  }),
  stat('Work delivered', part(runsCompleted, runs), {
    read: `Share of what was asked for that was delivered. ${percent(workflowSuccess.objectiveBp)} is promised; what somebody called off does not count.`,
    unit: 'percentunit',
    decimals: 1,
    steps: { red: 0, green: success },
    empty: 'no workflow has ended in this time.',
    width: 4,
    to: 'workflows',
  }),
  stat('Spent today', grown(cost), {
    read: `Since midnight UTC, against a budget of $${money.usdPerDay} a day.`,
    unit: 'currencyUSD',
    decimals: 2,
    steps: { green: 0, red: money.usdPerDay },
    over: 'now/d',
    empty: 'no agent has spent money today.',
    width: 4,
    to: 'cost',
  }),
  stat('Fullest resource', promql`max(avg_over_time(${resourceUtilization}{${here}}[5m]))`, {
    read: `CPU, memory or capacity of the service that has least left, over 5 minutes. From ${100 * utilization.capacity} % on plan for more; above ${100 * utilization.high} % it is short.`,
    unit: 'percentunit',
    decimals: 0,
    steps: { green: 0, yellow: utilization.capacity, red: utilization.high },
    empty: 'no service has told its utilisation yet.',
    width: 4,
    to: 'system-health',
  }),
]);

const adoption = row('Is it used, and by whom?', [
  stat('Commands', grown(commands), {
    read: 'What people asked of the fleet in the time range.',
    unit: 'short',
    empty: 'nobody has given a command in this time.',
    width: 6,
    to: 'development',
  }),
  stat(
    'Against the time before',
    promql`sum(increase(${commands}[$__range])) / (sum(increase(${commands}[$__range] offset $__range)) > 0) - 1`,
    {
      read: 'Commands in the time range against the same length of time before it: this week against last week. Falling use is told by nobody else.',
      unit: 'percentunit',
      decimals: 0,
      empty: 'there were no commands in the time before.',
      width: 6,
      to: 'development',
    },
  ),
  stat('Sessions', grown(sessions), {
    read: 'Sessions that ended in the time range.',
    unit: 'short',
    empty: 'no session has ended in this time.',
    width: 6,
    to: 'user-experience',
  }),
  stat(
    'Satisfaction',
    promql`${grown(promql`${userFeedback}_sum{${here}}`)} / (${grown(promql`${userFeedback}_count{${here}}`)} > 0)`,
    {
      read: 'What users said of it in the time range, 0 (useless) to 100 % (perfect), on average. User experience shows how opinions spread.',
      unit: 'percentunit',
      decimals: 0,
      empty: 'nobody has said anything in this time.',
      width: 6,
      to: 'user-experience',
    },
  ),
  stacked(
    'Commands a day',
    { '{{user_class}}': perDay(commands, [userClass]) },
    {
      read: 'Who works with it, by class of user, a day from midnight to midnight UTC; today as far as it is. A class that is missing was not reached.',
      unit: 'short',
      ...daily,
      width: 12,
      empty: 'nobody has given a command in two weeks.',
      to: 'user-experience',
    },
  ),
  stacked(
    'Sessions a day',
    { '{{session_type}}': perDay(sessions, [sessionType]) },
    {
      read: 'Sessions that ended in a day, UTC, by type; today as far as it is.',
      unit: 'short',
      ...daily,
      width: 12,
      empty: 'no session has ended in two weeks.',
      to: 'user-experience',
    },
  ),
]);

const promises = row('Are the targets kept, day and night?', [
  timeseries(
    'Availability, 5 minutes',
    {
      Availability: promql`clamp_min(1 - ${partInFiveMinutes(requestsFailed, requests)}, 0.99)`,
      Target: straight(availability),
    },
    {
      read: 'Drawn from 99 % on: a dip to the bottom may be deeper. One dip is an incident, a line below the target a habit.',
      unit: 'percentunit',
      min: 0.99,
      max: 1,
      decimals: 2,
      every,
      empty: 'nobody has called the API in this time.',
      to: 'sla',
    },
  ),
  timeseries(
    'Response time, p95, 5 minutes',
    { p95: quantileOf('p95', responseTime, here, undefined, '5m'), Target: straight(apiSeconds.p95) },
    {
      read: 'What users wait at most, 95 times of 100. Above the line at the same hour every day: more machines for that hour.',
      unit: 's',
      every,
      empty: 'no such operation has ended in this time.',
      to: 'performance',
    },
  ),
  timeseries(
    'Quality gates passed, last hour',
    {
      Passed: promql`(sum(increase(${gatesPassed}[1h])) or 0 * sum(increase(${gates}[1h]))) / (sum(increase(${gates}[1h])) > 0)`,
      Target: straight(ofGates.aim),
    },
    {
      read: 'All gates together; Development shows each. A step down is a change of a rule, an agent or a model: look for a blue mark beside it.',
      unit: 'percentunit',
      max: 1,
      every,
      empty: 'no quality gate has run in this time.',
      to: 'development',
    },
  ),
]);

const value = row('What does it cost, and how full is it?', [
  stacked(
    'Cost a day',
    { '{{workflow_name}}': perDay(cost, [workflowName]), Budget: straight(money.usdPerDay) },
    {
      read: 'What a day cost, UTC, by what it was for; today as far as it is.',
      unit: 'currencyUSD',
      decimals: 2,
      ...daily,
      empty: 'no agent has spent money in two weeks.',
      to: 'cost',
    },
  ),
  timeseries(
    'Cost of a workflow that ends well',
    {
      'Per result': promql`sum(rate(${cost}[1h])) / (sum(rate(${runsCompleted}[1h])) > 0)`,
    },
    {
      read: 'All that was spent in an hour over what was delivered in it: failed attempts make the results dearer. This is the number to compare with what a result is worth.',
      unit: 'currencyUSD',
      every,
      empty: 'no workflow has ended well in this time.',
      to: 'cost',
    },
  ),
  timeseries(
    'Utilisation, 5 minutes',
    { '{{resource_type}}': promql`max by (${resourceType}) (avg_over_time(${resourceUtilization}{${here}}[5m]))` },
    {
      read: `Of the fullest service. Above ${100 * utilization.capacity} % for long: plan for more.`,
      unit: 'percentunit',
      max: 1,
      steps: { green: 0, yellow: utilization.capacity, red: utilization.high },
      every,
      empty: 'no service has told its utilisation yet.',
      to: 'system-health',
    },
  ),
]);

const more = details('What stands behind it?', [
  table(
    'Workflows',
    {
      Workflow: { label: workflowName, to: open('workflows', { workflow: ofCell }) },
      Runs: { query: grown(runs, [workflowName]), unit: 'short', bar: true },
      'Ended well': {
        query: promql`${grown(runsCompleted, [workflowName])} / (${grown(runs, [workflowName])} > 0)`,
        unit: 'percentunit',
        decimals: 0,
        steps: { red: 0, green: success },
      },
      'Median time': {
        query: promql`${quantileOf('p50', workflowDuration, here, workflowName, '$__range')} > 0`,
        unit: 's',
        decimals: 0,
      },
      'Cost per run': {
        query: promql`${grown(cost, [workflowName])} / (${grown(runs, [workflowName])} > 0)`,
        unit: 'currencyUSD',
      },
    },
    {
      read: 'What was delivered in the time range, how surely, how fast, and at what price.',
      sort: 'Runs',
      empty: 'no workflow has ended in this time.',
    },
  ),
  bars(
    'Error budget left',
    { '{{slo}}': promql`min by (slo) (${budgetRemaining}{deployment_environment_name=~"$environment|"})` },
    {
      read: `Of 30 days, for each promise. Below 0 it is broken; below ${100 * errorBudgetLow} % change nothing risky.`,
      unit: 'percentunit',
      decimals: 0,
      min: -1,
      max: 1,
      steps: { red: -1, yellow: 0, green: errorBudgetLow },
      width: 6,
      empty: 'nothing that a promise counts has happened yet.',
      to: 'sla',
    },
  ),
  alertList('Open alerts', {
    read: 'What is not in order now.',
    height: 8,
    empty: 'nothing is wrong.',
    to: 'operations',
  }),
]);

export default twin(
  'json',
  dashboard(
    'executive',
    {
      question: 'Is the fleet used, does it keep its promises, and is it worth its money?',
      from: 'now-7d',
      refresh: '5m',
      variables: [environment],
    },
    [state, adoption, promises, value, more],
  ),
);
