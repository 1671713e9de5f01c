/** Where the pods of a part stand: not all on what may be gone at once. */
import type { Part } from '../stack.ts';
import { selector } from './manifest.ts';

/**
 * As well as it can be, never as a condition: a pod whose volume is on a node where a sibling stands could not come back to it once an empty
 * node has joined, and the rollout would wait for ever with what it acknowledged.
 */
export function spread(part: Part) {
  const labelSelector = { matchLabels: selector(part) };
  return {
    topologySpreadConstraints: ['kubernetes.io/hostname', 'topology.kubernetes.io/zone'].map((topologyKey) => ({
      maxSkew: 1,
      topologyKey,
      whenUnsatisfiable: 'ScheduleAnyway',
      // A node that is being emptied does not count.
      nodeTaintsPolicy: 'Honor',
      labelSelector,
    })),
  };
}
