/** What each kind of span tells as a step. */
import {
  approvalAutoEscalatedFlag,
  approvalDecide,
  approvalDecision,
  approvalId,
  approvalKind,
  approvalRequest,
  approvalSubject,
  approvalWaitSeconds,
  approverId,
  approverRole,
} from '../../instrumentation/src/catalog/approvals.ts';
import type { Attribute } from '../../instrumentation/src/catalog/attribute.ts';
import { errorType, outcome, taskId, taskType } from '../../instrumentation/src/catalog/attributes.ts';
import {
  agentDecide,
  decisionConfidence,
  decisionFinalChoice,
  decisionName,
  decisionReasoning,
} from '../../instrumentation/src/catalog/decisions.ts';
import {
  apiName,
  cacheReadTokens,
  cacheWrite1hTokens,
  cacheWriteTokens,
  fallbackFrom,
  firstChunkSeconds,
  providerName,
  reasoningTokens,
  requestModel,
  responseModel,
  retryCount,
  serviceTier,
} from '../../instrumentation/src/catalog/llm.ts';
import { destination, processMessage, send, sender } from '../../instrumentation/src/catalog/messages.ts';
import type { SpanDeclaration } from '../../instrumentation/src/catalog/span.ts';
import { taskExecute, taskRetryCount, traceDecisions } from '../../instrumentation/src/catalog/tasks.ts';
import { executeTool, toolName } from '../../instrumentation/src/catalog/tools.ts';
import type { SpanFact } from './fact.ts';
import type { Step } from './record.ts';
import { msOf, read, type Times, timesFrom, timesOf } from './span.ts';
import type { Surroundings } from './span-tree.ts';
import { isMetered, isModelCall, type Spent, spentOn } from './spent.ts';

export interface Told {
  readonly kind: Step['kind'];
  readonly name: string;
  readonly times: Times;
  readonly outcome: Step['outcome'];
  readonly errorType: string | null;
  readonly attempt?: number;
  readonly spent?: Spent;
  readonly taskId?: string | null;
  readonly details?: Step['details'];
}

/** Both halves of each approval, by its id: the wait is between them, and may outlive a process. */
export interface Approvals {
  readonly requests: ReadonlyMap<string, SpanFact>;
  readonly answers: ReadonlyMap<string, SpanFact>;
}

/** The first of each, should an approval be asked for or answered twice. */
export function approvalsIn(spans: readonly SpanFact[]): Approvals {
  const of = ({ name }: SpanDeclaration) =>
    new Map(
      spans
        .filter((span) => span.name === name)
        .map((span) => [idOf(span), span] as const)
        .reverse(),
    );
  return { requests: of(approvalRequest), answers: of(approvalDecide) };
}

function idOf(approval: SpanFact): string {
  return read(approval, approvalId) ?? approval.id;
}

/** Undefined: it is no step of its own. */
export function describe(span: SpanFact, around: Surroundings | undefined, approvals: Approvals): Told | undefined {
  if (isModelCall(span)) return around?.metered ? undefined : model(span);
  if (span.name.startsWith(begins.tool)) return tool(span);
  if (span.name === taskExecute.name) return task(span);
  if (span.name === agentDecide.name) return decision(span);
  if (span.name === approvalRequest.name)
    return approvals.requests.get(idOf(span)) === span ? approval(span, approvals.answers.get(idOf(span))) : undefined;
  if (span.name === approvalDecide.name)
    return approvals.requests.has(idOf(span)) || approvals.answers.get(idOf(span)) !== span
      ? undefined
      : approval(undefined, span);
  if (span.name.startsWith(begins.process) && around?.parent?.name.startsWith(begins.send))
    return queue(span, around.parent);
  return undefined;
}

