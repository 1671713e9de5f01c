/** How many tasks at once, and which tools together: each way of working with what came of it. Pure. (M05) */
import { ids, plain, table } from '../../markdown.ts';
import { money } from '../../words.ts';
import { fewest } from '../consolidate/sureness.ts';
import { batchText, toolsText, type WayWork, waysOf } from '../consolidate/way-week.ts';
import type { Snapshot } from '../record.ts';
import { between, median, success } from './measured.ts';

/** A table is read; of more the snapshots tell. */
const mostRows = 40;

export function batchesPart(basis: string, recent: readonly Snapshot[]): string {
  const ways = waysOf(recent, 'batches');
  const asked = new Map<string, Set<WayWork['way']>>();
  for (const { who, way } of ways) asked.set(nameOf(who), (asked.get(nameOf(who)) ?? new Set()).add(way));
  // Who always does one task at a time has no sizes to compare.
  const varied = ways.filter(({ who }) => (asked.get(nameOf(who)) as Set<WayWork['way']>).size > 1);
  const none =
    ways.length === 0
      ? 'No execution told how many tasks it was given.'
      : 'Every agent was given as many tasks at once as it always is: there is nothing to compare.';
  return part('Tasks at once', 'Tasks at once', 'Median cost of a task', basis, varied, none);
}

export function toolsPart(basis: string, recent: readonly Snapshot[]): string {
  const text = part(
    ...(['Tools together', 'Tools', 'Median cost', basis] as const),
    ...([waysOf(recent, 'toolsets'), 'No execution used a tool.'] as const),
  );
  return `${text}\n\nWhat fails early has used fewer tools: that fewer tools fail more often is no reason to use more.`;
}

function part(title: string, way: string, cost: string, basis: string, ways: readonly WayWork[], none: string): string {
  const known = ways.filter(({ work, who }) => work.ended >= fewest && who.operation !== null);
  const few = ways.length - known.length;
  const rows = known.toSorted((a, b) => b.work.ended - a.work.ended).slice(0, mostRows);
  const shown = new Set(rows);
  const head = ['Agent', 'Kind of task', 'Model', way, 'Executions', 'Failed', 'Success (interval)', cost, 'Evidence'];
  const nothing = ways.length === 0 ? none : 'Nothing was done often enough.';
  return [
    `## ${title}`,
    `From ${basis}.`,
    known.length === 0 ? nothing : table(head, known.filter((one) => shown.has(one)).map(row)),
    ...(known.length > rows.length ? [`… and ${known.length - rows.length} that were less frequent.`] : []),
    ...(few > 0 ? [`Not told: ${few} with fewer than ${fewest} executions.`] : []),
  ].join('\n\n');
}

function row({ who, way, work }: WayWork): string[] {
  const { ended, failed, costs, went_well, went_wrong } = work;
  return [
    ...[who.agent_name, who.operation, who.model ?? '-'].map((name) => plain(name)),
    plain(typeof way === 'number' ? batchText(way) : toolsText(way)),
    ...[`${ended}`, `${failed}`, success(work), between(median(costs), money)],
    ids([...went_well.slice(0, 2), ...went_wrong.slice(0, 1)]),
  ];
}

function nameOf({ agent_name, operation, model }: WayWork['who']): string {
  return JSON.stringify([agent_name, operation, model]);
}
