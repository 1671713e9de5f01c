/** D12: do the commands people type work, does the code get through its gates, do modules and GitHub do their part? */
import {
  commandDuration,
  commandExecute,
  commandExecutions,
  commandType,
  complexity,
  gateDetail,
  gateSeverity,
  gateStatus,
  gateType,
  githubIssuesCreated,
  githubOperation,
  githubRequests,
  issueType,
  moduleCategory,
  moduleDelegate,
  moduleDelegations,
  moduleLoads,
  operationType,
  projectType,
  qualityGateChecks,
  qualityGateSpan,
  responseTime,
  sourceCommand,
  status,
  targetModule,
  testCoverage,
  userClass,
} from '../../instrumentation/src/catalog/commands.ts';
import { targets } from '../../prometheus/targets.ts';
import { promql } from '../../queries/promql.ts';
import { collector } from '../../queries/stack-metrics.ts';
import { traceql } from '../../queries/traceql.ts';
import { twin } from '../../twin.ts';
import { dashboard, details, row } from '../dashboard.ts';
import { buckets, grown, percentiles, quantileOf, straight } from '../lines.ts';
import { bars, heatmap, mishaps, pie, stacked, stat, timeseries } from '../panels.ts';
import { traces } from '../signals.ts';
import { table } from '../table.ts';
import { environment } from '../variables.ts';

const here = 'deployment_environment_name=~"$environment"';
const noCommand = 'nobody has given a command in this time. Have some given: "npm run demo".';
const noGate = 'no quality gate ran in this time.';
const noDelegation = 'nothing was passed on in this time.';
const noGithub = 'GitHub was not asked in this time.';
const { gates, taskSeconds } = targets;

const commands = promql`${commandExecutions}{${here}}`;
const commandsFailed = promql`${commandExecutions}{${here}, status="failure"}`;
const checks = promql`${qualityGateChecks}{${here}}`;
const checksPassed = promql`${qualityGateChecks}{${here}, status="passed"}`;
const delegations = promql`${moduleDelegations}{${here}}`;
const byPair = [targetModule, sourceCommand];
/** As many as there is room for. */
const busiest = promql`topk(5, ${grown(delegations, byPair)})`;
const delegationsFailed = promql`${moduleDelegations}{${here}, status="failure"}`;
const requests = promql`${githubRequests}{${here}}`;
const requestsFailed = promql`${githubRequests}{${here}, outcome="failure"}`;

/** A counter of failures begins with the first: until then there are none, as long as there is anything to fail. */
const orNone = (bad: typeof commands, all: typeof commands) => promql`${grown(bad)} or 0 * ${grown(all)}`;
const passedByGate = promql`sum by (${gateType}) (increase(${checksPassed}[1h])) or 0 * sum by (${gateType}) (increase(${checks}[1h]))`;
/** Spans of parts have the part in their name: "component github". */
const seconds = (spans: string) =>
  promql`histogram_quantile(0.95, sum by (span_name, le) (rate(${collector.spanSeconds}_bucket{${here}, span_name=~"${spans}"}[$__rate_interval])))`;

const now = row('Do people get what they ask for?', [
  stat('Commands', grown(commands), {
    read: 'Commands that ended in the time range.',
    unit: 'short',
    decimals: 0,
    empty: noCommand,
    width: 4,
    to: 'user-experience',
  }),
  stat('Commands fail', promql`(${orNone(commandsFailed, commands)}) / ${grown(commands)}`, {
    read: 'Share of the commands of the time range that failed. The table of commands says which; forged tokens count as well.',
    unit: 'percentunit',
    decimals: 1,
    empty: noCommand,
    width: 4,
    to: 'errors',
  }),
  stat('Answer, p95', quantileOf('p95', commandDuration, here, undefined, '$__range'), {
    read: 'From command to response: in the time range 95 of 100 took less, waits for approvals included.',
    unit: 's',
    decimals: 1,
    empty: noCommand,
    width: 4,
    to: 'user-experience',
  }),
  stat('Gates passed', promql`(${orNone(checksPassed, checks)}) / ${grown(checks)}`, {
    read: `Share of the quality gates of the time range that were passed. The aim is ${100 * gates.aim} %; below ${100 * gates.least} % someone is told.`,
    unit: 'percentunit',
    decimals: 1,
    steps: { red: 0, yellow: gates.least, green: gates.aim },
    empty: noGate,
    width: 4,
    to: 'executive',
  }),
  stat('Modules fail', promql`(${orNone(delegationsFailed, delegations)}) / ${grown(delegations)}`, {
    read: 'Share of what was passed on to modules and agents in the time range and failed there.',
    unit: 'percentunit',
    decimals: 1,
    empty: noDelegation,
    width: 4,
    to: 'errors',
  }),
  stat('GitHub fails', promql`(${orNone(requestsFailed, requests)}) / ${grown(requests)}`, {
    read: 'Share of the requests to GitHub of the time range that failed. All of them for minutes: GitHub is down, or our token has expired.',
    unit: 'percentunit',
    decimals: 1,
    empty: noGithub,
    width: 4,
    to: 'operations',
  }),
]);

