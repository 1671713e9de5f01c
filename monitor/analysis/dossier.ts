/** Everything about one run in one structure, for a terminal, a page or JSON to show. Pure. */

import { type LostWork, lossesAt } from '../ledger/losses.ts';
import type { AgentExecution, Orchestration, Step } from '../ledger/record.ts';
import { flat, type Run, type RunNode, treeOf } from '../ledger/run-tree.ts';
import { count } from '../words.ts';
import { concerns, type RelatedAlert } from './related-alert.ts';
import { type Waterfall, waterfall } from './waterfall.ts';

/** What others know of the run; left out: nobody was asked, and it stays null. */
export interface Surroundings {
  /** Of the time around the run, all of them: those that concern it are picked. */
  readonly alerts?: readonly RelatedAlert[];
  readonly links?: Readonly<Record<string, string>>;
  /** Why there are no alerts, for a person. */
  readonly missing?: string;
}

export interface Dossier {
  readonly orchestration: Orchestration;
  readonly executions: readonly ExecutionEntry[];
  readonly decisions: readonly DecisionEntry[];
  readonly approvals: readonly ApprovalEntry[];
  /** By fingerprint, the most frequent first. */
  readonly errors: readonly ErrorEntry[];
  readonly losses: readonly LostWork[];
  readonly waterfall: Waterfall;
  /** Null: nobody was asked. */
  readonly alerts: readonly RelatedAlert[] | null;
  /** By name, e.g. `trace`, `logs`; those of the exemplars are among them. */
  readonly links: Readonly<Record<string, string>> | null;
  /** What a reader must know before he trusts the numbers above. */
  readonly gaps: readonly Gap[];
}

/** In the order of the tree: `depth` says how far an agent is below the one that called it, from 0. */
export type ExecutionEntry = AgentExecution & { readonly depth: number; readonly retried_by: string | null };

export interface DecisionEntry {
  readonly at: string;
  readonly agent: string | null;
  readonly name: string;
  readonly choice: string | null;
  readonly confidence: number | null;
  readonly reasoning: string | null;
}

export interface ApprovalEntry {
  readonly id: string | null;
  readonly agent: string | null;
  readonly kind: string;
  readonly subject: string | null;
  readonly asked_at: string;
  readonly answered_at: string | null;
  readonly wait_ms: number | null;
  /** Null: it waits still. */
  readonly decision: string | null;
  readonly approver: string | null;
  readonly role: string | null;
  readonly escalated: boolean;
}

export interface ErrorEntry {
  readonly error_fingerprint: string | null;
  readonly error_type: string | null;
  readonly error_message: string | null;
  readonly times: number;
  readonly agents: readonly string[];
}

export interface Gap {
  readonly gap: 'no_alerts' | 'still_running' | 'unpriced_calls' | 'no_telemetry' | 'work_after_end' | 'idle';
  readonly told: string;
}

/** The dossier of one run. `lookedAtMs`: now, for a run that still runs. (B01) */
export function dossier(run: Run, { alerts, links, missing }: Surroundings = {}, lookedAtMs?: number): Dossier {
  const root = treeOf(run, lookedAtMs);
  const nodes = flat(root);
  const fall = waterfall(run, lookedAtMs);
  return {
    orchestration: run.orchestration,
    executions: nodes.filter(({ kind }) => kind === 'execution').map(executionEntry),
    decisions: ofKind(nodes, 'decision').map(decisionEntry),
    approvals: ofKind(nodes, 'approval').map(approvalEntry),
    errors: errorsOf(nodes),
    losses: lossesAt(run, lookedAtMs ?? root.endMs),
    waterfall: fall,
    alerts: alerts?.filter((alert) => concerns(alert, run)) ?? null,
    links: links ?? null,
    gaps: [
      ...gapsOf(run, root, nodes, fall),
      ...(missing === undefined ? [] : [{ gap: 'no_alerts' as const, told: missing }]),
    ],
  };
}

function ofKind(nodes: readonly RunNode[], kind: Step['kind']): RunNode[] {
  return nodes.filter((node) => node.kind === kind).sort((a, b) => a.startMs - b.startMs);
}

function executionEntry(node: RunNode): ExecutionEntry {
  let depth = 0;
  for (let above = node.parent; above; above = above.parent) if (above.kind === 'execution') depth += 1;
  return { ...(node.source as AgentExecution), depth, retried_by: node.retriedBy };
}

