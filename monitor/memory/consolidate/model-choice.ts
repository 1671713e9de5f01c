/** A model that does the same work for less, and no worse. */
import type { Finding, Snapshot, WorkDay } from '../record.ts';
import { choices, isEnough, type Pair, type Side } from './choice.ts';
import type { Dated } from './day-values.ts';
import { insteadOf, keyOf, keyPart } from './key.ts';
import { together } from './work-week.ts';

const method =
  'median cost by order statistics (MOVER on logarithms) within each agent that used both, their mean by Mantel-Haenszel weights, and Newcombe interval of failures, both with the design effect of days and at once, no agent alone shows otherwise, Bonferroni over all pairs of models of the week';

/** Per kind of task, each two models that did it. */
export function modelChoice(week: string, snapshots: readonly Snapshot[], known: ReadonlySet<string>): Finding[] {
  return choices({ week, kind: 'model-choice', method }, pairsOf(snapshots), known);
}

/** What one agent did with one model. */
interface Own extends Side {
  readonly agent: string;
  readonly days: readonly Dated<WorkDay>[];
}

/**
 * Only of agents that did enough with both: one that is given the hard work and another model would make of that model the dearer one.
 */
function pairsOf(snapshots: readonly Snapshot[]): Pair[] {
  const days = snapshots.flatMap(({ date, work }) => work.map((day) => ({ date, day })));
  const told = days.filter(({ day }) => day.operation !== null && day.model !== null);
  return sorted(Map.groupBy(told, ({ day }) => day.operation as string)).flatMap(([operation, some]) => {
    const models = sorted(Map.groupBy(some, ({ day }) => day.model as string)).map(([name, of]) => ({
      name,
      agents: new Map(ownOf(name, of).map((own) => [own.agent, own])),
    }));
    const sums = new Map<string, Side['work']>();
    return models.flatMap((cheap) =>
      models.flatMap((dear): Pair[] => {
        if (dear === cheap) return [];
        const agents = [...cheap.agents.keys()].filter((agent) => dear.agents.has(agent));
        if (agents.length === 0) return [];
        // Mostly the same agents use all of them.
        const side = ({ name, agents: all }: typeof cheap): Side => {
          const key = JSON.stringify([name, agents]);
          const work = sums.get(key) ?? together(agents.flatMap((agent) => (all.get(agent) as Own).days));
          sums.set(key, work);
          return { name, work };
        };
        return [
          {
            key: `${keyOf('model-choice', operation)}/${insteadOf(keyPart(cheap.name), keyPart(dear.name))}`,
            words: { operation, model: cheap.name, instead_of: dear.name },
            ...{ cheap: side(cheap), dear: side(dear) },
            within: agents.map((agent) => ({
              cheap: cheap.agents.get(agent) as Own,
              dear: dear.agents.get(agent) as Own,
            })),
          },
        ];
      }),
    );
  });
}

/** Of one model at one kind of task, by agent; without those that did too little with it. */
function ownOf(name: string, of: readonly Dated<WorkDay>[]): Own[] {
  return sorted(Map.groupBy(of, ({ day }) => day.agent_name)).flatMap(([agent, days]) => {
    const work = together(days);
    return isEnough(work) ? [{ name, agent, days, work }] : [];
  });
}

function sorted<Of>(groups: ReadonlyMap<string, Of>): [string, Of][] {
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
}