const usage = row('Which commands are used?', [
  stacked(
    'Commands, by type',
    { '{{command_type}}': grown(commands, [commandType], '$__interval') },
    {
      read: 'Commands that ended, counted in each bar since the one before. What nobody uses any more may be taken out.',
      unit: 'short',
      every: '1m',
      empty: noCommand,
      to: 'user-experience',
    },
  ),
  table(
    'Commands that people give',
    {
      Command: { label: commandType },
      Given: { query: grown(commands, [commandType]), unit: 'short', decimals: 0, bar: true },
      Failed: {
        query: promql`${grown(commandsFailed, [commandType])} or 0 * ${grown(commands, [commandType])}`,
        unit: 'short',
        decimals: 0,
        steps: { green: 0, yellow: 1 },
      },
      p50: { query: quantileOf('p50', commandDuration, here, commandType, '$__range'), unit: 's', decimals: 1 },
      p95: { query: quantileOf('p95', commandDuration, here, commandType, '$__range'), unit: 's', decimals: 1 },
    },
    {
      read: 'In the time range, those that fail most first. One that is slow and used a lot is where work pays.',
      sort: 'Failed',
      width: 10,
      empty: noCommand,
    },
  ),
  pie(
    'Commands, by who gave them',
    { '{{user_class}}': grown(commands, [userClass]) },
    {
      read: 'By class of user. A class that has stopped asking has found another way, or none.',
      unit: 'short',
      decimals: 0,
      height: 8,
      empty: noCommand,
      to: 'executive',
    },
  ),
]);

const quality = row('Does the code get through its gates?', [
  timeseries(
    'Gates passed, by gate',
    {
      '{{gate_type}}': promql`(${passedByGate}) / sum by (${gateType}) (increase(${checks}[1h]))`,
      Target: straight(gates.aim),
    },
    {
      read: 'Share that passed, over the last hour at each point. One gate falls: its rule, or one habit of one agent. All fall: a new model or prompt.',
      unit: 'percentunit',
      max: 1,
      empty: noGate,
      to: 'executive',
    },
  ),
  mishaps(
    'Gates not passed',
    {
      '{{gate_type}}, {{severity}}': grown(
        promql`${qualityGateChecks}{${here}, status=~"failed|error"}`,
        [gateType, gateSeverity],
        '$__interval',
      ),
    },
    {
      read: 'What was caught, by gate and severity. Blocking ones cost another attempt; a gate that only ever warns and that nobody heeds is noise.',
      unit: 'short',
      every: '1m',
      empty: 'every gate was passed.',
      to: 'agent-performance',
    },
  ),
  timeseries(
    'Test coverage, by part',
    {
      '{{module_category}}, {{project_type}}': promql`avg by (${moduleCategory}, ${projectType}) (${testCoverage}{${here}})`,
    },
    {
      read: 'Share of the code that tests run through, as the last measurement said. A step down came with what was committed then.',
      unit: 'percentunit',
      max: 1,
      empty: 'nobody has measured coverage.',
    },
  ),
]);

const modules = row('Do the modules do their part?', [
  table(
    'Modules',
    {
      Module: { label: targetModule },
      'Asked by': { label: sourceCommand },
      Delegations: { query: busiest, unit: 'short', decimals: 0, bar: true },
      'Share that helped': {
        query: promql`(${grown(promql`${moduleDelegations}{${here}, status="success"}`, byPair)} or 0 * ${busiest}) / ${busiest}`,
        unit: 'percentunit',
        decimals: 0,
      },
    },
    {
      read: 'The busiest five: who passed work on to which module in the time range, and how much of it was done. A pair far below its neighbours: the module does not fit that command.',
      sort: 'Delegations',
      empty: noDelegation,
    },
  ),
  timeseries(
    'Operations of parts, p95',
    { '{{span_name}}': seconds('component .+') },
    {
      read: 'How long the parts of the system take, from the spans. A dot is one operation: a click opens its trace.',
      unit: 's',
      width: 6,
      empty: 'no part of the system has been at work in this time.',
      to: 'performance',
    },
  ),
  mishaps(
    'Delegations that failed, by module',
    { '{{target_module}}': grown(delegationsFailed, [targetModule], '$__interval') },
    {
      read: 'More than half of a minute’s delegations failing wakes someone. The spans at the end of the page have the reasons.',
      unit: 'short',
      every: '1m',
      width: 6,
      empty: 'no delegation has failed.',
      to: 'errors',
    },
  ),
]);

