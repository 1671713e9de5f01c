/** An agent that fails at one kind of task more than it should. */
import { difference, type Estimate } from '../../analysis/interval.ts';
import type { Finding, Snapshot } from '../record.ts';
import { keyOf } from './key.ts';
import { enough, fewest, sureness } from './sureness.ts';
import { failedShare, type Outcome, outcomeOf, type Work, without, workBy } from './work-week.ts';

/** Failures in a hundred more than the others: less nobody changes a plan for. */
const muchMore = 0.05;

const method =
  'Newcombe interval of two shares (design effect of days), Bonferroni over all agents and kinds of task of the week';

interface Pair {
  readonly agent: string;
  readonly operation: string;
  readonly own: Work;
  readonly others: Outcome;
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
    const key = keyOf('agent-task', agent, operation);
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
  const [is, theirs] = [own, others].map((one) => failedShare(one, confidence));
  return is && theirs && difference(theirs, is);
}

/** What others did is what all did without the own: added up once, not once for each of hundreds of agents. */
function pairsOf(snapshots: readonly Snapshot[]): Pair[] {
  const days = snapshots.flatMap(({ date, work }) => work.map((day) => ({ date, day })));
  const of = (name: 'agent_name' | 'operation') =>
    new Map([...Map.groupBy(days, ({ day }) => day[name])].map(([key, some]) => [key, outcomeOf(some)]));
  const [byAgent, byOperation] = [of('agent_name'), of('operation')];
  const own = workBy(snapshots, ({ agent_name, operation }) =>
    operation === null ? undefined : JSON.stringify([agent_name, operation]),
  );
  return [...own.values()].flatMap((work): Pair[] => {
    const { agent_name: agent, operation } = work.who as { agent_name: string; operation: string };
    if (work.ended < fewest) return [];
    const others = without(byOperation.get(operation) as Outcome, work);
    if (others.ended >= fewest) return [{ agent, operation, own: work, others, against: 'other agents at it' }];
    const rest = without(byAgent.get(agent) as Outcome, work);
    if (rest.ended >= fewest) return [{ agent, operation, own: work, others: rest, against: 'its other work' }];
    return [];
  });
}