function decisionEntry({ agent, source }: RunNode): DecisionEntry {
  const { name, started_at, details } = source as Step;
  const { choice, confidence, reasoning } = details;
  return {
    ...{ at: started_at, agent, name, choice: textOf(choice), reasoning: textOf(reasoning) },
    confidence: typeof confidence === 'number' ? confidence : null,
  };
}

function approvalEntry({ agent, source }: RunNode): ApprovalEntry {
  const { name, started_at, completed_at, duration_ms, details } = source as Step;
  const { approval_id, subject, decision, approver, role, escalated } = details;
  return {
    ...{ id: textOf(approval_id), agent, kind: name, subject: textOf(subject) },
    ...{ asked_at: started_at, answered_at: completed_at, wait_ms: duration_ms },
    ...{ decision: textOf(decision), approver: textOf(approver), role: textOf(role), escalated: escalated === true },
  };
}

/** Of executions; a step's error counts where no execution around it failed with it. */
function errorsOf(nodes: readonly RunNode[]): ErrorEntry[] {
  const failed = nodes.filter((node) => node.failed && node.kind !== 'run' && node.kind !== 'approval');
  const explained = new Set<RunNode>();
  for (const node of failed)
    if (node.kind === 'execution')
      for (const inner of flat(node)) if (inner !== node && inner.kind !== 'execution') explained.add(inner);
  const seen = failed.filter((node) => !explained.has(node)).map((node) => ({ node, ...errorOf(node) }));
  return [
    ...Map.groupBy(seen, ({ error_fingerprint, error_type }) => error_fingerprint ?? `type ${error_type}`).values(),
  ]
    .map((same): ErrorEntry => {
      const [{ error_fingerprint, error_type, error_message }] = same as [(typeof same)[0]];
      const agents = new Set(same.flatMap(({ node: { agent } }) => agent ?? []));
      return { error_fingerprint, error_type, error_message, times: same.length, agents: [...agents].sort() };
    })
    .sort((a, b) => b.times - a.times);
}

function errorOf({ source }: RunNode): Pick<ErrorEntry, 'error_fingerprint' | 'error_type' | 'error_message'> {
  if ('agent_session_id' in source) return source;
  return {
    error_fingerprint: null,
    error_type: 'error_type' in source ? source.error_type : null,
    error_message: null,
  };
}

/** The part of a run that nothing accounts for, from which on it is worth a word. */
const muchIdle = 0.2;

function gapsOf(
  { orchestration, executions, steps }: Run,
  root: RunNode,
  nodes: readonly RunNode[],
  fall: Waterfall,
): Gap[] {
  const gaps: Gap[] = [];
  const tell = (gap: Gap['gap'], told: string) => gaps.push({ gap, told });
  const open = nodes.filter(({ running }) => running).length;
  if (root.running) tell('still_running', 'It still runs: its numbers are those up to now.');
  else if (open > 0) tell('still_running', `It has ended, but of ${count(open, 'part')} of it no end is known.`);
  if (orchestration.unpriced_calls > 0)
    tell(
      'unpriced_calls',
      `${count(orchestration.unpriced_calls, 'model call has', 'model calls have')} no price: it cost more than it says.`,
    );
  if (steps.length === 0 && executions.every(({ trace_id }) => trace_id === null))
    tell('no_telemetry', 'No span of it has arrived: models, tools, decisions and money are not known.');
  const late = nodes.filter(({ startMs }) => startMs >= root.endMs && !root.running && startMs > root.startMs).length;
  if (late > 0)
    tell(
      'work_after_end',
      `${count(late, 'part')} began after it had ended, and ${late === 1 ? 'is' : 'are'} not on the critical path.`,
    );
  const idleMs = fall.categories.find(({ name }) => name === 'idle')?.path_ms ?? 0;
  if (steps.length > 0 && idleMs > fall.duration_ms * muchIdle)
    tell(
      'idle',
      `Of ${Math.round((100 * idleMs) / fall.duration_ms)} % of its time nothing is known: something in it is not traced.`,
    );
  return gaps;
}

function textOf(value: string | number | boolean | undefined): string | null {
  return value === undefined ? null : String(value);
}