const github = row('Does GitHub play along?', [
  stacked(
    'Requests to GitHub, by operation',
    { '{{github_operation}}': grown(requests, [githubOperation], '$__interval') },
    {
      read: 'Counted in each bar since the one before. Many more than commands: something asks again and again.',
      unit: 'short',
      every: '1m',
      empty: noGithub,
    },
  ),
  timeseries(
    'GitHub response times, p95',
    { '{{span_name}}': seconds('github[.].+') },
    {
      read: 'By operation, from the spans. Slow for all: GitHub itself, look at its status page. A dot is one request.',
      unit: 's',
      empty: noGithub,
      to: 'performance',
    },
  ),
  bars(
    'Issues opened',
    {
      '{{issue_type}}, by an agent': grown(promql`${githubIssuesCreated}{${here}, auto_created="true"}`, [issueType]),
      '{{issue_type}}, by hand': grown(promql`${githubIssuesCreated}{${here}, auto_created="false"}`, [issueType]),
    },
    {
      read: 'In the time range, by kind and by whether an agent opened them. Many by agents that nobody closes are noise to those who must read them.',
      unit: 'short',
      decimals: 0,
      empty: 'no issue was opened in this time.',
    },
  ),
]);

const spread = details('Where does the time go?', [
  heatmap('Time to answer, spread', buckets(commandDuration, here), {
    read: 'A second band above the first are commands that wait for a person, or run code. A dot is one: a click opens its trace.',
    unit: 's',
    empty: noCommand,
  }),
  timeseries(
    'Time to answer, p95, by complexity',
    percentiles(commandDuration, here, { of: ['p95'], by: complexity }),
    {
      read: 'What is asked for more may take longer. Low that takes as long as high is a wait, not work.',
      unit: 's',
      empty: noCommand,
    },
  ),
  timeseries('Response times, p95, by operation', percentiles(responseTime, here, { of: ['p95'], by: operationType }), {
    read: 'Operations that people wait for, as the services themselves measured them.',
    unit: 's',
    empty: 'no service measured such an operation in this time.',
  }),
  stacked(
    'Modules loaded, by how it went',
    { '{{target_module}}: {{status}}': grown(promql`${moduleLoads}{${here}}`, [targetModule, status], '$__interval') },
    {
      read: 'Modules that came up when they were first needed. One that did not is missing for everyone until the next start.',
      unit: 'short',
      every: '1m',
      width: 24,
      height: 6,
      empty: 'no module was loaded in this time.',
    },
  ),
]);

const latest = details('What happened in those that failed?', [
  traces('Commands that failed', traceql`{ ${commandExecute} && status = error }`, {
    read: 'The newest. A click on an id opens the trace with each step from authentication to response.',
    width: 24,
    empty: 'no command failed in this time.',
  }),
  traces(
    'Gates that failed',
    traceql`{ ${qualityGateSpan} && ${gateStatus} =~ "failed|error" } | select(${gateType}, ${gateSeverity}, ${gateDetail})`,
    {
      read: 'The newest, with what each found.',
      rows: 'spans',
      columns: { Gate: gateType, Verdict: gateStatus, Severity: gateSeverity, Found: gateDetail },
      width: 24,
      empty: 'no gate failed in this time.',
    },
  ),
  traces(
    'Slow delegations',
    traceql`{ ${moduleDelegate} && duration > ${taskSeconds.singleAgentP95}s } | select(${targetModule}, ${status})`,
    {
      read: `Work passed on that took more than ${taskSeconds.singleAgentP95} s, the newest first.`,
      rows: 'spans',
      columns: { Module: targetModule, Ended: status },
      width: 24,
      empty: 'no delegation took that long in this time.',
    },
  ),
  traces('Delegations that failed', traceql`{ ${moduleDelegate} && status = error } | select(${targetModule})`, {
    read: 'The newest, with the module. A click on an id opens the trace.',
    rows: 'spans',
    columns: { Module: targetModule },
    width: 24,
    empty: 'no delegation failed in this time.',
  }),
]);

export default twin(
  'json',
  dashboard(
    'development',
    { question: 'Do commands, gates, modules and GitHub do what people need?', variables: [environment] },
    [now, usage, quality, modules, github, spread, latest],
  ),
);
