import type { AgentExecution } from '../ledger/record.ts';
import { flat, type RunNode } from '../ledger/run-tree.ts';

/** Work that one agent gave to another. */
export interface HandOff {
  readonly from: string;
  readonly to: string;
  readonly times: number;
  /** In queues between the two. */
  readonly wait_ms: number;
  /** Of the work done for it, the waiting left out. */
  readonly work_ms: number;
  readonly failed: number;
}

/** Who gave work to whom, as edges, in the order in which they were first seen. (B07) */
export function handOffsOf(root: RunNode): HandOff[] {
  const edges = new Map<string, { -readonly [Key in keyof HandOff]: HandOff[Key] }>();
  for (const node of flat(root)) {
    if (node.kind !== 'execution') continue;
    let waitMs = 0;
    let above = node.parent;
    for (; above && above.kind !== 'execution'; above = above.parent) {
      if (above.kind === 'queue') waitMs += Math.max(0, Math.min(above.endMs, node.startMs) - above.startMs);
    }
    const { agent_name: to } = node.source as AgentExecution;
    const from = above ? (above.source as AgentExecution).agent_name : undefined;
    if (from === undefined || from === to) continue;
    const key = JSON.stringify([from, to]);
    const edge = edges.get(key) ?? { from, to, times: 0, wait_ms: 0, work_ms: 0, failed: 0 };
    edge.times += 1;
    edge.wait_ms += waitMs;
    edge.work_ms += node.endMs - node.startMs;
    edge.failed += node.failed ? 1 : 0;
    edges.set(key, edge);
  }
  return [...edges.values()];
}
