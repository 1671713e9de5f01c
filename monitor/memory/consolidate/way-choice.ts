/**
 * How many tasks at once, and which tools together: a way of working that costs less, and fails no more. Compared only within the same agent, kind
 * of task and model, so that none of these makes the difference.
 */
import type { Finding, Snapshot } from '../record.ts';
import { choices, isEnough, type Pair } from './choice.ts';
import { insteadOf, keyOf, keyPart } from './key.ts';
import { batchText, toolsText, type WayWork, waysOf } from './way-week.ts';

const rest =
  'and Newcombe interval of failures, both with the design effect of days and at once, within the same agent, kind of task and model, Bonferroni over all pairs';

/** The money is that of one task: larger batches cost more, and do more. */
export function batchSize(week: string, snapshots: readonly Snapshot[], known: ReadonlySet<string>): Finding[] {
  const method = `median cost of a task by order statistics (MOVER on logarithms) ${rest} of sizes of the week`;
  return choices({ week, kind: 'batch-size', method }, pairsOf('batch-size', waysOf(snapshots, 'batches')), known);
}

/**
 * Only of combinations of which neither has all the tools of the other. What fails early has used few tools: held against what went on to use
 * more, it would always seem to be the worse way.
 */
export function toolChoice(week: string, snapshots: readonly Snapshot[], known: ReadonlySet<string>): Finding[] {
  const method = `median cost by order statistics (MOVER on logarithms) ${rest} of combinations of the week`;
  const pairs = pairsOf('tool-choice', waysOf(snapshots, 'toolsets'));
  return choices({ week, kind: 'tool-choice', method }, pairs, known);
}

function pairsOf(kind: 'batch-size' | 'tool-choice', ways: readonly WayWork[]): Pair[] {
  const told = ways.filter(({ who, work }) => who.operation !== null && isEnough(work));
  const byWork = Map.groupBy(told, ({ who }) => JSON.stringify([who.agent_name, who.operation, who.model]));
  return [...byWork.values()].flatMap((some) =>
    some.flatMap((one) =>
      some
        .filter((other) => other !== one && !isPart(one.way, other.way) && !isPart(other.way, one.way))
        .map((other) => pairOf(kind, one, other)),
    ),
  );
}

function pairOf(kind: 'batch-size' | 'tool-choice', one: WayWork, other: WayWork): Pair {
  const [cheap, dear] = [
    { name: nameOf(one.way), work: one.work },
    { name: nameOf(other.way), work: other.work },
  ];
  const { agent_name: agent, operation, model } = one.who;
  return {
    key: `${keyOf(kind, agent, operation, model)}/${insteadOf(wayKey(one.way), wayKey(other.way))}`,
    words: { agent, operation: operation ?? '', model: model ?? '', way: cheap.name, instead_of: dear.name },
    ...{ cheap, dear },
  };
}

function nameOf(way: WayWork['way']): string {
  return typeof way === 'number' ? batchText(way) : toolsText(way);
}

function wayKey(way: WayWork['way']): string {
  return typeof way === 'number' ? batchText(way) : toolsText(way.map(keyPart));
}

/** Of tools alone: a size has no parts. */
function isPart(way: WayWork['way'], of: WayWork['way']): boolean {
  return typeof way !== 'number' && typeof of !== 'number' && way.every((tool) => of.includes(tool));
}
