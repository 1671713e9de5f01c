/** What works: which model for which kind of task, which agent is good at what, and what the weeks have taught. Pure. (M05, B10) */
import { ids, plain, table } from '../../markdown.ts';
import { count, duration, money } from '../../words.ts';
import { lastDayOf } from '../consolidate/findings.ts';
import { type Lesson, lessons } from '../consolidate/lessons.ts';
import { byWeight, inShort, methods, standing } from '../consolidate/sentence.ts';
import { fewest } from '../consolidate/sureness.ts';
import type { Wording } from '../consolidate/wording.ts';
import { type Who, type Work, workBy } from '../consolidate/work-week.ts';
import { datesOf } from '../periods.ts';
import type { FindingKind, Snapshot } from '../record.ts';
import type { Block } from './blocks.ts';
import { type KnownFacts, lastWeeks, wholeWeeks } from './known-facts.ts';
import { between, median, success } from './measured.ts';
import { batchesPart, toolsPart } from './ways-part.ts';

export const practicesPath = 'docs/BEST_PRACTICES.md';

export const practicesHeading = `# Best practices

What the fleet's own weeks show. Each interval holds the value in 95 of 100 cases, alone: whether one thing is better than another is said under *Lessons*, which take into account that many were compared.`;

export function practicesPage({ week, snapshots, findings, said }: KnownFacts): Block[] {
  const span = lastWeeks(week, wholeWeeks);
  const [from, to] = [datesOf(span[0] as string)[0] as string, lastDayOf(week)];
  const recent = snapshots.filter(({ date }) => date >= from && date <= to);
  const learnt = lessons(findings, week).filter(({ kind }) => kinds.has(kind));
  const basis = `${count(recent.length, 'day')}, ${from} to ${to} ${ids([`week:${week}`])}`;
  return [
    {
      name: 'models',
      text: part('Model by kind of task', 'Kind of task', 'Model', basis, recent, ({ operation, model }) => [
        operation,
        model,
      ]),
    },
    {
      name: 'agents',
      text: part('Agent by kind of task', 'Kind of task', 'Agent', basis, recent, ({ operation, agent_name }) => [
        operation,
        agent_name,
      ]),
    },
    { name: 'batches', text: batchesPart(basis, recent) },
    { name: 'tools', text: toolsPart(basis, recent) },
    { name: 'lessons', text: held(learnt, said) },
    { name: 'no-longer', text: ended(learnt, said) },
  ];
}

/** Errors have a document of their own. */
const kinds: ReadonlySet<FindingKind> = new Set([
  ...(['agent-task', 'model-choice', 'batch-size', 'tool-choice', 'regression', 'improvement'] as const),
]);

function part(
  title: string,
  first: string,
  second: string,
  basis: string,
  recent: readonly Snapshot[],
  by: (who: Who) => readonly [string | null, string | null],
): string {
  const groups = [
    ...workBy(recent, (who) => {
      const [one, other] = by(who);
      return one === null || other === null ? undefined : JSON.stringify([one, other]);
    }).values(),
  ];
  const known = groups.filter(({ ended }) => ended >= fewest);
  const few = groups.length - known.length;
  const head = [first, second, 'Tasks', 'Failed', 'Success (interval)', 'Median time', 'Median cost', 'Evidence'];
  return [
    `## ${title}`,
    `From ${basis}.`,
    known.length === 0
      ? 'Nothing was done often enough.'
      : table(
          head,
          known.map((work) => [...by(work.who).map((name) => plain(name)), ...measured(work)]),
        ),
    ...(few > 0 ? [`Not told: ${few} with fewer than ${fewest} tasks.`] : []),
  ].join('\n\n');
}

function measured(work: Work): string[] {
  const { ended, failed, durations, costs } = work;
  return [
    ...[`${ended}`, `${failed}`, success(work), between(median(durations), duration)],
    ...[between(median(costs), money), ids([...work.went_well.slice(0, 2), ...work.went_wrong.slice(0, 1)])],
  ];
}

function held(learnt: readonly Lesson[], said: Wording): string {
  const of = (state: Lesson['state']) =>
    learnt.filter((lesson) => lesson.state === state).toSorted((a, b) => byWeight(a.newest, b.newest));
  const all = [...of('lesson'), ...of('note')];
  const lines = all.map(
    (lesson) =>
      `- **${lesson.state}**: ${said(lesson.newest)} (${standing(lesson)}; ${inShort(lesson.newest)}) ${rows(lesson)}`,
  );
  const found = methods(all.map(({ newest }) => newest));
  return [
    '## Lessons',
    lines.join('\n') || 'None yet: what is seen in two weeks becomes one.',
    ...(found.length > 0 ? ['How they were found:', found.join('\n')] : []),
  ].join('\n\n');
}

/** Older ones nobody looks for. */
const mostEnded = 20;

function ended(learnt: readonly Lesson[], said: Wording): string {
  const all = learnt
    .filter(({ state }) => state === 'contradicted' || state === 'expired')
    .toSorted((a, b) => (a.since === b.since ? (a.key < b.key ? -1 : 1) : a.since > b.since ? -1 : 1));
  const lines = all
    .slice(0, mostEnded)
    .map((lesson) => `- **${lesson.state}**: ${said(lesson.newest)} (${standing(lesson)}) ${rows(lesson)}`);
  const rest = all.length - lines.length;
  return [
    '## No longer',
    [...lines, ...(rest > 0 ? [`- … and ${rest} more`] : [])].join('\n') ||
      'Nothing that was learnt has turned out otherwise.',
  ].join('\n\n');
}

/** The week that showed it last, and the runs. */
function rows({ newest, evidence }: Lesson): string {
  return ids([`week:${newest.week}`, ...evidence.slice(0, 5)]);
}
