import { errorType } from '../../instrumentation/src/catalog/attributes.ts';
import {
  commandExecute,
  commandExecutions,
  commandType,
  githubRequests,
  githubSpan,
  moduleDelegate,
  moduleDelegations,
  moduleLoads,
  sourceCommand,
  targetModule,
} from '../../instrumentation/src/catalog/commands.ts';
import { apiName, apiRateLimitUtilization } from '../../instrumentation/src/catalog/llm.ts';
import { componentOperations } from '../../instrumentation/src/catalog/resources.ts';
import { httpClientDuration } from '../../instrumentation/src/catalog/runtime.ts';
import { authenticationAttempts } from '../../instrumentation/src/catalog/security.ts';
import { started } from '../../instrumentation/src/catalog/service.ts';
import { compose } from '../../place.ts';
import { logql } from '../../queries/logql.ts';
import { promql } from '../../queries/promql.ts';
import { traceql } from '../../queries/traceql.ts';
import { twin } from '../../twin.ts';
import { added } from '../kit/added.ts';
import { alert } from '../kit/alert.ts';
import { counted } from '../kit/counted.ts';
import { type Duration, minutes } from '../kit/duration.ts';
import { fewest } from '../kit/fewest.ts';
import { group } from '../kit/group.ts';
import { environment, service } from '../kit/labels.ts';
import { type Proof, share } from '../kit/proof.ts';
import { record } from '../kit/record.ts';
import { ruleFile } from '../kit/rule-file.ts';
import { grows, series, type World } from '../kit/world.ts';
import { type Targets, targets } from '../targets.ts';

const production = { [environment]: 'production', [service]: 'fleet' };
const ofService = `${service}="$service_name"`;
const ofModule = promql`${moduleDelegations}{${targetModule}="$target_module"}`;

const commandsBy = (status: string) => series(commandExecutions, { status });
const turnedAway = series(authenticationAttempts, { outcome: 'failure' });

/** By the window that they look at. */
const commandsCounted = { '5m': commandsIn('5m'), '10m': commandsIn('10m') };

function commandsIn(within: Duration) {
  const by = { by: [service], within };
  const failed = counted(`service:commands_failed:increase${within}`, promql`${commandExecutions}{status="failure"}`, {
    ...by,
    means: 'commands that failed',
    like: commandsBy('failure'),
    unlike: [commandsBy('success')],
  });
  const ended = counted(`service:commands_ended:increase${within}`, promql`${commandExecutions}{status!="cancelled"}`, {
    ...by,
    means: 'commands that ended',
    like: commandsBy('success'),
    unlike: [commandsBy('cancelled')],
  });
  // A command of somebody who is turned away ends as a failure; it is none of ours.
  const away = record(
    `service:commands_turned_away:increase${within}`,
    promql`sum by (${environment}, ${service}) (increase(${authenticationAttempts}{outcome="failure"}[${within}])) or 0 * ${ended}`,
    `people who could not say who they are, in ${within}`,
    [
      {
        title: 'is 0 before the first',
        world: grows(commandsBy('success'), 60),
        answers: [{ labels: production, value: 0 }],
      },
      {
        title: 'counts those of its window that were turned away',
        after: [[grows(turnedAway, 600), 10]],
        world: [
          ...grows(commandsBy('success'), 60),
          ...grows(turnedAway, 6),
          ...grows(series(authenticationAttempts, { outcome: 'success' }), 60),
        ],
        atMinute: minutes(within),
        answers: [{ labels: production, value: 6 * minutes(within) }],
      },
    ],
  );
  return { failed, ended, away };
}

const delegations = (status: string) => series(moduleDelegations, { status });

const delegationsCounted = { '1m': delegationsIn('1m'), '10m': delegationsIn('10m') };

/** A service may push only once a minute: in so short a window there is no rate. */
function delegationsIn(within: Duration) {
  const by = { by: [targetModule], within, exactly: true };
  return {
    failed: counted(`module:delegations_failed:added${within}`, promql`${moduleDelegations}{status="failure"}`, {
      ...{ ...by, means: 'delegations to a module that failed' },
      ...{ like: delegations('failure'), unlike: [delegations('success'), delegations('cancelled')] },
    }),
    all: counted(`module:delegations:added${within}`, promql`${moduleDelegations}{status=~"success|failure"}`, {
      ...{ ...by, means: 'delegations to a module that ended' },
      ...{ like: delegations('success'), unlike: [delegations('cancelled')] },
    }),
  };
}

const requests = (outcome: string) => series(githubRequests, { outcome });

const githubFailed = counted(
  'environment:github_requests_failed:increase5m',
  promql`${githubRequests}{outcome="failure"}`,
  {
    ...{ within: '5m', means: 'requests to GitHub that failed' },
    like: requests('failure'),
    unlike: [requests('success')],
  },
);