/** `send {destination}` begins with `send `. */
function beginning({ name }: SpanDeclaration): string {
  return name.replace(/\{.*/, '');
}

const begins = { tool: beginning(executeTool), send: beginning(send), process: beginning(processMessage) };

function model(span: SpanFact): Told {
  return {
    ...ended(span),
    kind: 'model',
    name: read(span, responseModel) ?? read(span, requestModel) ?? span.name,
    spent: spentOn(span),
    details: present({
      provider: read(span, providerName),
      retries: read(span, retryCount),
      instead_of: read(span, fallbackFrom),
      first_chunk_ms: inMs(read(span, firstChunkSeconds)),
      ...(isMetered(span) && pricedBy(span)),
    }),
  };
}

/** What its price depends on besides its tokens. None from the cache is said, too: a row that is silent is of a time when nobody kept it. (B05) */
function pricedBy(span: SpanFact) {
  return {
    cache_read_tokens: Math.max(0, read(span, cacheReadTokens) ?? 0),
    cache_write_tokens: Math.max(0, read(span, cacheWriteTokens) ?? 0),
    cache_write_1h_tokens: read(span, cacheWrite1hTokens),
    reasoning_tokens: read(span, reasoningTokens),
    service_tier: read(span, serviceTier),
  };
}

function tool(span: SpanFact): Told {
  const name = read(span, toolName) ?? span.name.slice(begins.tool.length);
  return { ...ended(span), kind: 'tool', name, spent: spentOn(span), details: present({ api: read(span, apiName) }) };
}

function task(span: SpanFact): Told {
  return {
    ...ended(span),
    kind: 'task',
    name: read(span, taskType) ?? 'unknown',
    attempt: Math.max(0, read(span, taskRetryCount) ?? 0) + 1,
    taskId: read(span, taskId) ?? null,
    details: present({ task_id: read(span, taskId), decisions: read(span, traceDecisions) }),
  };
}

function decision(span: SpanFact): Told {
  return {
    ...ended(span),
    kind: 'decision',
    name: read(span, decisionName) ?? 'unknown',
    details: present({
      choice: read(span, decisionFinalChoice),
      confidence: read(span, decisionConfidence),
      reasoning: read(span, decisionReasoning),
    }),
  };
}

const answerMeans = { approved: 'success', rejected: 'failure', expired: 'cancelled', cancelled: 'cancelled' } as const;

function approval(request: SpanFact | undefined, answer: SpanFact | undefined): Told {
  const both = <A extends Attribute>(attribute: A) =>
    (request && read(request, attribute)) ?? (answer && read(answer, attribute));
  const decided = answer && read(answer, approvalDecision);
  return {
    kind: 'approval',
    name: both(approvalKind) ?? 'unknown',
    times: waited(request, answer),
    outcome: (decided && answerMeans[decided]) ?? null,
    errorType: null,
    details: present({
      approval_id: both(approvalId),
      subject: both(approvalSubject),
      decision: decided,
      approver: answer && read(answer, approverId),
      role: (answer && read(answer, approverRole)) ?? both(approverRole),
      escalated: answer && read(answer, approvalAutoEscalatedFlag),
    }),
  };
}

/** The wait was measured by who answered; the clocks of two machines would tell another. */
function waited(request: SpanFact | undefined, answer: SpanFact | undefined): Times {
  const asked = request && msOf(request.start_unix_nano);
  const answered = answer && msOf(answer.start_unix_nano);
  const told = answer && inMs(read(answer, approvalWaitSeconds));
  if (asked === undefined) return timesFrom((answered as number) - (told ?? 0), answered);
  return timesFrom(asked, told === undefined ? answered : asked + told);
}

/** From the moment it was handed over until somebody took it. */
function queue(taken: SpanFact, sent: SpanFact): Told {
  return {
    kind: 'queue',
    name: read(taken, destination) ?? 'unknown',
    times: timesFrom(msOf(sent.end_unix_nano), msOf(taken.start_unix_nano)),
    outcome: 'success',
    errorType: null,
    details: present({ sender: read(taken, sender) ?? read(sent, sender) }),
  };
}

function ended(span: SpanFact): Pick<Told, 'times' | 'outcome' | 'errorType'> {
  const told = read(span, outcome) ?? (span.error ? 'failure' : 'success');
  const error = read(span, errorType) ?? null;
  return { times: timesOf(span), outcome: told in outcomes ? told : null, errorType: error };
}

const outcomes = { success: true, failure: true, cancelled: true };

function inMs(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : Math.round(Math.max(0, seconds) * 1000);
}

function present(details: Record<string, string | number | boolean | undefined>): Step['details'] {
  return Object.fromEntries(Object.entries(details).filter(([, value]) => value !== undefined)) as Step['details'];
}
