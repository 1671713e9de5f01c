/** D13: the page for those who use the fleet: is it well, what do I get from it, what do people think of it. At most a minute old. */
import { errorType, outcome } from '../../instrumentation/src/catalog/attributes.ts';
import {
  commandDuration,
  commandExecute,
  commandExecutions,
  commandType,
  commandTypeName,
  enterpriseId,
  operationType,
  responseTime,
  status,
  userClass,
} from '../../instrumentation/src/catalog/commands.ts';
import { component, healthStatus } from '../../instrumentation/src/catalog/resources.ts';
import {
  concurrentSessions,
  sessionDuration,
  sessionSpan,
  sessionType,
  userFeedback,
  userId,
} from '../../instrumentation/src/catalog/sessions.ts';
import { targets } from '../../prometheus/targets.ts';
import { logql } from '../../queries/logql.ts';
import { promql } from '../../queries/promql.ts';
import { collector } from '../../queries/stack-metrics.ts';
import { traceql } from '../../queries/traceql.ts';
import { twin } from '../../twin.ts';
import { dashboard, details, row } from '../dashboard.ts';
import { grown, percentiles, quantileOf, straight } from '../lines.ts';
import { bars, stacked, stat, timeline, timeseries } from '../panels.ts';
import { logs, traces } from '../signals.ts';
import { table } from '../table.ts';
import { environment, typed, variable } from '../variables.ts';

const here = 'deployment_environment_name=~"$environment"';
const ofClass = `${here}, user_class=~"$class"`;

const classes = variable('class', 'Class of user', promql`${commandExecutions}{${here}}`, userClass);
/** Who it was stands on spans and logs alone: names on metrics would be as many series as there are people. */
const user = typed('user', 'User');

const commands = promql`${commandExecutions}{${ofClass}}`;
const commandsFailed = promql`${commandExecutions}{${ofClass}, status="failure"}`;
const sessions = promql`${sessionDuration}_count{${here}}`;
const sessionsWell = promql`${sessionDuration}_count{${here}, outcome="success"}`;
const opinions = promql`${userFeedback}_count{${here}}`;
/** Opinions up to a score, 0.2 to 1 in fifths. */
const upTo = (score: number) => grown(promql`${userFeedback}_bucket{${here}, le=~"${score}([.]0)?"}`);
/** The average opinion of an hour. */
const scored = (offset = '') =>
  promql`sum(increase(${userFeedback}_sum{${here}}[1h]${offset})) / (sum(increase(${userFeedback}_count{${here}}[1h]${offset})) > 0)`;

/** Spans are counted within seconds; what a service counts itself comes once a minute. */
const spans = promql`sum(increase(${collector.spanCalls}{${here}, span_name="${commandExecute.name}"}[30m]))`;
const spansFailed = promql`sum(increase(${collector.spanCalls}{${here}, span_name="${commandExecute.name}", status_code="STATUS_CODE_ERROR"}[30m]))`;

const { apiSeconds, enough, failures, quality, steps } = targets;
const noCommand = 'nobody has given a command in this time.';
const noSession = 'no session has ended in this time.';
const noOpinion = 'nobody has said what they think in this time.';
const noPart = 'no part has told its health yet.';

