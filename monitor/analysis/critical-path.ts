/** The chain of work that decided how long a run took. */
import type { RunNode } from '../ledger/run-tree.ts';

/** A stretch of the run's time, and who it belongs to: nobody else could have made the run shorter then. */
export interface Stretch {
  readonly node: RunNode;
  readonly fromMs: number;
  readonly untilMs: number;
  /** Its work had not begun or had ended: the run waited for something that nobody wrote down. */
  readonly idle: boolean;
}

/** Rows are whole milliseconds and the clocks of two processes differ: what overlaps by no more came one after the other. */
const toleranceMs = 10;

/**
 * From the run's beginning to its end without a gap: at each moment the innermost work that the end waited for. Walks back
 * from the end, to the last that ended before, as https://github.com/uber-research/CRISP does; what ran beside it is not on it.
 */
export function criticalPath(root: RunNode): Stretch[] {
  const reach = reachOf(root);
  const path: Stretch[] = [];
  const waiting: { node: RunNode; fromMs: number; untilMs: number }[] = [
    { node: root, fromMs: root.startMs, untilMs: root.endMs },
  ];
  for (let part = waiting.pop(); part; part = waiting.pop()) {
    const { node, fromMs, untilMs } = part;
    let cursorMs = untilMs;
    for (const child of reach.latestFirst(node)) {
      const { fromMs: beganMs, untilMs: endedMs } = reach.of(child);
      if (endedMs <= fromMs) break;
      // It ran beside the one that the end waited for.
      if (Math.min(endedMs, untilMs) > cursorMs + toleranceMs) continue;
      const from = Math.max(beganMs, fromMs);
      const until = Math.min(endedMs, cursorMs);
      if (from >= until) continue;
      own(path, node, until, cursorMs);
      waiting.push({ node: child, fromMs: from, untilMs: until });
      cursorMs = from;
    }
    own(path, node, fromMs, cursorMs);
  }
  return path.sort((a, b) => a.fromMs - b.fromMs);
}

/** What nobody beneath it accounts for: its own work while it was there, else nobody's. */
function own(path: Stretch[], node: RunNode, fromMs: number, untilMs: number): void {
  const edges = [fromMs, Math.min(Math.max(node.startMs, fromMs), untilMs)];
  edges.push(Math.max(Math.min(node.endMs, untilMs), edges[1] as number), untilMs);
  for (const [index, idle] of [true, false, true].entries()) {
    const [from, until] = [edges[index] as number, edges[index + 1] as number];
    if (from < until) path.push({ node, fromMs: from, untilMs: until, idle });
  }
}

/** How far a node reaches with all that is beneath it: a message is worked on when its sender is long done. */
function reachOf(root: RunNode) {
  const reaches = new Map<RunNode, { fromMs: number; untilMs: number }>();
  const order = [root];
  for (let i = 0; i < order.length; i++) order.push(...(order[i] as RunNode).children);
  for (const node of order.reverse()) {
    let { startMs: fromMs, endMs: untilMs } = node;
    for (const child of node.children) {
      const reach = reaches.get(child) as { fromMs: number; untilMs: number };
      fromMs = Math.min(fromMs, reach.fromMs);
      untilMs = Math.max(untilMs, reach.untilMs);
    }
    reaches.set(node, { fromMs, untilMs });
  }
  const of = (node: RunNode) => reaches.get(node) as { fromMs: number; untilMs: number };
  return { of, latestFirst: (node: RunNode) => [...node.children].sort((a, b) => of(b).untilMs - of(a).untilMs) };
}
