import { randomUUID } from 'node:crypto';
import { context, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import {
  approvalAutoEscalated,
  approvalDecide,
  approvalDecided,
  type approvalDecision,
  approvalRequest,
  approvalResponseTime,
  pendingApprovals,
  taskApprovalRequests,
} from '../catalog/approvals.ts';
import type { ValueOf } from '../catalog/attribute.ts';
import { workflowApprovalWaitTime } from '../catalog/workflows.ts';
import { emit } from './emit.ts';
import { given } from './given.ts';
import { guard } from './guard.ts';
import { add, hold, record } from './record.ts';
import { mark } from './run.ts';
import { currentScope } from './scope.ts';
import { shared } from './shared.ts';

export interface ApprovalOptions {
  /** What needs a yes, one of few, e.g. `deploy`. */
  kind: string;
  /** What is asked, in one line. */
  subject?: string;
  /** Who may answer, e.g. `lead`. */
  role?: string;
}

/** An approval that is asked for. Plain data: store it as JSON, decide it in another process, days later. */
export interface ApprovalTicket {
  readonly id: string;
  readonly kind: string;
  readonly role?: string;
  /** ms since 1970. */
  readonly requestedAt: number;
  readonly agent?: string;
  readonly workflow?: string;
  readonly escalated?: boolean;
  /** The trace it was asked in. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface Verdict {
  decision: ValueOf<typeof approvalDecision>;
  /** Who answered. On the span and in the audit log, not on metrics. */
  by?: string | undefined;
  /** The role in which. Default: that of the ticket. */
  role?: string | undefined;
}

// Those this process counts as pending. One that was asked for before a restart joins by `resumeApprovals`.
const pending = shared('approvals.pending', () => new Map<string, () => void>());

// Those that were answered here, the last of them, so that an answer given twice counts once.
const decided = shared('approvals.decided', () => ({ latest: new Set<string>(), earlier: new Set<string>() }));

/** Most approvals remembered in each. */
const remembered = 10_000;

/** Asks for an approval. Its span ends at once, so that nothing is lost if the wait outlives the process. (S09, T03) */
export function requestApproval(options: ApprovalOptions): ApprovalTicket {
  const { kind, subject, role } = given(options);
  const { agentName, workflowName } = currentScope();
  const id = randomUUID();
  const span = mark({
    declaration: approvalRequest,
    attributes: {
      'agent.name': agentName,
      'workflow.name': workflowName,
      'approval.id': id,
      'approval.kind': kind,
      'approval.subject': subject,
      'approval.approver.role': role,
    },
  });
  const headers: Record<string, string> = {};
  guard(() => propagation.inject(trace.setSpan(context.active(), span), headers));
  add(taskApprovalRequests, 1, { 'agent.name': agentName, 'approval.kind': kind });
  countPending(id, kind);
  return {
    id,
    kind,
    requestedAt: Date.now(),
    headers,
    ...(role && { role }),
    ...(agentName && { agent: agentName }),
    ...(workflowName && { workflow: workflowName }),
  };
}

/** After a restart: these still wait, and count as pending here from now on. */
export function resumeApprovals(tickets: Iterable<ApprovalTicket>): void {
  guard(() => {
    for (const ticket of tickets) {
      const { id, kind } = given(ticket);
      countPending(id, kind);
    }
  });
}

/** Another process has the answer, and wrote it down: it no longer waits here. */
export function releaseApproval(ticket: Pick<ApprovalTicket, 'id'>): void {
  const { id } = given(ticket);
  pending.get(id)?.();
  pending.delete(id);
}

/** Nobody answered in time: passed on to another role. Keep the ticket that comes back. */
export function escalateApproval(ticket: ApprovalTicket, role: string): ApprovalTicket {
  add(approvalAutoEscalated, 1, { 'approval.kind': given(ticket).kind, 'approval.approver.role': role });
  try {
    return { ...ticket, role, escalated: true };
  } catch {
    return ticket;
  }
}

/**
 * The answer: a span in the trace of the request and linked to it, the wait, an audit record. Once per approval and
 * process. Where the process that asked goes on, and the answer is given in another one, tell it: `releaseApproval`.
 */
export function decideApproval(ticket: ApprovalTicket, verdict: Verdict): void {
  guard(() => decide(given(ticket), given(verdict)));
}

function decide(ticket: ApprovalTicket, { decision, by, role = ticket.role }: Verdict): void {
  releaseApproval(ticket);
  if (wasDecided(ticket.id)) return;
  remember(ticket.id);
  const waitSeconds = Math.max(0, (Date.now() - ticket.requestedAt) / 1000);
  const asked = propagation.extract(ROOT_CONTEXT, ticket.headers);
  const request = trace.getSpanContext(asked);
  const labels = { 'approval.kind': ticket.kind, 'approval.decision': decision, 'approval.approver.role': role };
  const answer = {
    'approval.id': ticket.id,
    ...labels,
    'approval.approver.id': by,
    'approval.wait_seconds': waitSeconds,
  };
  const span = mark({
    declaration: approvalDecide,
    parent: asked,
    ...(request && { links: [{ context: request }] }),
    attributes: {
      ...answer,
      'agent.name': ticket.agent,
      'workflow.name': ticket.workflow,
      'approval.auto_escalated': ticket.escalated ?? false,
    },
  });
  record(approvalResponseTime, waitSeconds, labels);
  if (ticket.workflow) record(workflowApprovalWaitTime, waitSeconds, { 'workflow.name': ticket.workflow });
  context.with(trace.setSpan(asked, span), () =>
    emit(approvalDecided, `${ticket.kind}: ${decision} after ${waitSeconds.toFixed(1)} s`, answer),
  );
}

/**
 * Asks, runs `fn`, which waits for the answer and returns it, and writes it down; `escalate` passes it on to another role.
 * One that throws counts as cancelled.
 * For waits that outlive the process: `requestApproval` and `decideApproval`.
 */
export async function approval<V extends Verdict>(
  options: ApprovalOptions,
  fn: (ticket: ApprovalTicket, escalate: (role: string) => ApprovalTicket) => V | Promise<V>,
): Promise<V> {
  let ticket = requestApproval(options);
  const escalate = (role: string) => {
    ticket = escalateApproval(ticket, role);
    return ticket;
  };
  try {
    const verdict = await fn(ticket, escalate);
    decideApproval(ticket, verdict);
    return verdict;
  } catch (error) {
    decideApproval(ticket, { decision: 'cancelled' });
    throw error;
  }
}

function countPending(id: string, kind: string): void {
  if (typeof id !== 'string' || pending.has(id) || wasDecided(id) || pending.size >= remembered) return;
  pending.set(id, hold(pendingApprovals, { 'approval.kind': kind }));
}

function wasDecided(id: string): boolean {
  return decided.latest.has(id) || decided.earlier.has(id);
}

function remember(id: string): void {
  decided.latest.add(id);
  if (decided.latest.size < remembered) return;
  decided.earlier = decided.latest;
  decided.latest = new Set();
}
