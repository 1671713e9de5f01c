/** MEMORY.md: what a new session, or a new colleague, has to know first. Pure. (M04) */
import { ids, plain, table } from '../../markdown.ts';
import { count, duration, errorText, money, share } from '../../words.ts';
import { weekBefore } from '../consolidate/findings.ts';
import { lessons } from '../consolidate/lessons.ts';
import { rests } from '../consolidate/sentence.ts';
import { daysOfWeek, ofDays, type WeekTotal, weekTotal } from '../consolidate/week-total.ts';
import { beginOf, dateOf } from '../periods.ts';
import type { FindingKind, Snapshot } from '../record.ts';
import type { Block } from './blocks.ts';
import { cut } from './cut.ts';
import { decisionLine, decisionsPath } from './decisions-page.ts';
import { by, errorsPath, link } from './errors-page.ts';
import { type KnownError, recentDays } from './known-error.ts';
import type { KnownFacts } from './known-facts.ts';

export const memoryPath = 'MEMORY.md';
export const memoryHeading = '# Memory';

const mostDecisions = 10;
const mostIssues = 10;
/** What is more is no list of what to do next. */
const mostErrorsToMend = 5;
/** Calls without a price are looked for in so many days. */
const pricedDays = 7;
/** What a lesson of these says can be done by whoever reads it. */
const toActOn: ReadonlySet<FindingKind> = new Set([
  ...(['agent-task', 'model-choice', 'batch-size', 'tool-choice'] as const),
]);

export function memoryPage(facts: KnownFacts, errors: readonly KnownError[]): Block[] {
  return [
    { name: 'metrics', text: `## Metrics\n\n${metrics(facts)}` },
    { name: 'decisions', text: `## Decision log\n\n${decisionLog(facts)}` },
    { name: 'issues', text: `## Known issues\n\n${issues(facts, errors)}` },
    { name: 'next', text: `## Next actions\n\n${nextActions(facts, errors)}` },
  ];
}

function metrics({ until, week, snapshots }: KnownFacts): string {
  const day = snapshots.find(({ date }) => date === until);
  const [now, before] = [weekTotal(week, snapshots), weekTotal(weekBefore(week), snapshots)];
  const row = (
    name: string,
    ofDay: number | null | undefined,
    of: (week: WeekTotal) => number | null,
    said = String as (value: number) => string,
    daysOf: keyof Pick<WeekTotal, 'days' | 'cost_days' | 'incident_days'> = 'days',
  ) => {
    const told = (value: number | null | undefined) =>
      value === null || value === undefined ? undefined : said(value);
    const weeks = [now, before].map((week) => {
      const value = told(of(week));
      return value && ofDays(value, week[daysOf], week);
    });
    return [name, ...[told(ofDay), ...weeks].map((value) => value ?? 'not known')];
  };
  // Zeros of a ledger that has lost the day are no numbers.
  const known = day?.ledger === 'gone' ? undefined : day;
  const ended = known && known.tasks.completed + known.tasks.failed;
  const rows = [
    row('tasks that ended', ended, (one) => one.ended),
    row('of them failed', known?.tasks.failed, (one) => one.failed),
    row('success', day?.success_rate, (one) => one.success_rate, share),
    row('95th percentile of the time', day?.p95_ms, (one) => one.p95_ms, duration),
    row('cost', day?.cost.micro_usd, (one) => one.cost_micro_usd, money, 'cost_days'),
    row('cost of what failed', day?.cost.failed_micro_usd, (one) => one.failed_micro_usd, money),
    row('calls without a price', known?.cost.unpriced_calls, (one) => one.unpriced_calls),
    row('approvals asked for', known?.approvals.asked, (one) => one.approvals_asked),
    row('incidents raised', day?.incidents.raised, (one) => one.incidents_raised, String, 'incident_days'),
  ];
  const state = day?.state === 'open' ? `${until}, so far` : until;
  const gaps = (day?.gaps ?? []).map((gap) => `- ${until}: ${plain(gap)}`);
  return [
    table(['', state, `${week} (${daysOfWeek(now)})`, `${weekBefore(week)} (${daysOfWeek(before)})`], rows),
    ids([`day:${until}`, `week:${week}`, `week:${weekBefore(week)}`]),
    ...(gaps.length > 0 ? [gaps.join('\n')] : []),
  ].join('\n\n');
}

function decisionLog({ decisions }: KnownFacts): string {
  const newest = decisions.slice(-mostDecisions).reverse();
  if (newest.length === 0) return 'None was recorded lately.';
  return [newest.map(decisionLine).join('\n'), `All: [${decisionsPath}](${decisionsPath}).`].join('\n\n');
}