const githubEnded = counted('environment:github_requests:increase5m', promql`${githubRequests}{outcome!="cancelled"}`, {
  ...{ within: '5m', means: 'requests to GitHub' },
  like: requests('success'),
  unlike: [requests('cancelled')],
});

const loads = (status: string) => series(moduleLoads, { status });

// Modules are loaded when a process starts: its counters are born with what there is to count.
const ofLoads = { by: [service], within: '5m', exactly: true } as const;

const modulesFailed = counted('service:modules_failed:added5m', promql`${moduleLoads}{status="failure"}`, {
  ...ofLoads,
  means: 'modules that did not come up',
  like: loads('failure'),
  unlike: [loads('success')],
});

const modulesLoaded = counted('service:modules:added5m', moduleLoads, {
  ...{ ...ofLoads, means: 'modules that were loaded, or were to be' },
  like: loads('success'),
});

/** Do commands succeed, and the steps that they consist of? (A16, A17) */
export function commands({ failures, steps, enough }: Targets) {
  return group('commands', [
    ...Object.values(commandsCounted).flatMap(({ failed, ended, away }) => [failed, ended, away]),
    ...Object.values(delegationsCounted).flatMap(({ failed, all }) => [failed, all]),
    githubFailed,
    githubEnded,
    modulesFailed,
    modulesLoaded,
    alert('CommandFailureRateHigh', {
      spec: ['A16', 'A17'],
      team: 'fleet',
      levels: [
        { severity: 'critical', over: failures.critical, within: '5m', for: '1m', keepFiringFor: '5m' },
        { severity: 'high', over: failures.high, within: '10m', for: '1m', keepFiringFor: '10m' },
      ],
      when: ({ over, within }) => {
        const { failed, ended, away } = commandsCounted[within];
        return promql`(${failed} - ${away}) / (${ended} - ${away}) > ${over} and ${ended} - ${away} >= ${fewest(over)}`;
      },
      summary: 'Too many commands fail',
      description: ({ within }) =>
        `{{ $value | humanizePercentage }} of the commands that ended in {{ $labels.service_name }} in the last ${within} failed.`,
      dashboard: 'user-experience',
      runbook: {
        meaning:
          'Of the commands that ended, too many failed. Those that were called off are left out, and so are those of people who could not say who they are.',
        impact: 'People asked for something and got an error.',
        checks: [
          {
            ask: 'Which command?',
            query: promql`topk(5, sum by (${commandType}) (increase(${commandExecutions}{${ofService},status="failure"}[10m])))`,
          },
          { ask: 'At which of its steps, and why?', query: traceql`{ ${commandExecute} && status = error }` },
          {
            ask: 'Does a part fail that they need?',
            query: promql`topk(5, sum by (component, ${errorType}) (increase(${componentOperations}{${ofService},outcome="failure"}[10m])))`,
          },
        ],
        remedy: [
          'One command: look at what changed in it. "unknown" is a word that no command has: see CommandsUnknown.',
          'All commands: a model, a part or an agent behind them fails; one of their alerts says which.',
          'It began with a deployment: roll back.',
        ],
      },
      proof: ({ over, within }) => commandProof(over, within),
    }),
    alert('DelegationFailuresHigh', {
      spec: ['A16'],
      team: 'fleet',
      levels: [
        { severity: 'critical', over: steps.delegations, within: '1m', for: '1m', keepFiringFor: '5m' },
        // For fleets that pass on less than ten times a minute.
        { severity: 'high', over: steps.delegations, within: '10m', for: '1m', keepFiringFor: '10m' },
      ],
      when: ({ over, within }) => {
        const { failed, all } = delegationsCounted[within];
        return promql`${failed} / ${all} > ${over} and ${all} >= ${enough.delegations}`;
      },
      summary: 'Most of what is passed on to {{ $labels.target_module }} fails',
      description: ({ within }) =>
        `{{ $value | humanizePercentage }} of what was passed on to {{ $labels.target_module }} in the last ${within} failed.`,
      dashboard: 'operations',
      runbook: {
        meaning: 'More than half of the work that was passed on to a module or an agent came back as a failure.',
        impact: 'All that is built on it stands still: commands fail, or are tried again.',
        checks: [
          {
            ask: 'Who passes on, and does all of it fail? One source: what it hands over is wrong.',
            query: promql`sum by (${sourceCommand}, status) (increase(${ofModule}[10m]))`,
          },
          {
            ask: 'With which error?',
            query: traceql`{ ${moduleDelegate} && ${targetModule} = "$target_module" && status = error }`,
          },
          {
            ask: 'Did the module load at all?',
            query: promql`sum by (status) (${added(promql`${moduleLoads}{${targetModule}="$target_module"}`, '1d')})`,
          },
        ],
        remedy: [
          'It is an agent: see its own alerts, AgentErrorRateHigh and AgentSilent.',
          'It is a module that did not load: see ModuleLoadFailures.',
          'Stop passing on to it; let what waits be done by another, or later.',
        ],
      },
      proof: ({ over, within }) =>
        share(
          { bad: delegations('failure'), rest: delegations('success') },
          { over, within, enough: enough.delegations },
        ),
    }),
    alert('GitHubFailuresHigh', {
      spec: ['A16'],
      team: 'platform',
      levels: [{ severity: 'critical', over: steps.github, for: '1m', keepFiringFor: '5m' }],
      when: ({ over }) => promql`${githubFailed} / ${githubEnded} > ${over} and ${githubEnded} >= ${enough.github}`,
      summary: 'Nothing works with GitHub',
      description: '{{ $value | humanizePercentage }} of the requests to GitHub in the last 5 minutes failed.',
      dashboard: 'operations',
      runbook: {
        meaning: 'For five minutes, nearly every request to GitHub has failed.',
        impact: 'No issues, no commits: what agents have made cannot be handed over.',
        checks: [
          {
            ask: 'Which error? 401: the key. 403, 429: the limit. 5xx, no answer: GitHub itself.',
            query: promql`topk(5, sum by (server_address, http_response_status_code, ${errorType}) (increase(${httpClientDuration}_count{server_address=~".*github.*"}[10m])))`,
          },
          {
            ask: 'Which operations, and what did GitHub say?',
            query: traceql`{ ${githubSpan} && status = error }`,
          },
          {
            ask: 'Is the rate limit used up?',
            query: promql`max by (${apiName}) (${apiRateLimitUtilization}{${apiName}=~".*github.*"})`,
          },
        ],
        remedy: [
          'The key has expired or was taken away: give the fleet a new one.',
          'The limit is used up: slow down, and look for who asks in a loop.',
          'GitHub is down (githubstatus.com): pause the workflows that end in a commit.',
        ],
      },
      proof: ({ over }) =>
        share({ bad: requests('failure'), rest: requests('success') }, { over, within: '5m', enough: enough.github }),
    }),
    alert('ModuleLoadFailures', {
      spec: ['A17'],
      team: 'platform',
      levels: [{ severity: 'high', over: steps.modules, for: '1m', keepFiringFor: '15m' }],
      when: ({ over }) =>
        promql`${modulesFailed} / ${modulesLoaded} > ${over} and ${modulesLoaded} >= ${enough.modules}`,
      summary: 'Modules of {{ $labels.service_name }} do not load',
      description:
        '{{ $value | humanizePercentage }} of the modules that {{ $labels.service_name }} loaded in the last 5 minutes did not come up.',
      dashboard: 'operations',
      runbook: {
        meaning: 'A service tried to load modules, and more than a quarter of them failed.',
        impact: 'It runs, but cannot do what these modules are for.',
        checks: [
          {
            ask: 'Which modules?',
            query: promql`sum by (${targetModule}) (${added(promql`${moduleLoads}{${ofService},status="failure"}`, '1h')}) > 0`,
          },
          {
            ask: 'What did the service say of it?',
            query: logql`{service_name="$service_name"} | detected_level="error"`,
          },
          {
            ask: 'Has it just been deployed?',
            query: logql`{service_name="$service_name"} | event_name=${started}`,
          },
        ],
        remedy: [
          'It has just been deployed: roll back; a file or a dependency is missing in the new build.',
          'A setting or a key is missing where it runs: add it, and restart.',
          'It loads from elsewhere: look whether that answers.',
        ],
      },
      proof: ({ over }) =>
        share({ bad: loads('failure'), rest: loads('success') }, { over, within: '5m', enough: enough.modules }),
    }),
  ]);
}

function commandProof(over: number, within: '5m' | '10m'): Proof {
  const told = { over, within, enough: fewest(over) };
  const proof = share({ bad: commandsBy('failure'), rest: commandsBy('success') }, told);
  /** A minute of ours, of which so many fail, and of people who are turned away. */
  const world = (ours: number, failed: number, refused: number): World => [
    ...grows(commandsBy('failure'), failed + refused),
    ...grows(commandsBy('success'), ours - failed),
    ...grows(turnedAway, refused),
  ];
  const few = (0.9 * fewest(over)) / minutes(within);
  return {
    ...proof,
    also: [
      ...(proof.also ?? []),
      {
        title: 'is not told of those who are turned away',
        phases: [[world(100, over * 95, 50), 30]],
        told: { notFrom: 0 },
      },
      { title: 'is told of failures beside them', phases: [[world(100, over * 105, 50), 30]], told: 'at the end' },
      { title: 'is not told of too few beside them', phases: [[world(few, few, 50), 30]], told: { notFrom: 0 } },
    ],
  };
}

export default twin('yml', ruleFile(commands(targets), compose));
