/** Where the pods of a part stand: not all on what may be gone at once. */
import type { Part } from '../stack.ts';
import { selector } from './manifest.ts';

/**
 * Over nodes: a claim binds its pod to where its volume came to be, so that two on one node would stay there, and nobody would see it. Therefore
 * `DoNotSchedule`, which asks for balance, not for as many nodes as pods: on one node it allows everything. Pods without a claim go where there
 * is room, and are better balanced at their next start. Over zones: as well as it can be, for many clusters have one.
 */
export function spread(part: Part, hasClaim: boolean) {
  const labelSelector = { matchLabels: selector(part) };
  return {
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: 'kubernetes.io/hostname',
        whenUnsatisfiable: hasClaim ? 'DoNotSchedule' : 'ScheduleAnyway',
        // A node that is being emptied does not count: else nothing could leave it where all others have one already.
        nodeTaintsPolicy: 'Honor',
        labelSelector,
      },
      { maxSkew: 1, topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'ScheduleAnyway', labelSelector },
    ],
  };
}
