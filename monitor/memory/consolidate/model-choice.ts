/** A model that does the same work for less, and no worse. */
import { difference, type Estimate, quantileEstimate, relativeChange, shareEstimate } from '../../analysis/interval.ts';
import type { Finding, Snapshot } from '../record.ts';
import { enough, fewest, sureness } from './sureness.ts';
import { type Who, type Work, workBy } from './work-week.ts';

/** Failures in a hundred more that still are "no worse". */
const noWorse = 0.03;
/** Less of a saving is no reason to change anything. */
const worthIt = 0.1;

const method =
  'median cost by order statistics (MOVER on logarithms) and Newcombe interval of failures, both at once, Bonferroni over all pairs of models of the week';

interface Pair {
  readonly operation: string;
  readonly cheap: Side;
  readonly dear: Side;
}

interface Side {
  readonly model: string;
  readonly work: Work;
}

/** Per kind of task, each two models that did it. Of what was found before the contrary is told too: that it saves nothing, or fails more. */
export function modelChoice(week: string, snapshots: readonly Snapshot[], known: ReadonlySet<string>): Finding[] {
  const pairs = pairsOf(snapshots);
  return pairs.flatMap((pair) => {
    const { operation, cheap, dear } = pair;
    const key = `model-choice/${operation}/${cheap.model}-instead-of-${dear.model}`;
    const better = sureness((confidence) => {
      const [money, failures] = [saving(pair, confidence), moreFailures(pair, confidence)];
      return (money?.high ?? 0) < -worthIt && (failures?.high ?? 1) < noWorse;
    }, pairs.length);
    const not = known.has(key)
      ? sureness((confidence) => {
          const [money, failures] = [saving(pair, confidence), moreFailures(pair, confidence)];
          return (money?.low ?? -1) > -worthIt || (failures?.low ?? -1) > noWorse;
        }, pairs.length)
      : 0;
    const confidence = Math.max(better, not);
    const each = 1 - (1 - enough) / pairs.length;
    const [money, failures] = [saving(pair, each), moreFailures(pair, each)];
    if (confidence < enough || !money || !failures) return [];
    return [
      {
        ...{ week, key, kind: 'model-choice', direction: better >= not ? 1 : -1 },
        numbers: {
          ...{ ended: cheap.work.ended, failed: cheap.work.failed, cost_micro_usd: median(cheap) },
          ...{ other_ended: dear.work.ended, other_failed: dear.work.failed, other_cost_micro_usd: median(dear) },
          ...{ more_failures: failures.value, more_failures_high: failures.high },
        },
        words: { operation, model: cheap.model, instead_of: dear.model },
        sample: Math.min(cheap.work.ended, dear.work.ended),
        ...{ effect: money.value, low: money.low, high: money.high, confidence, method },
        evidence: [...cheap.work.went_well.slice(0, 3), ...dear.work.went_well.slice(0, 2)],
      } as const,
    ];
  });
}

function saving({ cheap, dear }: Pair, confidence: number): Estimate | undefined {
  const [before, after] = [dear, cheap].map(({ work }) => quantileEstimate(work.costs, 0.5, confidence));
  return before && after && relativeChange(before, after);
}

function moreFailures({ cheap, dear }: Pair, confidence: number): Estimate | undefined {
  const [theirs, own] = [dear, cheap].map(({ work }) => shareEstimate(work.failed, work.ended, confidence));
  return theirs && own && difference(theirs, own);
}

function median({ work }: Side): number {
  return work.costs.at(Math.ceil(work.costs.length / 2) - 1) ?? 0;
}

function pairsOf(snapshots: readonly Snapshot[]): Pair[] {
  const all = workBy(snapshots, ({ operation, model }) =>
    operation === null || model === null ? undefined : JSON.stringify([operation, model]),
  );
  const sides = [...all.values()].filter(({ ended, costs }) => ended >= fewest && costs.length >= fewest);
  const byOperation = Map.groupBy(sides, ({ who }) => who.operation as string);
  // Both ways round: which one is cheap may have changed since it was learnt.
  return [...byOperation].flatMap(([operation, works]) =>
    works.flatMap((cheap) =>
      works.flatMap((dear) => (cheap === dear ? [] : [{ operation, cheap: sideOf(cheap), dear: sideOf(dear) }])),
    ),
  );
}

function sideOf(work: Work & { readonly who: Who }): Side {
  return { model: work.who.model as string, work };
}
