import { agentExecute, agentSessionId } from '../../instrumentation/src/catalog/agents.ts';
import { agentId } from '../../instrumentation/src/catalog/attributes.ts';
import type { ApiFact, SpanFact } from './fact.ts';
import { text } from './given.ts';
import { executionId, orchestrationId } from './run-key.ts';
import { read } from './span.ts';
import type { Surroundings } from './span-tree.ts';

/** One execution, by what told of it: the caller, a span, or both. */
export interface AgentSeen {
  readonly id: string;
  /** The caller's name for it, or trace and span id. */
  readonly session: string;
  readonly start: ApiFact | undefined;
  readonly end: ApiFact | undefined;
  readonly span: SpanFact | undefined;
  run: string | null;
  parent: string | null;
}

export interface AgentsSeen {
  readonly list: Iterable<AgentSeen>;
  bySpan(span: SpanFact | undefined): AgentSeen | undefined;
}

/** A span and a call are one execution where the span names the agent session, or its instance is called like it. */
export function agentsSeen(
  calls: readonly ApiFact[],
  spans: readonly SpanFact[],
  around: ReadonlyMap<SpanFact, Surroundings>,
  { runAt, isRun }: { runAt: (span: SpanFact) => string | null; isRun: ReadonlySet<string> },
): AgentsSeen {
  const starts = byAgentSession(calls, 'execution_started');
  const ends = byAgentSession(calls, 'execution_completed');
  const seen = new Map<string, AgentSeen>();
  const bySpan = new Map<SpanFact, AgentSeen>();
  const see = (session: string, span?: SpanFact): AgentSeen => {
    const [start, end] = [starts.get(session), ends.get(session)];
    const named = runOfCall(start);
    // A run that has not begun yet, as far as is known, is named by nobody.
    const run = named !== null && isRun.has(named) ? named : null;
    const agent = { id: executionId(session), session, start, end, span, run, parent: null };
    seen.set(session, agent);
    if (span) bySpan.set(span, agent);
    return agent;
  };
  // Spans that name their session first: no guess may take its place.
  const agents = spans.filter(({ name }) => name === agentExecute.name);
  const unnamed = agents.filter((span) => {
    const session = read(span, agentSessionId);
    if (!session || seen.has(session)) return true;
    see(session, span);
    return false;
  });
  for (const span of unnamed) {
    const instance = read(span, agentId);
    see(instance && starts.has(instance) && !seen.has(instance) ? instance : span.id, span);
  }
  for (const session of starts.keys()) if (!seen.has(session)) see(session);

  // In the order of their beginning; an inner one may ask an outer one for its run.
  const runOf = (agent: AgentSeen, outer: AgentSeen | undefined) =>
    agent.run ?? (agent.span && runAt(agent.span)) ?? outer?.run ?? null;
  const settled = new Set<AgentSeen>();
  const settle = (agent: AgentSeen): void => {
    const path = [];
    for (let at: AgentSeen | undefined = agent; at && !settled.has(at); at = outerOf(at)) {
      settled.add(at);
      path.push(at);
    }
    for (const inner of path.reverse()) {
      const outer = outerOf(inner);
      inner.run = runOf(inner, outer);
      inner.parent = outer?.id ?? null;
    }
  };
  const outerOf = ({ span }: AgentSeen) => {
    const outer = span && around.get(span)?.agent;
    return outer && bySpan.get(outer);
  };
  for (const agent of seen.values()) settle(agent);
  return { list: seen.values(), bySpan: (span) => span && bySpan.get(span) };
}

function byAgentSession(calls: readonly ApiFact[], kind: ApiFact['kind']): Map<string, ApiFact> {
  return new Map(
    calls.flatMap((call) =>
      call.kind === kind && call.agent_session_id ? [[call.agent_session_id, call] as const] : [],
    ),
  );
}

function runOfCall(start: ApiFact | undefined): string | null {
  if (!start) return null;
  return start.session_id === null ? text(start, 'orchestration_id') : orchestrationId(start.session_id);
}
