/** What a run lost: money and time that bought nothing, each part once. Pure. (B06) */
import { sumMicroUsd } from './money.ts';
import type { AgentExecution, Step } from './record.ts';
import { flat, heardOf, type Run, type RunNode, treeOf } from './run-tree.ts';

/** One piece of work that was lost. */
export interface LostWork {
  /** Run, execution or step. */
  readonly id: string;
  readonly orchestration_id: string;
  readonly reason: 'failed' | 'retried' | 'rejected' | 'abandoned';
  /** When it began. */
  readonly at: string;
  readonly error_fingerprint: string | null;
  readonly error_type: string | null;
  readonly error_message: string | null;
  readonly cost_micro_usd: number | null;
  /** From beginning to end, whoever worked beside it. */
  readonly duration_ms: number;
}

/** Since when nothing was heard of a run until it counts as abandoned. */
export const abandonedAfterMs = 24 * 3_600_000;

/** All of a run where it failed, else what failed in it. A store keeps it: it changes with the run's rows alone. */
export function lossesOf(run: Run): LostWork[] {
  const { orchestration, executions, steps } = run;
  const isWhole = orchestration.status === 'failed';
  // Most runs lose nothing: no tree is needed to see that.
  if (!isWhole && !executions.some(({ status }) => status === 'failed') && !steps.some(isFailed)) return [];
  const nodes = flat(treeOf(run));
  if (isWhole) {
    const isRejected = isRefused(nodes);
    const cause = isRejected ? undefined : causeOf(orchestration, nodes);
    return [
      {
        ...{ id: orchestration.id, orchestration_id: orchestration.id },
        ...{ reason: isRejected ? 'rejected' : 'failed', at: orchestration.started_at },
        error_fingerprint: cause?.error_fingerprint ?? null,
        error_type: cause?.error_type ?? null,
        error_message: cause?.error_message ?? null,
        cost_micro_usd: orchestration.cost_micro_usd,
        duration_ms: orchestration.duration_ms ?? lengthOf(orchestration.started_at, heardOf(run)),
      },
    ];
  }
  const losses: LostWork[] = [];
  const counted = new Set<RunNode>();
  for (const node of nodes) {
    const isInside = node.parent !== null && counted.has(node.parent);
    if (!isInside && !isLost(node)) continue;
    counted.add(node);
    if (!isInside) losses.push(lossOf(node, orchestration.id));
  }
  return losses;
}

/** Of a run of which nothing was heard for long, all of it is lost: instead of what `lossesOf` tells. */
export function abandonmentOf(run: AbandonedRun): LostWork {
  return {
    ...{ id: run.id, orchestration_id: run.id, reason: 'abandoned', at: run.started_at },
    ...{ error_fingerprint: null, error_type: null, error_message: null, cost_micro_usd: run.cost_micro_usd },
    // It was at work until one heard the last of it.
    duration_ms: lengthOf(run.started_at, run.heard_at),
  };
}

export interface AbandonedRun {
  readonly id: string;
  readonly started_at: string;
  /** See `heardOf` of run-tree.ts. */
  readonly heard_at: string;
  readonly cost_micro_usd: number | null;
}

/** Both of them, looked at now. */
export function lossesAt(run: Run, nowMs: number): LostWork[] {
  const heard_at = heardOf(run);
  const isAbandoned = run.orchestration.status === 'running' && nowMs - Date.parse(heard_at) > abandonedAfterMs;
  return isAbandoned ? [abandonmentOf({ ...run.orchestration, heard_at })] : lossesOf(run);
}

function lengthOf(fromIso: string, toIso: string): number {
  return Date.parse(toIso) - Date.parse(fromIso);
}

/** A call that failed inside work that went well was got over; it is lost only if it was made again. */
function isLost({ kind, failed, retriedBy }: RunNode): boolean {
  return kind !== 'run' && failed && (retriedBy !== null || kind === 'execution');
}

function lossOf(node: RunNode, orchestration_id: string): LostWork {
  const source = node.source as AgentExecution | Step;
  return {
    ...{ id: node.id, orchestration_id, reason: node.retriedBy === null ? 'failed' : 'retried', at: source.started_at },
    error_fingerprint: 'error_fingerprint' in source ? source.error_fingerprint : null,
    error_type: source.error_type,
    error_message: 'error_message' in source ? source.error_message : null,
    cost_micro_usd: sumMicroUsd(flat(node).map(({ ownMicroUsd }) => ownMicroUsd)),
    duration_ms: node.endMs - node.startMs,
  };
}

type Named = Pick<LostWork, 'error_fingerprint' | 'error_type' | 'error_message'>;

/** The error that the others followed from: that of the run, else of the innermost execution that failed last. */
function causeOf(orchestration: Run['orchestration'], nodes: readonly RunNode[]): Named | undefined {
  const failed = nodes.filter(({ kind, failed, retriedBy }) => kind === 'execution' && failed && retriedBy === null);
  const outer = new Set(failed.map(({ parent }) => parent));
  const innermost = failed.filter((node) => !outer.has(node));
  const last = innermost.toSorted((a, b) => b.endMs - a.endMs)[0]?.source as AgentExecution | undefined;
  if (last?.error_fingerprint) return last;
  return { ...orchestration, error_type: null };
}

function isFailed({ outcome }: Step): boolean {
  return outcome === 'failure';
}

/**
 * The last answer of a person was no, and that is what the run failed by: but for what waited for the answer, nothing failed
 * after it. Where something did, the run had gone on, and has an error of its own.
 */
function isRefused(nodes: readonly RunNode[]): boolean {
  const last = nodes.filter(isAnswered).toSorted((a, b) => b.endMs - a.endMs)[0];
  if (!last || decisionOf(last) === 'approved') return false;
  const around = new Set<RunNode>();
  for (let node = last.parent; node; node = node.parent) around.add(node);
  return !nodes.some((node) => isErrorOfItsOwn(node) && node.endMs > last.endMs && !around.has(node));
}

/** `cancelled` is no answer: what asked for it came to its end before. */
function isAnswered(node: RunNode): boolean {
  return node.kind === 'approval' && ['approved', 'rejected', 'expired'].includes(String(decisionOf(node)));
}

function decisionOf({ source }: RunNode): unknown {
  return (source as Step).details.decision;
}

function isErrorOfItsOwn({ kind, failed, retriedBy, source }: RunNode): boolean {
  if (!failed || retriedBy !== null || kind === 'run' || kind === 'approval') return false;
  return kind !== 'execution' || (source as AgentExecution).error_fingerprint !== null;
}
