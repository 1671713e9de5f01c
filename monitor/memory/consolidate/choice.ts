/** One way of doing a kind of work that costs less than another, and fails no more: of models, of batches, of tools. */
import { difference, type Estimate, meanChange, relativeChange } from '../../analysis/interval.ts';
import type { Finding, FindingKind } from '../record.ts';
import { quantileOfDays } from './day-values.ts';
import { enough, fewest, sureness, surest } from './sureness.ts';
import { failedShare, type Work } from './work-week.ts';

/** Failures in a hundred more that still are "no worse". */
const noWorse = 0.03;
/** Less of a saving is no reason to change anything. */
const worthIt = 0.1;

export interface Side {
  /** As the sentence names it. */
  readonly name: string;
  readonly work: Pick<Work, 'ended' | 'failed' | 'days' | 'costs' | 'went_well'>;
}

type Sides = Pick<Pair, 'cheap' | 'dear'>;

export interface Pair {
  readonly key: string;
  /** What of the finding's words says where both were done. */
  readonly words: Readonly<Record<string, string>>;
  readonly cheap: Side;
  readonly dear: Side;
  /**
   * The same within each agent that did both. What is saved is the mean of what each of them saves, so that who has the dear work and the cheap one makes no
   * difference; what one of them shows otherwise is no choice. Default: it is within one.
   */
  readonly within?: readonly { readonly cheap: Side; readonly dear: Side }[];
}

/** Whether a side has enough to be compared with another. */
export function isEnough({ ended, costs }: Side['work']): boolean {
  return ended >= fewest && costs.length >= fewest;
}

/**
 * @param pairs all that are looked at in a week, both ways round: which one is cheap may have changed since it was learnt
 * @param known keys of what was found before: of these the contrary is told too, that it saves nothing, or fails more
 */
export function choices(
  { week, kind, method }: { readonly week: string; readonly kind: FindingKind; readonly method: string },
  pairs: readonly Pair[],
  known: ReadonlySet<string>,
): Finding[] {
  return pairs.flatMap((pair): Finding[] => {
    const { key, words, cheap, dear } = pair;
    const agents = weighted(pair, surest(pairs.length));
    const both = (confidence: number) => [saving(agents, confidence), moreFailures(pair, confidence)] as const;
    const better = isContradicted(pair)
      ? 0
      : sureness((confidence) => {
          const [money, failures] = both(confidence);
          return (money?.high ?? 0) < -worthIt && (failures?.high ?? 1) < noWorse;
        }, pairs.length);
    const not = known.has(key)
      ? sureness((confidence) => {
          const [money, failures] = both(confidence);
          return (money?.low ?? -1) > -worthIt || (failures?.low ?? -1) > noWorse;
        }, pairs.length)
      : 0;
    const confidence = Math.max(better, not);
    const [money, failures] = both(1 - (1 - enough) / pairs.length);
    if (confidence < enough || !money || !failures) return [];
    return [
      {
        ...{ week, key, kind, direction: better >= not ? 1 : -1 },
        numbers: {
          ...{ ended: cheap.work.ended, failed: cheap.work.failed, cost_micro_usd: median(cheap) },
          ...{ other_ended: dear.work.ended, other_failed: dear.work.failed, other_cost_micro_usd: median(dear) },
          ...{ more_failures: failures.value, more_failures_high: failures.high },
        },
        words,
        sample: Math.min(cheap.work.ended, dear.work.ended),
        ...{ effect: money.value, low: money.low, high: money.high, confidence, method },
        evidence: [...cheap.work.went_well.slice(0, 3), ...dear.work.went_well.slice(0, 2)],
      },
    ];
  });
}

/**
 * Whether some agent alone pays more for what is said to be cheaper, or fails more with it, as far as one sees; or all of them together pay more, because
 * it is given the dear work: then medians that are told would say the contrary.
 */
function isContradicted({ within = [], ...all }: Pair): boolean {
  const isDearer = (one: Sides) => median(one.cheap) >= median(one.dear);
  return within.some((one) => isDearer(one) || failsMore(one)) || (within.length > 0 && isDearer(all));
}

/** Where days are too few to say how sure it is, as it looks: that nobody knows is no reason to choose it. */
function failsMore(one: Sides): boolean {
  const share = ({ work }: Side) => work.failed / work.ended;
  return (moreFailures(one, enough)?.low ?? share(one.cheap) - share(one.dear)) > noWorse;
}

type Weighted = Sides & { readonly weight: number };

/**
 * By Mantel and Haenszel's weights. Whose own sample bounds nothing, however sure one wants to be, would leave the mean without a bound: it is left out, but
 * where that holds for all of them.
 */
function weighted({ within = [], ...all }: Pair, confidence: number): Weighted[] {
  if (within.length === 0) return [{ ...all, weight: 1 }];
  const some = within.map((one) => {
    const [here, there] = [one.cheap.work.costs.length, one.dear.work.costs.length];
    return { ...one, weight: (here * there) / (here + there) };
  });
  const bounded = some.filter((one) => {
    const change = costsLess(one, confidence);
    return change !== undefined && change.low > -1 && change.high < Number.POSITIVE_INFINITY;
  });
  return bounded.length > 0 ? bounded : some;
}

function saving(agents: readonly Weighted[], confidence: number): Estimate | undefined {
  const all = agents.map((one) => ({ change: costsLess(one, confidence), weight: one.weight }));
  const known = all.flatMap(({ change, weight }) => (change ? [{ change, weight }] : []));
  return known.length > 0 ? meanChange(known) : undefined;
}

function costsLess({ cheap, dear }: Sides, confidence: number): Estimate | undefined {
  const [before, after] = [dear, cheap].map(({ work }) => quantileOfDays(work.costs, 0.5, confidence));
  return before && after && relativeChange(before, after);
}

function moreFailures({ cheap, dear }: Sides, confidence: number): Estimate | undefined {
  const [theirs, own] = [dear, cheap].map(({ work }) => failedShare(work, confidence));
  return theirs && own && difference(theirs, own);
}

function median({ work }: Side): number {
  return work.costs.at(Math.ceil(work.costs.length / 2) - 1) ?? 0;
}
