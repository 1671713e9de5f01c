/** Where the time and the money of one run went. Pure. */

import { sumMicroUsd } from '../ledger/money.ts';
import { flat, type Run, type RunNode, treeOf } from '../ledger/run-tree.ts';
import { criticalPath, type Stretch } from './critical-path.ts';
import { type HandOff, handOffsOf } from './hand-offs.ts';

/**
 * What time and money is spent on. `agent`: an agent's own work between its calls. `human`: waiting for a person. `retry`:
 * all of an attempt that failed and was made again. `idle`: nobody was at work that the ledger knows of.
 */
export type Category = 'model' | 'tool' | 'agent' | 'queue' | 'human' | 'retry' | 'idle';

export interface Waterfall {
  readonly session_id: string;
  readonly started_at: string;
  /** Wall time. Of a run that still runs: until the last thing known of it. */
  readonly duration_ms: number;
  readonly running: boolean;
  readonly cost_micro_usd: number | null;
  readonly unpriced_calls: number;
  /** Their `path_ms` add up to `duration_ms`, their money to `cost_micro_usd`. */
  readonly categories: readonly Share[];
  /** The longest on the path first. A retried call counts here under its model or tool, too. */
  readonly models: readonly Share[];
  readonly tools: readonly Share[];
  readonly agents: readonly Share[];
  /** Without a gap from beginning to end. */
  readonly critical_path: readonly PathPart[];
  /** The whole tree in the order of beginning, to be drawn. */
  readonly bars: readonly Bar[];
  readonly hand_offs: readonly HandOff[];
}

export interface Share {
  readonly name: string;
  readonly calls: number;
  /** On the critical path: by so much would the run have been shorter without. */
  readonly path_ms: number;
  /** Altogether, each call from its beginning to its end: more than the run where calls ran side by side. */
  readonly busy_ms: number;
  readonly cost_micro_usd: number | null;
}

export interface PathPart {
  readonly id: string;
  readonly name: string;
  readonly agent: string | null;
  readonly category: Category;
  /** From the run's beginning. */
  readonly offset_ms: number;
  readonly duration_ms: number;
}

export interface Bar {
  readonly id: string;
  readonly kind: RunNode['kind'];
  readonly name: string;
  readonly agent: string | null;
  readonly category: Category;
  /** Of the run: 0. */
  readonly depth: number;
  readonly offset_ms: number;
  readonly duration_ms: number;
  readonly running: boolean;
  readonly failed: boolean;
  readonly retried_by: string | null;
  readonly path_ms: number;
  readonly cost_micro_usd: number | null;
}

const categories: readonly Category[] = ['model', 'tool', 'agent', 'queue', 'human', 'retry', 'idle'];

/** Time and money of a run by model, tool, agent, queue, human wait and retry, with its critical path. (B07) */
export function waterfall(run: Run, lookedAtMs?: number): Waterfall {
  const root = treeOf(run, lookedAtMs);
  const nodes = flat(root);
  const path = criticalPath(root);
  const onPath = new Map<RunNode, number>();
  for (const { node, fromMs, untilMs } of path) onPath.set(node, (onPath.get(node) ?? 0) + untilMs - fromMs);
  const { session_id, started_at, cost_micro_usd, unpriced_calls } = run.orchestration;
  const share = (name: string, of: readonly RunNode[]) => shareOf(name, of, onPath);
  return {
    ...{ session_id, started_at, duration_ms: root.endMs - root.startMs, running: root.running },
    ...{ cost_micro_usd, unpriced_calls },
    categories: byCategory(nodes, path, cost_micro_usd),
    models: grouped(
      nodes.filter(({ kind }) => kind === 'model').map((node) => [node.name, node]),
      share,
    ),
    tools: grouped(
      nodes.filter(({ kind }) => kind === 'tool').map((node) => [node.name, node]),
      share,
    ),
    agents: grouped(
      nodes.flatMap((node) => (node.agent === null ? [] : [[node.agent, node]])),
      (name, all) => ({
        ...share(name, all),
        calls: all.filter(({ kind }) => kind === 'execution').length,
        busy_ms: busyOf(all.filter(({ kind }) => kind === 'execution')),
      }),
    ),
    critical_path: path.map((stretch) => ({
      ...{ id: stretch.node.id, name: stretch.node.name, agent: stretch.node.agent, category: categoryAt(stretch) },
      ...{ offset_ms: stretch.fromMs - root.startMs, duration_ms: stretch.untilMs - stretch.fromMs },
    })),
    bars: nodes.map((node) => ({
      id: node.id,
      kind: node.kind,
      name: node.name,
      agent: node.agent,
      category: categoryOf(node),
      depth: node.depth,
      offset_ms: node.startMs - root.startMs,
      duration_ms: node.endMs - node.startMs,
      running: node.running,
      failed: node.failed,
      retried_by: node.retriedBy,
      path_ms: onPath.get(node) ?? 0,
      cost_micro_usd: node.ownMicroUsd,
    })),
    hand_offs: handOffsOf(root),
  };
}

function byCategory(nodes: readonly RunNode[], path: readonly Stretch[], totalMicroUsd: number | null): Share[] {
  const spent = sumMicroUsd(nodes.map(({ ownMicroUsd }) => ownMicroUsd));
  return categories.map((name) => {
    const of = nodes.filter((node) => node.kind !== 'run' && categoryOf(node) === name);
    const pathMs = path.reduce(
      (sum, stretch) => (categoryAt(stretch) === name ? sum + stretch.untilMs - stretch.fromMs : sum),
      0,
    );
    const cost = sumMicroUsd(of.map(({ ownMicroUsd }) => ownMicroUsd));
    // What the run spent beyond all that is known of its parts, an agent spent.
    const rest = name === 'agent' && totalMicroUsd !== null ? totalMicroUsd - (spent ?? 0) : 0;
    return {
      ...{ name, calls: of.length, path_ms: pathMs, busy_ms: busyOf(of) },
      cost_micro_usd: rest > 0 ? (cost ?? 0) + rest : cost,
    };
  });
}

/** Parts of a part count once. */
function busyOf(nodes: readonly RunNode[]): number {
  const all = new Set(nodes);
  const isOutermost = (node: RunNode) => {
    for (let above = node.parent; above; above = above.parent) if (all.has(above)) return false;
    return true;
  };
  return nodes.filter(isOutermost).reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
}

function shareOf(name: string, nodes: readonly RunNode[], onPath: ReadonlyMap<RunNode, number>): Share {
  return {
    ...{ name, calls: nodes.length },
    path_ms: nodes.reduce((sum, node) => sum + (onPath.get(node) ?? 0), 0),
    busy_ms: busyOf(nodes),
    cost_micro_usd: sumMicroUsd(nodes.map(({ ownMicroUsd }) => ownMicroUsd)),
  };
}

function grouped(
  named: readonly (readonly [string, RunNode])[],
  share: (name: string, nodes: readonly RunNode[]) => Share,
): Share[] {
  return [...Map.groupBy(named, ([name]) => name)]
    .map(([name, pairs]) =>
      share(
        name,
        pairs.map(([, node]) => node),
      ),
    )
    .sort((a, b) => b.path_ms - a.path_ms || b.busy_ms - a.busy_ms || (a.name < b.name ? -1 : 1));
}

function categoryAt({ node, idle }: Stretch): Category {
  return idle ? 'idle' : categoryOf(node);
}

function categoryOf({ kind, retriedBy }: RunNode): Category {
  if (retriedBy) return 'retry';
  if (kind === 'model' || kind === 'tool' || kind === 'queue') return kind;
  return kind === 'approval' ? 'human' : 'agent';
}
