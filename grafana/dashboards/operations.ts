/** D11: what whoever is on duty needs: what is broken and since when, whether promises hold, what is nearly full, what was deployed. */
import { errorType } from '../../instrumentation/src/catalog/attributes.ts';
import { apiName, apiRateLimitUtilization } from '../../instrumentation/src/catalog/llm.ts';
import { queueDepth, queueName } from '../../instrumentation/src/catalog/messages.ts';
import {
  component,
  componentOperations,
  healthStatus,
  resourceType,
  resourceUtilization,
} from '../../instrumentation/src/catalog/resources.ts';
import { started } from '../../instrumentation/src/catalog/service.ts';
import { severities } from '../../prometheus/kit/severity.ts';
import { fleetTaskFailures } from '../../prometheus/rules/tasks.ts';
import { budgetRemaining, burnRate, errorRatio, objective, period } from '../../prometheus/slo/recordings.ts';
import { targets } from '../../prometheus/targets.ts';
import { logql } from '../../queries/logql.ts';
import { promql } from '../../queries/promql.ts';
import { scrapedParts, written } from '../../queries/stack-metrics.ts';
import { twin } from '../../twin.ts';
import { dashboard, row } from '../dashboard.ts';
import { current, grown, straight } from '../lines.ts';
import { mishaps, stacked, stat, timeline, timeseries } from '../panels.ts';
import { alertList, logs } from '../signals.ts';
import { table } from '../table.ts';
import { environment } from '../variables.ts';

const here = 'deployment_environment_name=~"$environment"';
const quiet = 'nothing is wrong.';
const silentParts = 'no service says how its parts are.';
const noOperations = 'no part of the system has been at work in this time.';
const unmeasured = 'an objective is measured from its first event on; the rules run every minute.';
const { taskFailures, utilization, rateLimit } = targets;

/** The dead man's switch always fires, and says nothing. Alerts on the stack have no environment: all are shown. */
const firing = promql`${written.alerts}{alertstate="firing", alertname!="Watchdog"}`;
const since = promql`${written.alertsForState} and ignoring (alertstate) ${firing}`;
const incident = 'alertname, severity, team';

const health = promql`min by (${component}) (${current(promql`${healthStatus}{${here}}`)})`;
const operations = promql`${componentOperations}{${here}}`;
const failures = promql`${componentOperations}{${here}, outcome="failure"}`;
const operationsByPart = promql`sum by (${component}) (rate(${operations}[$__rate_interval]))`;

/** What the parts of the stack say of themselves is not of the services. */
const processes = promql`${written.targetInfo}{${here}, job!~"${scrapedParts.join('|')}"}`;

const now = row('What is broken, and since when?', [
  stat('Incidents', promql`count(count by (alertname) (${firing})) or vector(0)`, {
    read: 'Alerts of different kinds that fire now. Any but 0: begin with the most severe in the list below, its runbook says what to do.',
    unit: 'none',
    steps: { green: 0, red: 1 },
    to: 'sla',
  }),
  stat('Components not well', promql`sum(${health} < bool 2)`, {
    read: 'Parts that say they are degraded or down. Their status over time stands below; the first to turn is mostly the cause.',
    unit: 'none',
    steps: { green: 0, red: 1 },
    empty: silentParts,
    to: 'system-health',
  }),
  stat(
    'Operations that fail',
    promql`(${grown(failures, [], '5m')} or 0 * ${grown(operations, [], '5m')}) / ${grown(operations, [], '5m')}`,
    {
      read: 'Share of what the parts of the system did in the last 5 minutes that failed. Errors has the kinds.',
      unit: 'percentunit',
      decimals: 1,
      empty: noOperations,
      to: 'errors',
    },
  ),
  stat('Least error budget left', promql`min(${budgetRemaining}{${here}})`, {
    read: 'Of all promises, the one that is worst off: what is left of the failures it allows in 30 days. Below 0 it is broken: no risks until it has recovered.',
    unit: 'percentunit',
    decimals: 0,
    steps: { red: 0, green: 0 },
    empty: unmeasured,
    to: 'sla',
  }),
  alertList('Alerts', {
    read: 'What fires, and what is about to, the most severe first. Each leads to its runbook.',
    empty: quiet,
    width: 8,
    height: 8,
    to: 'sla',
  }),
  table(
    'Open incidents',
    {
      Alert: { label: 'alertname' },
      Severity: { label: 'severity' },
      Team: { label: 'team' },
      Since: { query: promql`1000 * min by (${incident}) (${since})`, unit: 'dateTimeFromNow' },
      Things: { query: promql`count by (${incident}) (${firing})`, unit: 'short', decimals: 0 },
    },
    {
      read: 'Since when each has been true, and of how many things: agents, services, workflows. The oldest may be the cause of the others; nobody at work on the oldest is an incident of its own.',
      sort: 'Things',
      width: 16,
      empty: quiet,
    },
  ),
]);

