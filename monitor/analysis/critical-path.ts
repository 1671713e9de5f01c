/** The chain of work that decided how long a run took. */
import { flat, type RunNode } from '../ledger/run-tree.ts';

/** A stretch of the run's time, and who it belongs to: nobody else could have made the run shorter then. */
export interface Stretch {
  readonly node: RunNode;
  readonly fromMs: number;
  readonly untilMs: number;
  /** Nobody was at work: the run waited for something that nobody wrote down. */
  readonly idle: boolean;
}

/** Rows are whole milliseconds and the clocks of two processes differ: what overlaps by no more came one after the other. */
const toleranceMs = 10;

/**
 * From the run's beginning to its end without a gap: at each moment the innermost work that the end waited for. Walks back
 * from the end, to the last that ended before, as https://github.com/uber-research/CRISP does. What ran beside it is on it
 * only where else nobody was at work: who began what came next is not known then, but that something was done is.
 */
export function criticalPath(root: RunNode): Stretch[] {
  const reach = reachOf(root);
  const path = walked({ node: root, fromMs: root.startMs, untilMs: root.endMs }, reach);
  if (!path.some(({ idle }) => idle)) return path;
  // Where parts of a part wait, it lasts itself.
  const beside = atWork(root).flatMap((part) =>
    walked(part, reach).map((stretch) => (stretch.idle ? { ...stretch, node: part.node, idle: false } : stretch)),
  );
  const filled: Stretch[] = [];
  let first = 0;
  for (const stretch of path) {
    let { fromMs } = stretch;
    if (stretch.idle) {
      while ((beside[first]?.untilMs ?? Number.POSITIVE_INFINITY) <= fromMs) first += 1;
      for (let i = first; (beside[i]?.fromMs ?? stretch.untilMs) < stretch.untilMs; i++) {
        const other = beside[i] as Stretch;
        const [from, until] = [Math.max(fromMs, other.fromMs), Math.min(stretch.untilMs, other.untilMs)];
        add(filled, { ...stretch, fromMs, untilMs: from });
        add(filled, { node: other.node, fromMs: from, untilMs: until, idle: false });
        fromMs = until;
      }
    }
    add(filled, { ...stretch, fromMs });
  }
  return filled;
}

function add(path: Stretch[], stretch: Stretch): void {
  if (stretch.fromMs >= stretch.untilMs) return;
  const last = path.at(-1);
  if (last?.node === stretch.node && last.idle === stretch.idle)
    path[path.length - 1] = { ...stretch, fromMs: last.fromMs };
  else path.push(stretch);
}

interface Part {
  readonly node: RunNode;
  readonly fromMs: number;
  readonly untilMs: number;
}

/** All of the time in which any execution or step lasted, in order: at each moment that which began first. */
function atWork(root: RunNode): Part[] {
  const nodes = flat(root)
    .slice(1)
    .sort((a, b) => b.endMs - a.endMs);
  const parts: Part[] = [];
  let longest: RunNode | undefined;
  let cursorMs = root.endMs;
  for (let next = 0; cursorMs > root.startMs; ) {
    for (let node = nodes[next]; node && node.endMs >= cursorMs; node = nodes[++next])
      if (!longest || node.startMs < longest.startMs) longest = node;
    if (longest && longest.startMs < cursorMs) {
      parts.push({ node: longest, fromMs: Math.max(root.startMs, longest.startMs), untilMs: cursorMs });
      cursorMs = longest.startMs;
      continue;
    }
    cursorMs = nodes[next]?.endMs ?? root.startMs;
  }
  return parts.reverse();
}

/** In the order of time. */
function walked(whole: Part, reach: ReturnType<typeof reachOf>): Stretch[] {
  const path: Stretch[] = [];
  const waiting = [whole];
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
    // All of an attempt that was made again is its own, whatever it waited for.
    if (from < until)
      path.push({ node, fromMs: from, untilMs: until, idle: (idle || node.kind === 'run') && !node.retriedBy });
  }
}

/** How far a node reaches with all that is beneath it: a message is worked on when its sender is long done. */
function reachOf(root: RunNode) {
  const reaches = new Map<RunNode, { fromMs: number; untilMs: number }>();
  const order = [root];
  for (let i = 0; i < order.length; i++) for (const child of (order[i] as RunNode).children) order.push(child);
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
