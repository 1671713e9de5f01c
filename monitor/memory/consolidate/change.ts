/** What became worse, or better, since the week before. */
import { type Cluster, effectsOf } from '../../analysis/clusters.ts';
import { difference, type Estimate, quantileEstimate, relativeChange, shareEstimate } from '../../analysis/interval.ts';
import type { Finding, Snapshot } from '../record.ts';
import { keyOf } from './key.ts';
import { enough, fewest, sureness } from './sureness.ts';
import { failedOfDays, type Who, type Work, workBy } from './work-week.ts';

type Estimated = Estimate | undefined;

interface Measure {
  readonly name: 'p50_ms' | 'p95_ms' | 'share_failed' | 'p50_cost_micro_usd';
  /** Changes that nobody minds: of times and money as a share of what it was, of failures in 1. */
  readonly tolerance: number;
  /** The same in its own unit, where it was nothing before or is nothing now: of that there is no share. Default: then it is not compared. */
  readonly toleranceOfNothing?: number;
  /** What it is of, day by day. */
  clusters(work: Work): readonly Cluster[];
  of(work: Work, confidence: number, effect: number): Estimated;
  change(before: Estimate, after: Estimate): Estimated;
}

const measures: readonly Measure[] = [
  {
    ...{ name: 'p50_ms', tolerance: 0.1, change: relativeChange },
    clusters: ({ durations }) => durations.clusters(0.5),
    of: ({ durations }, confidence, effect) => quantileEstimate(durations, 0.5, confidence, effect),
  },
  {
    ...{ name: 'p95_ms', tolerance: 0.1, change: relativeChange },
    clusters: ({ durations }) => durations.clusters(0.95),
    of: ({ durations }, confidence, effect) => quantileEstimate(durations, 0.95, confidence, effect),
  },
  {
    ...{ name: 'share_failed', tolerance: 0.01, change: difference },
    clusters: failedOfDays,
    of: ({ failed, ended }, confidence, effect) => shareEstimate(failed, ended, confidence, effect),
  },
  {
    // What cost nothing costs a tenth of a cent: more a fleet notices.
    ...{ name: 'p50_cost_micro_usd', tolerance: 0.1, toleranceOfNothing: 1000, change: relativeChange },
    clusters: ({ costs }) => costs.clusters(0.5),
    of: ({ costs }, confidence, effect) => quantileEstimate(costs, 0.5, confidence, effect),
  },
];

const method =
  'intervals of both weeks (order statistics and Wilson, with the design effect of days, at least that of the other week) joined by MOVER, Bonferroni over all agents, kinds of task and measures';

/** Per agent and kind of task: median and 95th percentile of the time, share that failed, median cost. */
export function changes(week: string, before: readonly Snapshot[], after: readonly Snapshot[]): Finding[] {
  const by = ({ agent_name, operation }: Who) => JSON.stringify([agent_name, operation]);
  const [was, is] = [workBy(before, by), workBy(after, by)];
  const shared = [...is].flatMap(([key, work]) => {
    const earlier = was.get(key);
    return earlier && earlier.ended >= fewest && work.ended >= fewest ? [{ earlier, work }] : [];
  });
  const among = shared.length * measures.length;
  return shared.flatMap(({ earlier, work }) =>
    measures.flatMap((measure): Finding[] => {
      const middleOf = (one: Work) => measure.of(one, 0.5, 1)?.value;
      const isOfNothing =
        measure.toleranceOfNothing !== undefined && [earlier, work].some((one) => middleOf(one) === 0);
      const tolerance = (isOfNothing ? measure.toleranceOfNothing : undefined) ?? measure.tolerance;
      const at = (confidence: number) => {
        const effects = effectsOf(measure.clusters(earlier), measure.clusters(work), confidence);
        if (!effects) return undefined;
        const [one, other] = [measure.of(earlier, confidence, effects[0]), measure.of(work, confidence, effects[1])];
        return one && other && (isOfNothing ? difference : measure.change)(one, other);
      };
      const worse = sureness((confidence) => (at(confidence)?.low ?? 0) > tolerance, among);
      const better = sureness((confidence) => (at(confidence)?.high ?? 0) < -tolerance, among);
      const confidence = Math.max(worse, better);
      const change = at(1 - (1 - enough) / among);
      if (confidence < enough || !change) return [];
      const { agent_name: agent, operation } = work.who;
      const kind = worse >= better ? 'regression' : 'improvement';
      return [
        {
          ...{ week, key: keyOf(kind, agent, operation, measure.name), kind, direction: 1 },
          numbers: {
            ...{ before: middleOf(earlier) ?? 0, after: middleOf(work) ?? 0 },
            ...{ before_ended: earlier.ended, ended: work.ended },
          },
          words: { agent, operation: operation ?? '', measure: measure.name },
          sample: Math.min(earlier.ended, work.ended),
          ...{ effect: change.value, low: finite(change.low), high: finite(change.high), confidence, method },
          evidence: measure.name === 'share_failed' && kind === 'regression' ? work.went_wrong : work.went_well,
        },
      ];
    }),
  );
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
