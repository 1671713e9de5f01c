/** What agents decided: when, what, why, from which data, and what came of it. By week, the newest first. Pure. (M05) */
import { ids, plain, table } from '../../markdown.ts';
import { duration, money, oneLine } from '../../words.ts';
import { outcomes } from '../consolidate/outcomes.ts';
import { beginOf, weekOf } from '../periods.ts';
import type { Decision, PastDay } from '../record.ts';
import type { Block } from './blocks.ts';
import { cut } from './cut.ts';
import { decisionWeeks, type KnownFacts, weeksUntil } from './known-facts.ts';

export const decisionsPath = 'docs/DECISIONS.md';

export const decisionsHeading = `# Decisions

What agents decided, the newest week first. \`npm run monitor -- show <id>\` opens one, with its run.`;

/** Of a week; a page is read, a log is searched. */
const mostOfAWeek = 40;

export function decisionsPage({ until, past, decisions }: KnownFacts): Block[] {
  const byWeek = Map.groupBy(decisions, ({ date }) => weekOf(beginOf(date)));
  const shown = weeksUntil(until, decisionWeeks).reverse();
  const weeks = shown.flatMap((week): Block[] => {
    const of = byWeek.get(week);
    return of ? [{ name: `week-${week}`, text: weekText(week, of) }] : [];
  });
  const older = past.filter(({ date }) => weekOf(beginOf(date)) < (shown.at(-1) as string));
  return [
    ...(weeks.length === 0
      ? [{ name: 'none', text: `None was recorded in the ${decisionWeeks} weeks until ${until}.` }]
      : weeks),
    ...olderBlock(older),
  ];
}

function weekText(week: string, decisions: readonly Decision[]): string {
  const newest = decisions.slice(-mostOfAWeek).reverse();
  const rest = decisions.length - newest.length;
  const counts = `${decisions.length} decided: ${outcomes(decisions)} ${ids([`week:${week}`])}.`;
  const lines = [
    ...newest.map(decisionLine),
    ...(rest > 0 ? [`- … and ${rest} more before them (decisions_log)`] : []),
  ];
  return [`## ${week}`, counts, lines.join('\n')].join('\n\n');
}

/** One, in one line of a list. */
export function decisionLine(decision: Decision): string {
  const { id, at, agent_name, session_id, name, choice, confidence, reasoning } = decision;
  const sure = confidence === null ? '' : `, sure by ${confidence.toFixed(2)}`;
  const why = reasoning === null ? '' : ` Why: ${plain(cut(oneLine(reasoning), 300))}.`.replace(/([.!?…])\.$/, '$1');
  const what = `${plain(agent_name ?? 'unknown')}: ${plain(name)} → **${plain(choice ?? 'nothing')}**${sure}; ${outcomeOf(decision)}.`;
  const evidence = ids([`decision:${id}`, ...(session_id === null ? [] : [session_id])]);
  return `- ${at.slice(0, 16).replace('T', ' ')} ${what}${why}${data(decision)} ${evidence}`;
}

function outcomeOf({ outcome, outcome_at }: Decision): string {
  if (outcome === 'unknown') return 'not over when the day was closed';
  const when = outcome_at === null ? '' : ` at ${outcome_at.slice(0, 16).replace('T', ' ')}`;
  return `${outcome === 'success' ? 'went well' : 'failed'}${when}`;
}

/** What it was decided from, and what it cost. */
function data({ supporting }: Decision): string {
  const told = Object.entries(supporting)
    .slice(0, 12)
    .map(([name, value]) => {
      if (name === 'cost_micro_usd' && typeof value === 'number') return `cost ${money(value)}`;
      if (name === 'duration_ms' && typeof value === 'number') return `took ${duration(value)}`;
      return `${plain(name)} ${plain(cut(oneLine(`${value}`), 80))}`;
    });
  return told.length === 0 ? '' : ` Data: ${told.join(', ')}.`;
}

function olderBlock(older: readonly PastDay[]): Block[] {
  const byWeek = [...Map.groupBy(older, ({ date }) => weekOf(beginOf(date)))]
    .map(([week, days]) => ({ week, count: days.reduce((sum, { decisions }) => sum + decisions.length, 0) }))
    .filter(({ count }) => count > 0)
    .reverse();
  if (byWeek.length === 0) return [];
  const rows = byWeek.slice(0, 52).map(({ week, count }) => [week, `${count}`, ids([`week:${week}`])]);
  const before = byWeek.slice(52).reduce((sum, { count }) => sum + count, 0);
  return [
    {
      name: 'older',
      text: [
        '## Before',
        table(['Week', 'Decisions', 'Evidence'], rows),
        ...(before > 0 ? [`… and ${before} before them.`] : []),
      ].join('\n\n'),
    },
  ];
}
