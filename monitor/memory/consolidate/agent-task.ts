/** An agent that fails at one kind of task more than it should. */
import { difference, type Estimate, shareEstimate } from '../../analysis/interval.ts';
import type { Finding, Snapshot } from '../record.ts';
import { enough, fewest, sureness } from './sureness.ts';
import { type Work, workBy } from './work-week.ts';

/** Failures in a hundred more than the others: less nobody changes a plan for. */
const muchMore = 0.05;

const method = 'Newcombe interval of two shares, Bonferroni over all agents and kinds of task of the week';

interface Pair {
  readonly agent: string;
  readonly operation: string;
  readonly own: Work;
  readonly others: Work;
  /** Against whom it was held. */
  readonly against: 'other agents at it' | 'its other work';
}

/**
 * Compared with other agents at the same kind of task; where no other does it, with what else it does itself. Of what was found before (`known`)
 * the contrary is told as well: that it fails no more than `muchMore` more.
 */
export function agentTask(week: string, snapshots: readonly Snapshot[], known: ReadonlySet<string>): Finding[] {
  const pairs = pairsOf(snapshots);
  return pairs.flatMap((pair) => {
    const { agent, operation, own, others, against } = pair;
    const key = `agent-task/${agent}/${operation}`;
    const more = (confidence: number) => moreFailures(pair, confidence);
    const worse = sureness((confidence) => (more(confidence)?.low ?? -1) > muchMore, pairs.length);
    const fine = known.has(key) ? sureness((confidence) => (more(confidence)?.high ?? 1) < muchMore, pairs.length) : 0;
    const confidence = Math.max(worse, fine);
    const change = more(1 - (1 - enough) / pairs.length);
    if (confidence < enough || !change) return [];
    return [
      {
        ...{ week, key, kind: 'agent-task', direction: worse >= fine ? 1 : -1 },
        numbers: {
          ...{ failed: own.failed, ended: own.ended, share: own.failed / own.ended },
          ...{ others_failed: others.failed, others_ended: others.ended, others_share: others.failed / others.ended },
        },
        words: { agent, operation, against },
        sample: Math.min(own.ended, others.ended),
        ...{ effect: change.value, low: change.low, high: change.high, confidence, method },
        evidence: worse >= fine ? own.went_wrong : own.went_well,
      } as const,
    ];
  });
}

function moreFailures({ own, others }: Pair, confidence: number): Estimate | undefined {
  const [is, theirs] = [own, others].map(({ failed, ended }) => shareEstimate(failed, ended, confidence));
  return is && theirs && difference(theirs, is);
}

function pairsOf(snapshots: readonly Snapshot[]): Pair[] {
  const own = workBy(snapshots, ({ agent_name, operation }) =>
    operation === null ? undefined : JSON.stringify([agent_name, operation]),
  );
  return [...own.values()].flatMap((work): Pair[] => {
    const { agent_name: agent, operation } = work.who as { agent_name: string; operation: string };
    const [others] = workBy(snapshots, (who) =>
      who.operation === operation && who.agent_name !== agent ? 'others' : undefined,
    ).values();
    const [rest] = workBy(snapshots, (who) =>
      who.agent_name === agent && who.operation !== operation ? 'rest' : undefined,
    ).values();
    if (work.ended < fewest) return [];
    if (others && others.ended >= fewest)
      return [{ agent, operation, own: work, others, against: 'other agents at it' }];
    if (rest && rest.ended >= fewest) return [{ agent, operation, own: work, others: rest, against: 'its other work' }];
    return [];
  });
}
