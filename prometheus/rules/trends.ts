import { errorType } from '../../instrumentation/src/catalog/attributes.ts';
import { commandDuration, commandExecutions, userClass } from '../../instrumentation/src/catalog/commands.ts';
import { operationDuration } from '../../instrumentation/src/catalog/llm.ts';
import { sessionType, userFeedback } from '../../instrumentation/src/catalog/sessions.ts';
import { agentTasksStarted } from '../../instrumentation/src/catalog/tasks.ts';
import { workflowRuns, workflowTrigger } from '../../instrumentation/src/catalog/workflows.ts';
import { compose } from '../../place.ts';
import { promql } from '../../queries/promql.ts';
import { twin } from '../../twin.ts';
import { alert } from '../kit/alert.ts';
import { minutes } from '../kit/duration.ts';
import { group } from '../kit/group.ts';
import { environment } from '../kit/labels.ts';
import type { Proof } from '../kit/proof.ts';
import { type Answer, record } from '../kit/record.ts';
import { ruleFile } from '../kit/rule-file.ts';
import { grows, observes, type Phase, series, type World } from '../kit/world.ts';
import { type Targets, targets } from '../targets.ts';

const [hour, day] = [minutes('1h'), minutes('1d')];
const production = { [environment]: 'production' };

/** Tasks an hour on seven days, the oldest first, and in the hour that is asked about; elsewhere ten times as many. */
const week = [420, 480, 540, 600, 660, 750, 780];
const begun = series(agentTasksStarted);
const elsewhere = series(agentTasksStarted, { [environment]: 'staging' });
const tasks = (anHour: number): World => grows(begun, anHour / hour);
const days = (anHour: readonly number[]): Phase[] => anHour.map((each) => [tasks(each), day]);
const asked: Omit<Answer, 'title' | 'answers'> = {
  after: week.map((each): Phase => [[...tasks(each), ...grows(elsewhere, (10 * each) / hour)], day]),
  world: [...tasks(900), ...grows(elsewhere, 9000 / hour)],
  atMinute: hour,
  step: '10m',
};
const inBoth = (value: number) => [
  { labels: production, value },
  { labels: { [environment]: 'staging' }, value: 10 * value },
];

const tasksOfHour = record(
  'environment:tasks_started:increase1h',
  promql`sum by (${environment}) (increase(${agentTasksStarted}[1h]))`,
  'tasks begun in an hour',
  [{ title: 'is of its hour', ...asked, answers: inBoth(900) }],
);

const ago = week.map((_, at) => promql`label_replace(${tasksOfHour} offset ${at + 1}d, "day", "${at + 1}", "", "")`);

const tasksOfSameHour = record(
  'environment:tasks_started_same_hour:increase1h',
  ago.reduce((all, each) => promql`${all} or ${each}`),
  'tasks begun in this hour of each of the last seven days',
  [
    {
      title: 'has each day once',
      ...asked,
      answers: week.flatMap((each, at) => {
        const day = String(week.length - at);
        return [
          { labels: { ...production, day }, value: each },
          { labels: { [environment]: 'staging', day }, value: 10 * each },
        ];
      }),
    },
  ],
);

const tasksUsual = record(
  'environment:tasks_started_usual:increase1h',
  promql`quantile by (${environment}) (0.5, ${tasksOfSameHour})`,
  'tasks that are usual in this hour: the median of seven days',
  [{ title: 'is the median', ...asked, answers: inBoth(600) }],
);

/** Neither one day without work nor one with ten times as much moves a median, or a median of deviations. */
const tasksDeviation = record(
  'environment:tasks_started_deviation:increase1h',
  promql`quantile by (${environment}) (0.5, abs(${tasksOfSameHour} - on (${environment}) group_left () ${tasksUsual}))`,
  'tasks by which a day usually differs in this hour: the median deviation from the median',
  [{ title: 'is the median of deviations', ...asked, answers: inBoth(120) }],
);

const tasksUnlike = record(
  'environment:tasks_started_nearest:increase1h',
  promql`min by (${environment}) (abs(${tasksOfSameHour} - on (${environment}) group_left () ${tasksOfHour}))`,
  'tasks by which this hour differs from the day that is most like it',
  [{ title: 'is the distance to the nearest day', ...asked, answers: inBoth(120) }],
);

const said = series(userFeedback, { session_type: 'chat' });
const score = (value: number, anHour: number): World =>
  observes(said, { perMinute: anHour / hour, quantile: 0.5, value: exact(value) });
const chat = [{ ...production, session_type: 'chat' }] as const;

const [lately, before] = ['[6h]', '[7d] offset 6h'] as const;
const added = (part: 'sum' | 'count', range: string) =>
  promql`sum by (${environment}, ${sessionType}) (increase(${userFeedback}_${part}${range}))`;

