/** A run as a tree: what happened inside what, in which time. */

import { supersededBy } from './attempts.ts';
import { containing } from './containing.ts';
import type { AgentExecution, Orchestration, Step, StepKind } from './record.ts';

/** One run, as `export` gives it. */
export interface Run {
  readonly orchestration: Orchestration;
  readonly executions: readonly AgentExecution[];
  readonly steps: readonly Step[];
}

export interface RunNode {
  readonly id: string;
  readonly kind: 'run' | 'execution' | StepKind;
  readonly name: string;
  /** The agent at work; null above the first one. */
  readonly agent: string | null;
  /** ms since 1970. What has no end yet ends where the run is looked at. */
  readonly startMs: number;
  readonly endMs: number;
  readonly running: boolean;
  readonly failed: boolean;
  /** The id of the attempt that stood in for it, or for what it is part of. */
  readonly retriedBy: string | null;
  /** Its own: what is beneath it has its own, too. Null: unknown. */
  readonly ownMicroUsd: number | null;
  readonly parent: RunNode | null;
  /** In the order in which they began. */
  readonly children: readonly RunNode[];
  readonly depth: number;
  readonly source: AgentExecution | Step | Orchestration;
}

type Building = { -readonly [Key in keyof Omit<RunNode, 'parent' | 'children'>]: RunNode[Key] } & {
  parent: Building | null;
  children: Building[];
};

/**
 * The tree of one run. What names nobody that is known hangs under the run; parents that are their own descendants do too.
 * `lookedAtMs`: where what still runs ends. Default: the last thing that is known of the run.
 */
export function treeOf(run: Run, lookedAtMs?: number): RunNode {
  const { orchestration, executions, steps } = run;
  const nowMs = lookedAtMs ?? Date.parse(heardOf(run));
  const retried = supersededBy(executions, steps);
  const node = (
    source: RunNode['source'],
    kind: RunNode['kind'],
    name: string,
    failed: boolean,
    ownMicroUsd: number | null,
  ): Building => {
    const startMs = Date.parse(source.started_at);
    return {
      id: source.id,
      kind,
      name,
      agent: null,
      startMs,
      endMs: Math.max(startMs, source.completed_at === null ? nowMs : Date.parse(source.completed_at)),
      running: source.completed_at === null,
      failed,
      retriedBy: retried.get(source.id) ?? null,
      ownMicroUsd,
      parent: null,
      children: [],
      depth: 0,
      source,
    };
  };
  const { workflow_name, session_id, status } = orchestration;
  const root = node(orchestration, 'run', workflow_name ?? session_id, status === 'failed', null);
  const executionNodes = executions.map((execution) => {
    const { agent_name, operation, status, cost_micro_usd } = execution;
    const name = operation ? `${agent_name} ${operation}` : agent_name;
    const made = node(execution, 'execution', name, status === 'failed', cost_micro_usd);
    made.agent = agent_name;
    return made;
  });
  const stepNodes = steps.map((step) =>
    node(step, step.kind, step.name, step.outcome === 'failure', step.cost_micro_usd),
  );
  hang(root, executionNodes, stepNodes);
  settle(root);
  return root;
}

/** The tree, flat: each node after its parent, in the order in which they began. */
export function flat<Node extends { readonly children: readonly Node[] }>(root: Node): Node[] {
  const found: Node[] = [];
  const waiting = [root];
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    found.push(node);
    for (let i = node.children.length - 1; i >= 0; i--) waiting.push(node.children[i] as Node);
  }
  return found;
}

/** When one last heard of it: the last beginning or end of anything in it. As text they sort by time. */
export function heardOf({ orchestration, executions, steps }: Run): string {
  let last = orchestration.completed_at ?? orchestration.started_at;
  for (const rows of [executions, steps])
    for (const { started_at, completed_at } of rows) {
      const at = completed_at ?? started_at;
      if (at > last) last = at;
    }
  return last;
}

/** A step is inside the step around it, or where that is outside of its execution, inside the execution: which is inside the step then. */
function hang(root: Building, executions: readonly Building[], steps: readonly Building[]): void {
  const byId = new Map([...executions, ...steps].map((node) => [node.id, node]));
  const around = new Map<Building, Building>();
  for (const node of steps) {
    const { parent_id, execution_id } = node.source as Step;
    const outer = parent_id === null ? undefined : byId.get(parent_id);
    const execution = execution_id === null ? undefined : byId.get(execution_id);
    const isWithin = outer !== undefined && (!execution || executionOf(outer) === execution_id);
    node.parent = isWithin ? outer : (execution ?? root);
    if (execution && outer && !isWithin) around.set(execution, outer);
  }
  const callerOf = ({ source }: Building): Building => {
    const { parent_id } = source as AgentExecution;
    return (parent_id !== null && byId.get(parent_id)) || root;
  };
  const holders = Map.groupBy(steps.filter(isHolder), executionOf);
  // An agent that has no step yet to tell: the shortest step of its caller that lasts from before it until after it.
  for (const [caller, called] of Map.groupBy(executions, callerOf)) {
    const within = containing(called, holders.get(caller === root ? null : caller.id) ?? []);
    for (const node of called) node.parent = around.get(node) ?? within.get(node) ?? caller;
  }
  const all = [...executions, ...steps];
  cutCircles(root, all);
  for (const node of all) node.parent?.children.push(node);
}

function executionOf({ source }: Building): string | null {
  return 'execution_id' in source ? source.execution_id : source.id;
}

/** An agent may be at work inside of it. */
function isHolder({ kind }: Building): boolean {
  return kind === 'tool' || kind === 'task';
}

/** Hands down what holds for all beneath: depth, agent, retried. An execution's money less that of its steps is its own. */
function settle(root: Building): void {
  const sort = (node: Building) => node.children.sort((a, b) => a.startMs - b.startMs || (a.id < b.id ? -1 : 1));
  for (const node of flat(root)) sort(node);
  const executions = new Map<string, Building>();
  const spentIn = new Map<string, number>();
  for (const node of flat(root)) {
    const { parent, source } = node;
    if (node.kind === 'execution') executions.set(node.id, node);
    const execution = 'execution_id' in source ? source.execution_id : null;
    if (execution !== null) spentIn.set(execution, (spentIn.get(execution) ?? 0) + (node.ownMicroUsd ?? 0));
    if (!parent) continue;
    node.depth = parent.depth + 1;
    node.agent ??= parent.agent;
    node.retriedBy ??= parent.retriedBy;
  }
  for (const [id, execution] of executions) {
    if (execution.ownMicroUsd === null) continue;
    // Whole nano-USD, as the fold sums them.
    const own = Math.round((execution.ownMicroUsd - (spentIn.get(id) ?? 0)) * 1000) / 1000;
    execution.ownMicroUsd = own > 0 || !spentIn.has(id) ? own : null;
  }
}

/** Parents that lead back to where one was lead to the root instead. Each node is walked over once. */
function cutCircles(root: Building, all: readonly Building[]): void {
  const rooted = new Set<Building>([root]);
  for (const node of all) {
    const path = new Set<Building>();
    let at: Building | null = node;
    while (at && !rooted.has(at) && !path.has(at)) {
      path.add(at);
      at = at.parent;
    }
    // The one that the circle closes at: what hangs on it keeps its place.
    if (at && path.has(at)) at.parent = root;
    for (const one of path) rooted.add(one);
  }
}
