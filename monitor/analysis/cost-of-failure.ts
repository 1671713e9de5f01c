/** What failure cost: money and time that bought nothing, each counted once. Pure. */
import type { AgentExecution, Step } from '../ledger/record.ts';
import { sumMicroUsd } from './money.ts';
import { flat, type Run, type RunNode, treeOf } from './run-tree.ts';

/**
 * - `rejected`: a person said no, or nobody answered, and the run failed with it.
 * - `failed`: the run failed, or in one that went on, work that nobody made again.
 * - `retried`: an attempt that failed and was made again.
 * - `abandoned`: a run that has not ended, and of which nothing was heard for long.
 */
export type Reason = 'failed' | 'retried' | 'rejected' | 'abandoned';

export interface Loss {
  readonly reason: Reason;
  readonly session_id: string;
  /** Run, execution or step. */
  readonly id: string;
  readonly error_fingerprint: string | null;
  readonly error_type: string | null;
  readonly error_message: string | null;
  readonly at: string;
  readonly cost_micro_usd: number | null;
  /** From beginning to end, whoever worked beside it. */
  readonly duration_ms: number;
}

export interface Lost {
  readonly times: number;
  readonly cost_micro_usd: number | null;
  readonly duration_ms: number;
}

export interface CostOfFailure {
  readonly runs: number;
  /** Of all these runs, what bought something included. */
  readonly spent_micro_usd: number | null;
  readonly lost: Lost;
  /** Of the money; null where none is known. */
  readonly lost_share: number | null;
  readonly reasons: Readonly<Record<Reason, Lost>>;
  /** The dearest first; null: it has no error, as work that a person rejected. */
  readonly fingerprints: readonly (Lost & {
    readonly error_fingerprint: string | null;
    readonly error_type: string | null;
    /** Of the newest. */
    readonly error_message: string | null;
    readonly reasons: readonly Reason[];
    /** Session ids, the newest first, five at most. */
    readonly sessions: readonly string[];
  })[];
}

/** Since when nothing was heard of a run until it counts as abandoned. */
export const abandonedAfterMs = 24 * 3_600_000;

/** Sums over runs, in one pass and in memory that grows with the kinds of error alone. (B06, C02) */
export function costOfFailure(runs: Iterable<Run>, nowMs: number, afterMs = abandonedAfterMs): CostOfFailure {
  const tally = new FailureTally(nowMs, afterMs);
  for (const run of runs) tally.add(run);
  return tally.result();
}

/** The same, run by run: for runs that stream. */
export class FailureTally {
  readonly #nowMs: number;
  readonly #afterMs: number;
  #runs = 0;
  #spent: number | null = null;
  readonly #reasons = new Map<Reason, Lost>();
  readonly #fingerprints = new Map<string | null, Gathered>();

  constructor(nowMs: number, afterMs = abandonedAfterMs) {
    this.#nowMs = nowMs;
    this.#afterMs = afterMs;
  }

  add(run: Run): void {
    this.#runs += 1;
    this.#spent = sumMicroUsd([this.#spent, run.orchestration.cost_micro_usd]);
    for (const loss of lossesOf(run, this.#nowMs, this.#afterMs)) {
      this.#reasons.set(loss.reason, plus(this.#reasons.get(loss.reason), loss));
      const gathered = this.#fingerprints.get(loss.error_fingerprint) ?? {
        lost: nothing,
        newest: loss,
        reasons: new Set(),
        sessions: [],
      };
      this.#fingerprints.set(loss.error_fingerprint, gathered);
      gathered.lost = plus(gathered.lost, loss);
      gathered.reasons.add(loss.reason);
      if (loss.at >= gathered.newest.at) gathered.newest = loss;
      remember(gathered.sessions, loss);
    }
  }

