/** A week as a page: what it was in numbers, what was decided, what it taught. Pure, so that it can be made again at any time. (M02) */
import { ids, plain, table } from '../../markdown.ts';
import { count, duration, money, share } from '../../words.ts';
import { datesOf } from '../periods.ts';
import type { Decision, Finding, Snapshot } from '../record.ts';
import { lastDayOf, missingDays, weekBefore } from './findings.ts';
import { isSaidByAnother, type Lesson, lessons } from './lessons.ts';
import { outcomes } from './outcomes.ts';
import { byWeight, inShort, methods, sentence, standing } from './sentence.ts';
import { ofDays, type WeekTotal, weekTotal } from './week-total.ts';
import type { Wording } from './wording.ts';

export interface WeekFacts {
  readonly week: string;
  /** All days until the week's end. */
  readonly snapshots: readonly Snapshot[];
  /** Of the week, in order of time. */
  readonly decisions: readonly Decision[];
  /** Of all weeks until this one. */
  readonly findings: readonly Finding[];
  /** Default: the plain sentence. */
  readonly said?: Wording;
}

export function summary({
  week,
  snapshots,
  decisions,
  findings,
  said = (finding) => sentence(finding),
}: WeekFacts): string {
  const [now, before] = [weekTotal(week, snapshots), weekTotal(weekBefore(week), snapshots)];
  const own = findings.filter((finding) => finding.week === week);
  const learnt = lessons(findings, week);
  return [
    `# ${week}`,
    `${datesOf(week)[0]} to ${lastDayOf(week)}, UTC. Written from the daily snapshots; \`npm run monitor -- show <id>\` opens what a sentence rests on.`,
    ...holes(week, snapshots),
    '## Key metrics',
    metrics(now, before),
    '## Findings',
    own.length === 0
      ? 'Nothing stood out from chance.'
      : own
          .toSorted(byWeight)
          .map((finding) => bullet(finding, said))
          .join('\n'),
    '## Decisions',
    decided(week, decisions),
    '## Lessons',
    taught(learnt, week, said),
    ...(own.length === 0 ? [] : ['## How it was found', methods(own.toSorted(byWeight)).join('\n')]),
    '',
  ].join('\n\n');
}

function holes(week: string, snapshots: readonly Snapshot[]): string[] {
  const missing = missingDays(week, snapshots);
  const dates = new Set(datesOf(week));
  const of = snapshots
    .filter(({ date }) => dates.has(date))
    .flatMap(({ date, gaps }) => gaps.map((gap) => ({ date, gap })));
  // The same of many days is said once.
  const gaps = [...Map.groupBy(of, ({ gap }) => gap)].map(([gap, days]) => {
    const [first, last] = [days[0]?.date, days.at(-1)?.date];
    const when =
      days.length === 1 ? first : days.length === 7 ? `${first} to ${last}` : days.map(({ date }) => date).join(', ');
    return `${when}: ${plain(gap)}`;
  });
  const lines = [...(missing.length > 0 ? [`Nothing is known of ${missing.join(', ')}.`] : []), ...gaps];
  return lines.length === 0 ? [] : ['## What is missing', lines.map((line) => `- ${line}`).join('\n')];
}

function metrics(now: WeekTotal, before: WeekTotal): string {
  const row = (
    name: string,
    of: (week: WeekTotal) => number | null,
    said: (value: number, week: WeekTotal) => string,
  ) => [name, ...[now, before].map((week) => told(of(week), (value) => said(value, week)))] as const;
  const whole = (value: number) => String(value);
  const rows = [
    row('tasks that ended', ({ ended }) => ended, whole),
    row('of them failed', ({ failed }) => failed, whole),
    row('success', ({ success_rate }) => success_rate, share),
    row('95th percentile of the time', ({ p95_ms }) => p95_ms, duration),
    row(
      'cost',
      ({ cost_micro_usd }) => cost_micro_usd,
      (value, week) => ofDays(money(value), week.cost_days, week),
    ),
    row(
      'cost of what failed',
      ({ failed_micro_usd }) => failed_micro_usd,
      (value) => money(value),
    ),
    row('calls without a price', ({ unpriced_calls }) => unpriced_calls, whole),
    row('approvals asked for', ({ approvals_asked }) => approvals_asked, whole),
    row(
      'incidents raised',
      ({ incidents_raised }) => incidents_raised,
      (value, week) => ofDays(whole(value), week.incident_days, week),
    ),
    row(
      'days of seven',
      ({ days }) => days,
      (days, { whole_days }) => `${days}${whole_days < days ? `, ${days - whole_days} of them in part` : ''}`,
    ),
  ];
  return table(['', 'this week', 'week before'], rows);
}

/** What is not known is not zero. */
function told(value: number | null, said: (value: number) => string): string {
  return value === null ? 'not known' : said(value);
}

function bullet(finding: Finding, said: Wording): string {
  return `- ${said(finding)} (${inShort(finding)}) ${ids(finding.evidence.slice(0, mostIds))}`;
}

/** Ids behind a sentence: more nobody opens. */
const mostIds = 3;

/** What was decided how often, and what came of it; one by one they are in docs/DECISIONS.md. */
function decided(week: string, decisions: readonly Decision[]): string {
  if (decisions.length === 0) return 'None was recorded.';
  const groups = [...Map.groupBy(decisions, ({ name, choice }) => JSON.stringify([name, choice]))]
    .map(([, all]) => all)
    .sort((a, b) => b.length - a.length);
  const shown = groups.slice(0, mostKinds).map((all) => {
    const { name, choice } = all[0] as Decision;
    // Those that failed are looked at first.
    const first = all.toSorted((a, b) => Number(b.outcome === 'failure') - Number(a.outcome === 'failure'));
    const evidence = first.slice(0, mostIds).map(({ id }) => `decision:${id}`);
    return `- ${plain(name)} → ${plain(choice ?? 'nothing')}: ${count(all.length, 'time')}, ${outcomes(all)} ${ids(evidence)}`;
  });
  const rest = groups.slice(mostKinds).reduce((sum, all) => sum + all.length, 0);
  const lines = [...shown, ...(rest > 0 ? [`- … and ${rest} of other kinds (decisions_log)`] : [])];
  return [`${decisions.length} decided: ${outcomes(decisions)} ${ids([`week:${week}`])}.`, lines.join('\n')].join(
    '\n\n',
  );
}

/** A page is read; a log is searched. */
const mostKinds = 12;

function taught(learnt: readonly Lesson[], week: string, said: Wording): string {
  const of = (state: Lesson['state']) => learnt.filter((lesson) => lesson.state === state);
  // What has ended is told once, in the week in which it did; of an error by what it is instead.
  const over = [...of('contradicted'), ...of('expired')].filter(
    (lesson) => lesson.since === week && !isSaidByAnother(lesson),
  );
  const heavy = (all: readonly Lesson[]) => all.toSorted((a, b) => byWeight(a.newest, b.newest));
  const parts = [...heavy(of('lesson')), ...heavy(of('note')), ...heavy(over)];
  if (parts.length === 0) return 'None yet: what is seen in two weeks becomes one.';
  return parts
    .map(
      (lesson) =>
        `- **${lesson.state}**: ${said(lesson.newest)} (${standing(lesson)}) ${ids(lesson.evidence.slice(0, mostIds))}`,
    )
    .join('\n');
}