const now = row('Is it well now?', [
  stat('Parts in trouble', promql`count(${healthStatus}{${here}} < 2) or 0 * count(${healthStatus}{${here}})`, {
    read: 'Parts of the fleet that are degraded or down. Any but 0: someone knows, see the bars below for since when.',
    unit: 'none',
    steps: { green: 0, red: 1 },
    empty: noPart,
    width: 4,
    to: 'operations',
  }),
  stat('Failing, 30 min', promql`(${spansFailed} or 0 * ${spans}) / (${spans} >= ${enough.runs})`, {
    read: `Share of the commands of the last 30 minutes, whoever gave them, that failed. From ${100 * failures.critical} % on it is not you: someone is told. Of fewer than ${enough.runs} commands it says nothing.`,
    unit: 'percentunit',
    decimals: 0,
    steps: { green: 0, yellow: failures.high, red: failures.critical },
    empty: `fewer than ${enough.runs} commands in 30 minutes.`,
    width: 4,
    to: 'errors',
  }),
  stat('Waiting time, p95', quantileOf('p95', responseTime, here, undefined, '5m'), {
    read: `95 of 100 requests of the last 5 minutes were taken in less. ${1000 * apiSeconds.p95} ms feel immediate.`,
    unit: 's',
    steps: { green: 0, yellow: apiSeconds.p95, red: apiSeconds.p95Critical },
    empty: 'nobody has asked for anything in the last 5 minutes.',
    width: 4,
    to: 'performance',
  }),
  stat('Sessions open', promql`sum(${concurrentSessions}{${here}})`, {
    read: 'Sessions of people and of agents at work for them. Many more than usual: answers take longer.',
    unit: 'short',
    empty: 'no session was ever opened.',
    width: 4,
    to: 'live',
  }),
  stat('Satisfaction', promql`${grown(promql`${userFeedback}_sum{${here}}`)} / (${grown(opinions)} > 0)`, {
    read: 'What users said in the time range, 0 (useless) to 100 % (perfect), on average.',
    unit: 'percentunit',
    decimals: 0,
    empty: noOpinion,
    width: 4,
    to: 'executive',
  }),
  stat('Age of the data', promql`time() - max(timestamp(${commandExecutions}{${here}}))`, {
    read: 'Since the fleet last sent its numbers: a minute at most, by OTEL_METRIC_EXPORT_INTERVAL. Older: they are late, or the fleet is gone.',
    unit: 's',
    decimals: 0,
    steps: { green: 0, red: 60 },
    empty: 'the fleet has sent nothing for five minutes.',
    width: 4,
    to: 'telemetry-pipeline',
  }),
  timeline(
    'Health of the parts',
    { '{{component}}': promql`min by (${component}) (${healthStatus}{${here}})` },
    {
      read: 'Green is healthy, yellow works with less, red is down. A gap: the part has not been heard of.',
      unit: 'none',
      steps: { red: 0, yellow: 1, green: 2 },
      width: 12,
      height: 7,
      empty: noPart,
      to: 'operations',
    },
  ),
  timeseries(
    'Waiting time, p95, by operation',
    { ...percentiles(responseTime, here, { of: ['p95'], by: operationType }), Target: straight(apiSeconds.p95) },
    {
      read: 'How long requests wait until they are taken. A dot is one request: a click opens its trace.',
      unit: 's',
      width: 12,
      height: 7,
      empty: 'nobody has asked for anything in this time.',
      to: 'performance',
    },
  ),
]);

const mine = row('What do I use it for?', [
  stacked(
    'Commands, by class of user',
    { '{{user_class}}': grown(commands, [userClass], '$__interval') },
    {
      read: 'Each command once, by the class of who gave it. Choose yours above.',
      unit: 'short',
      every: '1m',
      width: 12,
      empty: noCommand,
    },
  ),
  table(
    'Commands, by type',
    {
      Command: { label: commandType },
      Times: { query: grown(commands, [commandType]), unit: 'short', bar: true },
      Failed: {
        query: promql`(${grown(commandsFailed, [commandType])} > 0) / ${grown(commands, [commandType])}`,
        unit: 'percentunit',
        decimals: 0,
        steps: { green: 0, yellow: failures.high, red: failures.critical },
      },
    },
    { read: 'What your class uses, and what does not work for it.', sort: 'Times', empty: noCommand },
  ),
  traces(
    'My commands',
    traceql`{ ${commandExecute} && ${enterpriseId} =~ "$user" } | select(${enterpriseId}, ${commandTypeName}, ${status})`,
    {
      read: 'The newest commands of the user whose id stands above, seconds after they ended; without one, of everybody. A click on an id shows what was done with one, step by step.',
      rows: 'spans',
      columns: { User: enterpriseId, Command: commandTypeName, Ended: status },
      most: 7,
      width: 24,
      height: 10,
      empty: 'that user has given no command in this time.',
    },
  ),
]);