/** Long ago it was bad, then nobody said anything, then it was good, and lately less so. */
const opinions: Omit<Answer, 'title' | 'answers'> = {
  after: [
    [score(0.3, 6000), day],
    [score(0.3, 0), 7 * day],
    [score(0.8, 60), day],
    [score(0.8, 0), 6 * hour],
  ],
  world: score(0.7, 30),
  atMinute: 6 * hour,
  step: '10m',
};
const is = (value: number) => chat.map((labels) => ({ labels, value }));

// Means, though one value can move a mean: a score is 0 to 1, so it moves one of fifty by two hundredths at most.
const feedbackScore = record(
  'session:feedback:mean6h',
  promql`${added('sum', lately)} / ${added('count', lately)}`,
  'average score of users in 6 hours',
  [{ title: 'is of its window', ...opinions, answers: is(0.7) }],
);

const feedbackCount = record(
  'session:feedback:increase6h',
  added('count', lately),
  'scores given by users in 6 hours',
  [{ title: 'is of its window', ...opinions, answers: is(180) }],
);

const feedbackScoreBefore = record(
  'session:feedback:mean_past7d',
  promql`${added('sum', before)} / ${added('count', before)}`,
  'average score of users in the seven days before that',
  [{ title: 'is of the days before', ...opinions, answers: is(0.8) }],
);

const feedbackCountBefore = record(
  'session:feedback:increase_past7d',
  added('count', before),
  'scores given by users in the seven days before that',
  // increase() stretches what the samples show, one step short of a week, to the week.
  [{ title: 'is of the days before', ...opinions, answers: is((60 * 24 * 7 * day) / (7 * day - 10)) }],
);

/** A standard deviation is so many median deviations, where values spread as they usually do. */
const standard = 1.4826;
/** Unlike any day: more than half of the usual away from the nearest. */
const unlike = 0.5;

/** Does the fleet do what it does at this hour of other days, and do its users still like it? (A18) */
export function trends({ usage, quality, enough }: Targets) {
  return group(
    'trends',
    [
      tasksOfHour,
      tasksOfSameHour,
      tasksUsual,
      tasksDeviation,
      tasksUnlike,
      feedbackScore,
      feedbackCount,
      feedbackScoreBefore,
      feedbackCountBefore,
      alert('FleetUsageUnusual', {
        spec: ['A18'],
        team: 'fleet',
        levels: [{ severity: 'warning', deviations: usage.deviations, for: '30m', keepFiringFor: '30m' }],
        // A Saturday is unlike most days of a week, but like the Saturday in it.
        when: ({ deviations }) =>
          promql`${tasksOfHour} and abs(${tasksOfHour} - ${tasksUsual}) > ${exact(deviations * standard)} * ${tasksDeviation} and ${tasksUnlike} > ${unlike} * ${tasksUsual} and count by (${environment}) (${tasksOfSameHour}) >= ${week.length} and (${tasksOfHour} >= ${usage.tasks} or ${tasksUsual} >= ${usage.tasks})`,
        summary: 'The fleet is used far more, or far less, than usual at this hour',
        description: `{{ $value | humanize }} tasks were begun in the last hour. On none of the last seven days was it like that at this hour.`,
        dashboard: 'executive',
        runbook: {
          meaning: `The tasks of the last hour differ from the median of this hour on the last seven days by more than ${usage.deviations} standard deviations (by the median deviation, which single days do not move), and by more than half of it from every one of these days. It is told once a week is known.`,
          impact:
            'Far more: money, and queues that fill. Far less: work that should come does not, and nobody else may notice.',
          checks: [
            {
              ask: 'More or less than usual? Tasks in this hour of the last seven days:',
              query: promql`${tasksOfSameHour}`,
            },
            {
              ask: 'Who asks? By what sets workflows off:',
              query: promql`sum by (workflow_name, ${workflowTrigger}) (increase(${workflowRuns}[1h]))`,
            },
            {
              ask: 'Do people ask, and who? Commands by class of user:',
              query: promql`sum by (${userClass}) (increase(${commandExecutions}[1h]))`,
            },
          ],
          remedy: [
            'A loop: one agent hands out the same again and again (sent messages say which); stop it.',
            'Nothing comes: a webhook, a schedule or a sender has stopped; look at the trigger that is missing.',
            'A holiday, a campaign, a new customer: nothing is wrong.',
          ],
        },
        proof: ({ deviations }) => usageProof(deviations, usage.tasks),
      }),
      alert('SessionFeedbackDeclining', {
        spec: ['A18'],
        team: 'fleet',
        levels: [{ severity: 'warning', over: quality.feedbackDrop, for: '30m', keepFiringFor: '1h' }],
        when: ({ over }) =>
          promql`${feedbackScoreBefore} - ${feedbackScore} > ${over} and ${feedbackCount} >= ${enough.feedback} and ${feedbackCountBefore} >= ${2 * enough.feedback}`,
        summary: 'Users think less of {{ $labels.session_type }} sessions than they did',
        description:
          'What users said of {{ $labels.session_type }} sessions in the last 6 hours is lower than in the week before by {{ $value | humanizePercentage }} of the scale.',
        dashboard: 'user-experience',
        runbook: {
          meaning: 'The average score of the last six hours is clearly below that of the seven days before.',
          impact: 'Users get less than they are used to, and may stop asking.',
          checks: [
            {
              ask: 'Did it fall at a certain hour, as with a deployment?',
              query: promql`sum(increase(${userFeedback}_sum{${sessionType}="$session_type"}[1h])) / sum(increase(${userFeedback}_count{${sessionType}="$session_type"}[1h]))`,
            },
            {
              ask: 'Do people wait longer for an answer?',
              query: promql`histogram_quantile(0.95, sum by (command_type, le) (rate(${commandDuration}_bucket[6h])))`,
            },
            {
              ask: 'Do other models answer than before? Calls of each:',
              query: promql`sum by (gen_ai_request_model, ${errorType}) (increase(${operationDuration}_count[6h]))`,
            },
          ],
          remedy: [
            'A new version, prompt or model since then: go back to the former, and compare.',
            'Answers come late: see WorkflowSlow and FleetTasksSlowing.',
            'More people, other questions: look at what they ask, with CommandsUnknown.',
          ],
        },
        proof: ({ over }) => feedbackProof(over, enough.feedback),
      }),
    ],
    { interval: '1m', provedEvery: '1h' },
  );
}

