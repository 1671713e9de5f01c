/** What ties facts together: facts that share a trace, a session or an agent session are folded together. */
import { hash } from 'node:crypto';
import { agentSessionId } from '../../instrumentation/src/catalog/agents.ts';
import { workflowId } from '../../instrumentation/src/catalog/attributes.ts';
import type { Fact } from './fact.ts';
import { text } from './given.ts';
import { read } from './span.ts';

/** One at least, each the same in every process. */
export function linksOf(fact: Fact): string[] {
  const { trace, session, run, agentSession } =
    fact.source === 'span'
      ? { trace: fact.trace_id, session: read(fact, workflowId), run: null, agentSession: read(fact, agentSessionId) }
      : {
          trace: null,
          session: fact.session_id,
          run: text(fact, 'orchestration_id'),
          agentSession: fact.agent_session_id,
        };
  const links: string[] = [];
  if (trace) links.push(`trace ${trace}`);
  if (session) links.push(orchestrationId(session));
  else if (run) links.push(run);
  if (agentSession) links.push(`agent ${agentSession}`);
  return links.length > 0 ? links : [`fact ${fact.id}`];
}

/** The id of a run: of its session alone, so that whoever is first, the API or telemetry, gives the same. */
export function orchestrationId(sessionId: string): string {
  return `run-${digest(sessionId)}`;
}

/** Whether it looks like one: of which run, it does not tell. */
export function isOrchestrationId(id: string): boolean {
  return /^run-[\da-f]{20}$/.test(id);
}

export function executionId(agentSession: string): string {
  return `exec-${digest(agentSession)}`;
}

/** 80 bits: two in a billion runs are alike with a chance of one in a million. */
function digest(text: string): string {
  return hash('sha256', text).slice(0, 20);
}
