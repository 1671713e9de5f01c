/** From what was seen to what is known. Pure: the same facts give the same rows, in whatever order and however often they came. */
import { workflowId } from '../../instrumentation/src/catalog/attributes.ts';
import { workflowExecute } from '../../instrumentation/src/catalog/workflows.ts';
import { agentsSeen } from './agents-seen.ts';
import { bodyOf } from './body.ts';
import type { ApiFact, Fact, SpanFact } from './fact.ts';
import { executionOf } from './fold-execution.ts';
import { type RunSeen, runOf } from './fold-run.ts';
import { stepsOf } from './fold-step.ts';
import type { AgentExecution, Orchestration, Step } from './record.ts';
import { orchestrationId } from './run-key.ts';
import { byStart, compare, read } from './span.ts';
import { type Surroundings, surroundings } from './span-tree.ts';

/** What facts that belong together tell. A run that nobody has named yet has no orchestration: it is in none of the lists. */
export interface Rows {
  /** One, most often; more where a trace holds several workflows. */
  readonly orchestrations: readonly Orchestration[];
  readonly executions: readonly AgentExecution[];
  readonly steps: readonly Step[];
}

/** @param facts all that share a trace, a session or an agent session, directly or by way of others (run-key.ts). */
export function fold(facts: Iterable<Fact>): Rows {
  const known = once(facts);
  const spans = known.filter((fact) => fact.source === 'span').sort(byStart);
  const calls = known.filter((fact) => fact.source === 'api');
  const around = surroundings(spans);

  const runs = runsSeen(calls, spans);
  const runAt = place(runs, spans, around);
  const isRun = new Set([...runs.keys()].map(orchestrationId));
  const agents = agentsSeen(calls, spans, around, { runAt, isRun });
  const steps = stepsOf(spans, around, agents, runAt);
  const stepsBy = Map.groupBy(steps, ({ step }) => step.execution_id);
  const executions = [...agents.list].map((agent) => executionOf(agent, stepsBy.get(agent.id) ?? []));
  const stepsIn = Map.groupBy(steps, ({ step }) => step.orchestration_id);
  const executionsIn = Map.groupBy(executions, ({ orchestration_id }) => orchestration_id);
  const orchestrations = [...runs.values()].map((run) => {
    const id = orchestrationId(run.session);
    return runOf(run, executionsIn.get(id) ?? [], stepsIn.get(id) ?? []);
  });
  return {
    orchestrations: orchestrations.sort(order),
    executions: executions.sort(order),
    steps: steps.map(({ step }) => step).sort(order),
  };
}

/** Each fact once. Should two that differ claim one id, the same of them wins everywhere. */
function once(facts: Iterable<Fact>): Fact[] {
  const byId = new Map<string, Fact>();
  for (const fact of facts) {
    const other = byId.get(fact.id);
    if (!other || bodyOf(fact) < bodyOf(other)) byId.set(fact.id, fact);
  }
  return [...byId.values()].sort((a, b) => compare(a.id, b.id));
}

/** Runs that have begun, by session. */
function runsSeen(calls: readonly ApiFact[], spans: readonly SpanFact[]): Map<string, RunSeen> {
  const runs = new Map<string, RunSeen>();
  const run = (session: string): RunSeen => {
    const seen = runs.get(session) ?? { session, start: undefined, end: undefined, roots: [] };
    runs.set(session, seen);
    return seen;
  };
  for (const call of calls) {
    if (call.kind === 'orchestration_started' && call.session_id) run(call.session_id).start = call;
    if (call.kind === 'orchestration_completed' && call.session_id) run(call.session_id).end = call;
  }
  for (const span of spans) if (span.name === workflowExecute.name) run(sessionOf(span)).roots.push(span);
  // An end whose beginning has not come yet tells too little.
  for (const [session, { start, roots }] of runs) if (!start && roots.length === 0) runs.delete(session);
  return runs;
}

function sessionOf(root: SpanFact): string {
  return read(root, workflowId) || root.id;
}

/** Which run a span belongs to: the one it names, that of the workflow around it, or that of its trace's first workflow. */
function place(
  runs: ReadonlyMap<string, RunSeen>,
  spans: readonly SpanFact[],
  around: ReadonlyMap<SpanFact, Surroundings>,
): (span: SpanFact) => string | null {
  const first = new Map<string, SpanFact>();
  for (const span of spans)
    if (span.name === workflowExecute.name && !first.has(span.trace_id)) first.set(span.trace_id, span);
  return (span) => {
    const named = read(span, workflowId);
    const root = around.get(span)?.workflow ?? first.get(span.trace_id);
    const session = named && runs.has(named) ? named : root && sessionOf(root);
    return session === undefined ? null : orchestrationId(session);
  };
}

function order(a: { started_at: string; id: string }, b: { started_at: string; id: string }): number {
  return compare(a.started_at, b.started_at) || compare(a.id, b.id);
}