/** A week that varies, then an hour that is told or not; and weeks that do not vary at all. */
function usageProof(deviations: number, least: number): Proof {
  const usual = 2 * least;
  const excess = deviations * standard * 0.2 * usual;
  const even = (anHour: number, of = 7) => days(Array.from({ length: of }, () => anHour));
  const twoHours = (anHour: number): Phase => [tasks(anHour), 2 * hour];
  const never = { notFrom: 0 };
  return {
    before: days(week.map((each) => (each * usual) / 600)),
    bad: tasks(usual + excess * 1.01),
    good: tasks(usual + excess * 0.99),
    recovered: tasks(usual),
    value: exact(usual + excess * 1.01),
    trueAfter: hour,
    falseAfter: hour,
    settles: hour,
    step: '10m',
    also: [
      { title: 'is told of far more', phases: [...even(usual), twoHours(1.53 * usual)], told: 'at the end' },
      { title: 'is told of far less', phases: [...even(usual), twoHours(0.47 * usual)], told: 'at the end' },
      { title: 'is not told of somewhat more', phases: [...even(usual), twoHours(1.47 * usual)], told: never },
      { title: 'is not told of somewhat less', phases: [...even(usual), twoHours(0.53 * usual)], told: never },
      {
        title: 'is not told of what was so on one of the days',
        phases: [...days([usual / 10, ...Array.from({ length: 6 }, () => usual)]), twoHours(usual / 10)],
        told: { notFrom: 7 * day },
      },
      { title: 'is not told before a week is known', phases: [...even(usual, 6), twoHours(3 * usual)], told: never },
      { title: 'is not told of little', phases: [...even(least / 5), twoHours(0.98 * least)], told: never },
      {
        title: 'is told of much where there was little',
        phases: [...even(least / 5), twoHours(1.02 * least)],
        told: 'at the end',
      },
      { title: 'is not told when little becomes less', phases: [...even(0.98 * least), twoHours(0)], told: never },
      { title: 'is told when much becomes nothing', phases: [...even(1.02 * least), twoHours(0)], told: 'at the end' },
    ],
  };
}

/** A day of praise, six hours without any, then less of it. */
function feedbackProof(drop: number, least: number): Proof {
  const usual = 0.8;
  const bad = usual - drop * 1.05;
  const known = (inAll: number): Phase[] => [
    [score(usual, inAll / 24), day],
    [score(usual, 0), 6 * hour],
  ];
  const after = 8 * hour;
  return {
    before: known(500 * least),
    bad: score(bad, 2 * least),
    good: score(usual - drop * 0.95, 2 * least),
    recovered: score(1, 10_000 * least),
    quiet: score(bad, (0.98 * least) / 6),
    enough: score(bad, (1.02 * least) / 6),
    value: exact(drop * 1.05),
    trueAfter: hour,
    falseAfter: hour,
    settles: 6 * hour,
    step: '10m',
    also: [
      {
        title: 'is not told where too little was said before',
        phases: [...known(2 * least * 0.98), [score(bad, least / 2), after]],
        told: { notFrom: 0 },
      },
      {
        title: 'is told where just enough was said before',
        phases: [...known(2 * least * 1.02), [score(bad, 2 * least), 3 * hour]],
        told: 'at the end',
      },
    ],
  };
}

function exact(value: number): number {
  return Number(value.toPrecision(12));
}

export default twin('yml', ruleFile(trends(targets), compose));
