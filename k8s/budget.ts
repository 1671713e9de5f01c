/** How many pods of a part may leave at a time when nodes are emptied. */
import type { Part } from '../stack.ts';
import { labels, type Manifest, selector } from './manifest.ts';
import { hasSiblings, type Size } from './size.ts';

/** One after the other, where there are several. A part that runs once has none: any would stop each drain of its node for ever. */
export function budget(part: Part, size: Size): Manifest[] {
  if (!hasSiblings(size, part)) return [];
  return [
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: part, labels: labels(part) },
      spec: {
        maxUnavailable: 1,
        selector: { matchLabels: selector(part) },
        // What is broken anyway keeps nobody's node from being emptied.
        unhealthyPodEvictionPolicy: 'AlwaysAllow',
      },
    },
  ];
}