const success = row('Do sessions succeed, and how long do they take?', [
  stacked(
    'Sessions, by how they ended',
    { '{{outcome}}': grown(sessions, [outcome], '$__interval') },
    {
      read: `Each session once. More than ${100 * steps.sessions} % in red: someone is told. Cancelled ones were called off by those who had opened them: they did not want to wait.`,
      unit: 'short',
      every: '1m',
      empty: noSession,
      to: 'errors',
    },
  ),
  timeseries('Completion time of sessions', percentiles(sessionDuration, here), {
    read: 'From the first word to the last. Half of the sessions take less than p50. A dot is one session: a click opens its trace.',
    unit: 's',
    empty: noSession,
  }),
  timeseries('Time of commands, p95, by type', percentiles(commandDuration, here, { of: ['p95'], by: commandType }), {
    read: 'From a command to its answer, 95 times of 100. One type that takes longer alone: what it calls has become slow.',
    unit: 's',
    empty: noCommand,
    to: 'performance',
  }),
]);

const opinion = row('What do people think of it?', [
  bars(
    'Opinions',
    {
      'Perfect, above 80 %': promql`${upTo(1)} - ${upTo(0.8)}`,
      'Good, above 60 %': promql`${upTo(0.8)} - ${upTo(0.6)}`,
      'So so, above 40 %': promql`${upTo(0.6)} - ${upTo(0.4)}`,
      'Poor, above 20 %': promql`${upTo(0.4)} - ${upTo(0.2)}`,
      'Useless, to 20 %': upTo(0.2),
    },
    {
      read: 'What users said in the time range. An average hides those who are angry: look at the lowest two bars.',
      unit: 'short',
      width: 7,
      empty: noOpinion,
    },
  ),
  timeseries(
    'Satisfaction, last hour',
    { Score: scored(), 'A week ago': scored(' offset 1w') },
    {
      read: `The average of an hour, and the same hour a week ago. When it falls by more than ${100 * quality.feedbackDrop} points someone is told: look for a deployment beside it.`,
      unit: 'percentunit',
      max: 1,
      width: 8,
      empty: noOpinion,
    },
  ),
  table(
    'Sessions, by type',
    {
      Session: { label: sessionType },
      Ended: { query: grown(sessions, [sessionType]), unit: 'short', bar: true },
      'Ended well': {
        query: promql`${grown(sessionsWell, [sessionType])} / (${grown(sessions, [sessionType])} > 0)`,
        unit: 'percentunit',
        decimals: 0,
      },
      'Half take': {
        query: promql`${quantileOf('p50', sessionDuration, here, sessionType, '$__range')} > 0`,
        unit: 's',
        decimals: 0,
      },
      Opinion: {
        query: promql`${grown(promql`${userFeedback}_sum{${here}}`, [sessionType])} / (${grown(opinions, [sessionType])} > 0)`,
        unit: 'percentunit',
        decimals: 0,
      },
    },
    {
      read: 'Which kinds of sessions people like, and whether that goes with speed or with success. Agents say no opinion of theirs.',
      sort: 'Ended',
      width: 9,
      empty: noSession,
    },
  ),
]);

const more = details('What happened to me?', [
  traces(
    'My sessions',
    traceql`{ ${sessionSpan} && ${userId} =~ "$user" } | select(${userId}, ${outcome}, ${errorType})`,
    {
      read: 'The newest sessions of the user whose id stands above. A click on an id shows everything that was done in one.',
      rows: 'spans',
      columns: { User: userId, Ended: outcome, Error: errorType },
      empty: 'that user has had no session in this time.',
    },
  ),
  logs(
    'What went wrong',
    logql`{service_name=~".+", ${here}} | ${userId}=~"$user" | detected_level=~"warn|error|fatal"`,
    {
      read: 'Warnings and errors on record for that user; without an id all of them. The field recovery_action says what was done about one.',
      empty: 'nothing went wrong in this time.',
      to: 'errors',
    },
  ),
]);

export default twin(
  'json',
  dashboard(
    'user-experience',
    {
      question: 'Is the fleet well, what do I get from it, and what do people think of it?',
      variables: [environment, classes, user],
    },
    [now, mine, success, opinion, more],
  ),
);