const incidents = row('What goes wrong, where, how often?', [
  timeline(
    'Status of the components',
    { '{{component}}': health },
    {
      read: 'Green is healthy, yellow degraded, red down, by the worst of its processes. Read from left to right: the first to turn pulled the others along.',
      unit: 'none',
      steps: { red: 0, yellow: 1, green: 2 },
      words: { 0: 'down', 1: 'degraded', 2: 'healthy' },
      width: 16,
      empty: silentParts,
      to: 'system-health',
    },
  ),
  stacked(
    'Alerts that fire, by severity',
    Object.fromEntries(
      severities.map((severity) => [
        severity,
        promql`count(${written.alerts}{alertstate="firing", severity="${severity}"})`,
      ]),
    ),
    {
      read: 'How many fired when. A comb of short ones is an alert that flaps: its threshold is too near to everyday life.',
      unit: 'short',
      every: '1m',
      empty: 'nothing was wrong in this time.',
    },
  ),
  timeseries(
    'Error rate, by component',
    {
      '{{component}}': promql`(sum by (${component}) (rate(${failures}[$__rate_interval])) or 0 * ${operationsByPart}) / ${operationsByPart}`,
    },
    {
      read: 'Share of the operations of a part that failed. One line up: that part. All up: what they share, the network or a deployment.',
      unit: 'percentunit',
      empty: noOperations,
      to: 'errors',
    },
  ),
  mishaps(
    'Errors, by component and kind',
    { '{{component}}: {{error_type}}': grown(failures, [component, errorType], '$__interval') },
    {
      read: 'Operations that failed, counted in each bar since the one before. A timeout is the other side, a TypeError is ours.',
      unit: 'short',
      every: '1m',
      empty: 'no operation has failed.',
      to: 'errors',
    },
  ),
  timeseries(
    'Tasks that fail, by environment',
    {
      '{{deployment_environment_name}}': promql`${fleetTaskFailures}{${here}}`,
      Limit: straight(taskFailures.critical),
    },
    {
      read: 'What the agents feel of it: share of their tasks that failed, over 5 minutes. Above the line someone is woken.',
      unit: 'percentunit',
      empty: 'no agent has begun a task in this time.',
      to: 'errors',
    },
  ),
]);

const promises = row('Do we keep what we promise?', [
  table(
    'Promises',
    {
      Promise: { label: 'slo' },
      Objective: { query: promql`max by (slo) (${objective})`, unit: 'percentunit', decimals: 2 },
      'Kept, 30 days': {
        query: promql`1 - max by (slo) (${errorRatio[period]}{${here}})`,
        unit: 'percentunit',
        decimals: 2,
      },
      'Kept, last day': {
        query: promql`1 - max by (slo) (${errorRatio['1d']}{${here}})`,
        unit: 'percentunit',
        decimals: 2,
      },
      'Budget left': {
        query: promql`min by (slo) (${budgetRemaining}{${here}})`,
        unit: 'percentunit',
        decimals: 0,
        steps: { red: 0, green: 0 },
      },
      'Burns, times': { query: promql`max by (slo) (${burnRate}{${here}})`, unit: 'short', decimals: 1 },
    },
    {
      read: 'Of each promise the service that keeps it worst. Burns 1: the budget lasts exactly 30 days; 14: two days. SLA compliance has the lines.',
      sort: 'Burns, times',
      width: 16,
      height: 9,
      empty: unmeasured,
      to: 'sla',
    },
  ),
  timeseries(
    'Burn rate, by promise',
    { '{{slo}}': promql`max by (slo) (${burnRate}{${here}})` },
    {
      read: 'How many times faster than allowed the budget of failures was spent, over 1 hour. Below 1 all is well, whatever else is red.',
      unit: 'short',
      height: 9,
      empty: unmeasured,
      to: 'sla',
    },
  ),
]);

const room = row('How much room is left?', [
  timeseries(
    'Utilisation, by resource',
    {
      '{{resource_type}}': promql`max by (${resourceType}) (${current(promql`${resourceUtilization}{${here}}`)})`,
      Limit: straight(utilization.high),
    },
    {
      read: 'Of the fullest process each. Half an hour above 70 % is the time to plan, 10 minutes above the line the time to act: take on less, or add processes.',
      unit: 'percentunit',
      empty: 'no service tells what it uses.',
      to: 'system-health',
    },
  ),
  timeseries(
    'Waiting, by queue',
    {
      '{{queue_name}}': promql`sum by (${queueName}) (${current(promql`${queueDepth}{${here}}`)})`,
      Limit: straight(targets.queueDepth),
    },
    {
      read: 'A queue that grows while its agents are at work needs more of them; one that grows while they are idle is stuck. Live shows which.',
      unit: 'short',
      empty: 'no service tells of its queues.',
      to: 'live',
    },
  ),
  timeseries(
    'Rate limits in use, by API',
    {
      '{{api_name}}': promql`max by (${apiName}) (${apiRateLimitUtilization}{${here}})`,
      Limit: straight(rateLimit.near),
    },
    {
      read: 'As the last answer of each API said. At 100 % calls are turned away: spread them, or ask for more.',
      unit: 'percentunit',
      empty: 'no API has told of its limits.',
      to: 'performance',
    },
  ),
]);

const deployed = row('What was deployed?', [
  logs(
    'Deployments and restarts',
    logql`{service_name=~".+", deployment_environment_name=~"$environment"} | event_name=${started} | line_format "{{.service_name}} {{.service_version}}: {{.deployment_environment_name}}"`,
    {
      read: 'Each start of a process, the newest first; the blue lines in every graph are the same. What broke within minutes of one: roll it back, then look for the reason.',
      empty: 'no service was started in this time.',
    },
  ),
  table(
    'Versions at work',
    {
      Service: { label: 'job' },
      Version: { label: 'service_version' },
      'At work': { query: promql`count by (job, service_version) (${current(processes)})`, unit: 'short', decimals: 0 },
      Seen: {
        query: promql`count by (job, service_version) (last_over_time(${processes}[$__range]))`,
        unit: 'short',
        decimals: 0,
      },
    },
    {
      read: 'Processes now, and how many there were in the time range. Two versions at work for long: a deployment that stopped half way. Many more seen than at work: it dies and comes back.',
      empty: 'no service sends metrics.',
      to: 'system-health',
    },
  ),
]);

export default twin(
  'json',
  dashboard('operations', { question: 'What is broken, how bad is it, and what changed?', variables: [environment] }, [
    now,
    incidents,
    promises,
    room,
    deployed,
  ]),
);