  result(): CostOfFailure {
    const of = (reason: Reason) => this.#reasons.get(reason) ?? nothing;
    const reasons = {
      failed: of('failed'),
      retried: of('retried'),
      rejected: of('rejected'),
      abandoned: of('abandoned'),
    };
    const lost = Object.values(reasons).reduce(
      (sum, one) => ({ ...plus(sum, one), times: sum.times + one.times }),
      nothing,
    );
    return {
      ...{ runs: this.#runs, spent_micro_usd: this.#spent, lost, reasons },
      lost_share: this.#spent && lost.cost_micro_usd !== null ? lost.cost_micro_usd / this.#spent : null,
      fingerprints: [...this.#fingerprints]
        .map(([error_fingerprint, { lost, newest, reasons, sessions }]) => ({
          ...{ error_fingerprint, error_type: newest.error_type, error_message: newest.error_message },
          ...lost,
          ...{ reasons: [...reasons].sort(), sessions: sessions.map(({ session_id }) => session_id) },
        }))
        .sort(
          (a, b) =>
            (b.cost_micro_usd ?? 0) - (a.cost_micro_usd ?? 0) ||
            b.duration_ms - a.duration_ms ||
            ((a.error_fingerprint ?? '') < (b.error_fingerprint ?? '') ? -1 : 1),
        ),
    };
  }
}

/** What one run lost: all of it where it failed or was given up, else what failed in it. No part counts twice. */
export function lossesOf(run: Run, nowMs: number, afterMs = abandonedAfterMs): Loss[] {
  const { orchestration, steps } = run;
  const root = treeOf(run);
  const nodes = flat(root);
  const isAbandoned = orchestration.status === 'running' && nowMs - heardOf(nodes) > afterMs;
  if (orchestration.status === 'failed' || isAbandoned) {
    const rejection = isAbandoned ? undefined : steps.find(isRejection);
    const cause = isAbandoned || rejection ? undefined : causeOf(orchestration, nodes);
    return [
      {
        reason: isAbandoned ? 'abandoned' : rejection ? 'rejected' : 'failed',
        ...{ session_id: orchestration.session_id, id: orchestration.id, at: orchestration.started_at },
        error_fingerprint: cause?.error_fingerprint ?? null,
        error_type: cause?.error_type ?? null,
        error_message: cause?.error_message ?? null,
        cost_micro_usd: orchestration.cost_micro_usd,
        // A run that was given up was at work until one heard the last of it.
        duration_ms: orchestration.duration_ms ?? heardOf(nodes) - root.startMs,
      },
    ];
  }
  const losses: Loss[] = [];
  const counted = new Set<RunNode>();
  for (const node of nodes) {
    const isInside = node.parent !== null && counted.has(node.parent);
    if (!isInside && !isLost(node)) continue;
    counted.add(node);
    if (!isInside) losses.push(lossOf(node, orchestration.session_id));
  }
  return losses;
}

/** A call that failed inside work that went well was got over; it is lost only if it was made again. */
function isLost({ kind, failed, retriedBy }: RunNode): boolean {
  return kind !== 'run' && failed && (retriedBy !== null || kind === 'execution');
}

function lossOf(node: RunNode, session_id: string): Loss {
  const source = node.source as AgentExecution | Step;
  return {
    ...{ reason: node.retriedBy === null ? 'failed' : 'retried', session_id, id: node.id, at: source.started_at },
    error_fingerprint: 'error_fingerprint' in source ? source.error_fingerprint : null,
    error_type: source.error_type,
    error_message: 'error_message' in source ? source.error_message : null,
    cost_micro_usd: sumMicroUsd(flat(node).map(({ ownMicroUsd }) => ownMicroUsd)),
    duration_ms: node.endMs - node.startMs,
  };
}

type Named = Pick<Loss, 'error_fingerprint' | 'error_type' | 'error_message'>;

/** The error that the others followed from: that of the run, else of the innermost execution that failed last. */
function causeOf(orchestration: Run['orchestration'], nodes: readonly RunNode[]): Named | undefined {
  const failed = nodes.filter(({ kind, failed, retriedBy }) => kind === 'execution' && failed && retriedBy === null);
  const innermost = failed.filter((node) => !failed.some(({ parent }) => parent === node));
  const last = innermost.toSorted((a, b) => b.endMs - a.endMs)[0]?.source as AgentExecution | undefined;
  if (last?.error_fingerprint) return last;
  return { ...orchestration, error_type: null };
}

function isRejection({ kind, details }: Step): boolean {
  return kind === 'approval' && (details.decision === 'rejected' || details.decision === 'expired');
}

/** When one last heard of it. */
function heardOf(nodes: readonly RunNode[]): number {
  return nodes.reduce((last, { startMs, endMs, running }) => Math.max(last, running ? startMs : endMs), 0);
}

interface Gathered {
  lost: Lost;
  newest: Loss;
  readonly reasons: Set<Reason>;
  readonly sessions: Loss[];
}

const nothing: Lost = { times: 0, cost_micro_usd: null, duration_ms: 0 };

function plus(sum: Lost = nothing, more: Pick<Lost, 'cost_micro_usd' | 'duration_ms'>): Lost {
  return {
    times: sum.times + 1,
    cost_micro_usd: sumMicroUsd([sum.cost_micro_usd, more.cost_micro_usd]),
    duration_ms: sum.duration_ms + more.duration_ms,
  };
}

/** The five newest, each once. */
function remember(sessions: Loss[], loss: Loss): void {
  if (sessions.some(({ session_id }) => session_id === loss.session_id)) return;
  sessions.push(loss);
  sessions.sort((a, b) => (a.at < b.at ? 1 : -1));
  sessions.splice(5);
}
