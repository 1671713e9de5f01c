/** A week as a page: what it was in numbers, what was decided, what it taught. Pure, so that it can be made again at any time. (M02) */
import { duration, money, share } from '../../cli/words.ts';
import { ids, plain, table } from '../../markdown.ts';
import { datesOf } from '../periods.ts';
import type { Decision, Finding, Snapshot } from '../record.ts';
import { lastDayOf, missingDays, weekBefore } from './findings.ts';
import { type Lesson, lessons } from './lessons.ts';
import { rests, sentence, standing } from './sentence.ts';
import { type WeekTotal, weekTotal } from './week-total.ts';

export interface WeekFacts {
  readonly week: string;
  /** All days until the week's end. */
  readonly snapshots: readonly Snapshot[];
  /** Of the week, in order of time. */
  readonly decisions: readonly Decision[];
  /** Of all weeks until this one. */
  readonly findings: readonly Finding[];
}

export function summary({ week, snapshots, decisions, findings }: WeekFacts): string {
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
    own.length === 0 ? 'Nothing stood out from chance.' : own.map(bullet).join('\n'),
    '## Decisions',
    decided(decisions),
    '## Lessons',
    taught(learnt, week),
    '',
  ].join('\n\n');
}

function holes(week: string, snapshots: readonly Snapshot[]): string[] {
  const missing = missingDays(week, snapshots);
  const dates = new Set(datesOf(week));
  const gaps = snapshots
    .filter(({ date }) => dates.has(date))
    .flatMap(({ date, gaps }) => gaps.map((gap) => `${date}: ${plain(gap)}`));
  const lines = [...(missing.length > 0 ? [`Nothing is known of ${missing.join(', ')}.`] : []), ...gaps];
  return lines.length === 0 ? [] : ['## What is missing', lines.map((line) => `- ${line}`).join('\n')];
}

function metrics(now: WeekTotal, before: WeekTotal): string {
  const row = (name: string, of: (week: WeekTotal) => number | null, said: (value: number) => string) =>
    [name, told(of(now), said), told(of(before), said)] as const;
  const whole = (value: number) => String(value);
  const rows = [
    row('tasks that ended', ({ ended }) => ended, whole),
    row('of them failed', ({ failed }) => failed, whole),
    row('success', ({ success_rate }) => success_rate, share),
    row('95th percentile of the time', ({ p95_ms }) => p95_ms, duration),
    row('cost', ({ cost_micro_usd }) => cost_micro_usd, money),
    row('cost of what failed', ({ failed_micro_usd }) => failed_micro_usd, money),
    row('calls without a price', ({ unpriced_calls }) => unpriced_calls, whole),
    row('approvals asked for', ({ approvals_asked }) => approvals_asked, whole),
    row('incidents raised', ({ incidents_raised }) => incidents_raised, whole),
    row('days of seven', ({ days }) => days, whole),
  ];
  return table(['', 'this week', 'week before'], rows);
}

/** What is not known is not zero. */
function told(value: number | null, said: (value: number) => string): string {
  return value === null ? 'not known' : said(value);
}

function bullet(finding: Finding): string {
  return `- ${sentence(finding)} (${rests(finding)}) ${ids(finding.evidence)}`;
}

function decided(decisions: readonly Decision[]): string {
  if (decisions.length === 0) return 'None was recorded.';
  const shown = decisions.slice(0, mostDecisions).map(({ id, at, agent_name, name, choice, confidence, outcome }) => {
    const sure = confidence === null ? '' : `, sure by ${confidence.toFixed(2)}`;
    return `- ${at.slice(0, 16).replace('T', ' ')} ${plain(agent_name ?? 'unknown')}: ${plain(name)} → ${plain(choice ?? 'nothing')}${sure}; ${outcome} ${ids([`decision:${id}`])}`;
  });
  const rest = decisions.length - shown.length;
  return [...shown, ...(rest > 0 ? [`- … and ${rest} more (decisions_log)`] : [])].join('\n');
}

/** A page is read; a log is searched. */
const mostDecisions = 20;

function taught(learnt: readonly Lesson[], week: string): string {
  const of = (state: Lesson['state']) => learnt.filter((lesson) => lesson.state === state);
  // What has ended is told once, in the week in which it did.
  const parts = [
    ...of('lesson'),
    ...of('note'),
    ...[...of('contradicted'), ...of('expired')].filter(({ since }) => since === week),
  ];
  if (parts.length === 0) return 'None yet: what is seen in two weeks becomes one.';
  return parts
    .map((lesson) => `- **${lesson.state}**: ${sentence(lesson.newest)} (${standing(lesson)}) ${ids(lesson.evidence)}`)
    .join('\n');
}
