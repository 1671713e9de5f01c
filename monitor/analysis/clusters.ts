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

/** Of seven alike one in sixteen sets has more than that by chance: up to here it is not believed that they differ more than they seem to. */
const believed = 2;

/**
 * How many of them tell as much as one that is alone: the design effect, and where clusters do differ, the square of t / z with it, because how much
 * they do is itself known from few (E. L. Korn and B. I. Graubard, Survey Methodology 24, 1998). Undefined: they are too few to say.
 */
export function effectOf(clusters: readonly Cluster[], confidence: number): number | undefined {
  const some = clusters.filter(({ total }) => total > 0);
  if (some.length < fewestClusters) return undefined;
  const effect = designEffect(some);
  if (effect <= believed) return effect;
  return effect * Math.max(1, studentLimit(1 - confidence, some.length - 1) / zOf(confidence)) ** 2;
}