function issues({ until, week, findings, said }: KnownFacts, errors: readonly KnownError[]): string {
  const unsolved = errors.filter(({ status }) => status === 'open' || status === 'returned');
  const urgent = unsolved.filter(isRecent);
  const old = unsolved.length - urgent.length;
  const rest = urgent.length - mostIssues;
  const worse = findings.filter((finding) => finding.week === week && finding.kind === 'regression');
  const lines = [
    ...urgent.slice(0, mostIssues).map((error) => `- ${error.status} since ${error.since}: ${about(error, until)}`),
    ...(rest > 0 ? [`- … and ${count(rest, 'more error')}: [${errorsPath}](${errorsPath})`] : []),
    ...(old > 0
      ? [
          `- … and ${count(old, 'error')} not seen in the ${recentDays} days until ${until}: [${errorsPath}](${errorsPath})`,
        ]
      : []),
    ...worse.map((finding) => `- ${said(finding)} (${rests(finding)}) ${ids([`week:${week}`, ...finding.evidence])}`),
  ];
  return lines.join('\n') || `None is known on ${until}.`;
}

/** What has not come for long is nobody's next action, though nobody knows that it is over. */
function isRecent({ recent_times }: KnownError): boolean {
  return recent_times > 0;
}

/** By what it cost lately: that is what somebody can still save. */
function about(error: KnownError, until: string): string {
  const lately = `${count(error.recent_times, 'time')} and ${money(error.recent_cost_micro_usd)} in the ${recentDays} days until ${until}`;
  const name = plain(cut(errorText(error), 120).replace(/[.\s]+$/, ''));
  const evidence = ids([`error:${error.fingerprint}`, ...error.sessions.slice(0, 2)]);
  return `${name}, ${link(error, 'docs/errors/')}${by(error)}: ${lately} ${evidence}`;
}

function nextActions(facts: KnownFacts, errors: readonly KnownError[]): string {
  const { until, week, findings, snapshots, said } = facts;
  const recent = errors.filter(isRecent);
  const back = recent.filter(({ status }) => status === 'returned').slice(0, mostErrorsToMend);
  const open = recent.filter(({ status }) => status === 'open').slice(0, mostErrorsToMend);
  const learnt = lessons(findings, week).filter(({ state, kind }) => state === 'lesson' && toActOn.has(kind));
  const worse = findings.filter((finding) => finding.week === week && finding.kind === 'regression');
  const lines = [
    ...back.map((error) => `- Find out why it came back on ${error.since}: ${about(error, until)}`),
    ...open.map(
      (error) => `- ${error.told.has_cause ? 'Mend it, its cause is known' : 'Find its cause'}: ${about(error, until)}`,
    ),
    ...worse.map(
      (finding) => `- Find out what changed in ${week}: ${said(finding)} ${ids([`week:${week}`, ...finding.evidence])}`,
    ),
    ...learnt.map(
      ({ newest, weeks, evidence }) =>
        `- Act on what ${weeks.length} weeks have shown: ${said(newest)} ${ids([`week:${newest.week}`, ...evidence.slice(0, 2)])}`,
    ),
    ...unpriced(until, snapshots),
    ...waiting(until, snapshots),
  ];
  return lines.join('\n') || 'Nothing that is known asks for one.';
}

function unpriced(until: string, snapshots: readonly Snapshot[]): string[] {
  const from = dateOf(beginOf(until) - (pricedDays - 1) * 86_400_000);
  const calls = new Map<string, { calls: number; day: string }>();
  for (const { date, models } of snapshots.filter((day) => day.date >= from))
    for (const { model, cost } of models)
      if (cost.unpriced_calls > 0)
        calls.set(model, { calls: (calls.get(model)?.calls ?? 0) + cost.unpriced_calls, day: date });
  return [...calls]
    .sort(([a, one], [b, other]) => other.calls - one.calls || (a < b ? -1 : 1))
    .map(
      ([model, { calls, day }]) =>
        `- Give ${plain(model)} a price: ${count(calls, 'call')} of the ${pricedDays} days until ${until} ${calls === 1 ? 'has' : 'have'} none ${ids([`day:${day}`])}`,
    );
}

function waiting(until: string, snapshots: readonly Snapshot[]): string[] {
  const open = snapshots.find(({ date }) => date === until)?.approvals.open ?? 0;
  if (open === 0) return [];
  return [
    `- Answer ${count(open, 'approval')} of ${until} that nobody had answered when the day was closed ${ids([`day:${until}`])}`,
  ];
}
