/** A model that does the same work for less, and no worse. */
import type { Finding, Snapshot } from '../record.ts';
import { choices, isEnough, type Pair } from './choice.ts';
import { workBy } from './work-week.ts';

const method =
  'median cost by order statistics (MOVER on logarithms) and Newcombe interval of failures, both at once, Bonferroni over all pairs of models of the week';

/** Per kind of task, each two models that did it. */
export function modelChoice(week: string, snapshots: readonly Snapshot[], known: ReadonlySet<string>): Finding[] {
  return choices({ week, kind: 'model-choice', method }, pairsOf(snapshots), known);
}

function pairsOf(snapshots: readonly Snapshot[]): Pair[] {
  const all = workBy(snapshots, ({ operation, model }) =>
    operation === null || model === null ? undefined : JSON.stringify([operation, model]),
  );
  const sides = [...all.values()].filter(isEnough).map((work) => ({ name: work.who.model as string, work }));
  const byOperation = Map.groupBy(sides, ({ work }) => work.who.operation as string);
  return [...byOperation].flatMap(([operation, some]) =>
    some.flatMap((cheap) =>
      some
        .filter((dear) => dear !== cheap)
        .map((dear) => ({
          key: `model-choice/${operation}/${cheap.name}-instead-of-${dear.name}`,
          words: { operation, model: cheap.name, instead_of: dear.name },
          ...{ cheap, dear },
        })),
    ),
  );
}
