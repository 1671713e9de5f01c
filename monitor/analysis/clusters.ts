/** How sure numbers are that come in clusters: of each day of work, say, of which a bad one is one event, however many tasks it strikes. */
import { designEffect, zOf } from './interval.ts';
import { studentLimit } from './student.ts';

/** How many of its own a cluster has of what is counted. */
export interface Cluster {
  readonly count: number;
  readonly total: number;
}

/** From fewer nobody learns how much they differ. */
const fewestClusters = 3;

/** Of seven alike one in sixteen sets has more than that by chance: up to here it is not believed that they differ more than they seem to … */
const believed = 2;

/** … from so many on, the days of a working week: three that look alike may do so by chance, however much others differ. */
const believedFrom = 5;

/**
 * How many of them tell as much as one that is alone: the design effect, and where clusters do differ or are few, the square of t / z with it, because how
 * much they do is itself known from few (E. L. Korn and B. I. Graubard, Survey Methodology 24, 1998). Undefined: they are too few to say.
 */
export function effectOf(clusters: readonly Cluster[], confidence: number): number | undefined {
  const some = clusters.filter(({ total }) => total > 0);
  if (some.length < fewestClusters) return undefined;
  const effect = designEffect(some);
  if (effect <= believed && some.length >= believedFrom) return effect;
  return effect * Math.max(1, studentLimit(1 - confidence, some.length - 1) / zOf(confidence)) ** 2;
}

/**
 * The same of two periods that are compared: of a week without a bad day nobody knows how bad one is, so that either differs at least as the other does.
 * Undefined: of one of them they are too few to say.
 */
export function effectsOf(
  one: readonly Cluster[],
  other: readonly Cluster[],
  confidence: number,
): readonly [one: number, other: number] | undefined {
  const [own, theirs] = [effectOf(one, confidence), effectOf(other, confidence)];
  if (own === undefined || theirs === undefined) return undefined;
  return [Math.max(own, carried(theirs, other, one)), Math.max(theirs, carried(own, one, other))];
}

/** What small clusters show of how alike their own are, in smaller ones shows less; in larger ones it is not said to show more. */
function carried(effect: number, from: readonly Cluster[], to: readonly Cluster[]): number {
  if (effect <= believed) return 1;
  const size = (of: readonly Cluster[]) => {
    const some = of.filter(({ total }) => total > 0);
    return some.reduce((sum, { total }) => sum + total, 0) / some.length;
  };
  return 1 + (effect - 1) * Math.min(1, (size(to) - 1) / Math.max(1, size(from) - 1));
}
