import { agentExecute } from '../../instrumentation/src/catalog/agents.ts';
import { agentDecide } from '../../instrumentation/src/catalog/decisions.ts';
import { taskExecute } from '../../instrumentation/src/catalog/tasks.ts';
import { workflowExecute } from '../../instrumentation/src/catalog/workflows.ts';
import type { SpanFact } from './fact.ts';
import { isMetered } from './spent.ts';

/** What is around a span: the nearest of each, itself not included. */
export interface Surroundings {
  readonly parent: SpanFact | undefined;
  readonly workflow: SpanFact | undefined;
  readonly agent: SpanFact | undefined;
  /** A model call that has told its tokens: what is inside it, another library's span of the same call, is not counted again. */
  readonly metered: SpanFact | undefined;
}

const nothing: Surroundings = { parent: undefined, workflow: undefined, agent: undefined, metered: undefined };

/** The surroundings of every span. Parents may be missing; a circle of parents ends where it closes. */
export function surroundings(spans: readonly SpanFact[]): Map<SpanFact, Surroundings> {
  const byId = new Map(spans.map((span) => [span.id, span]));
  const known = new Map<SpanFact, Surroundings>();
  for (const span of spans) {
    const path: SpanFact[] = [];
    const onPath = new Set<SpanFact>();
    let at: SpanFact | undefined = span;
    while (at && !known.has(at) && !onPath.has(at)) {
      path.push(at);
      onPath.add(at);
      at = at.parent_span_id === null ? undefined : byId.get(`${at.trace_id}/${at.parent_span_id}`);
    }
    let parent = at && known.has(at) ? at : undefined;
    for (const inner of path.reverse()) {
      known.set(inner, parent ? inside(parent, known.get(parent) ?? nothing) : nothing);
      parent = inner;
    }
  }
  return known;
}

function inside(parent: SpanFact, around: Surroundings): Surroundings {
  return {
    parent,
    workflow: parent.name === workflowExecute.name ? parent : around.workflow,
    agent: parent.name === agentExecute.name ? parent : around.agent,
    metered: isMetered(parent) ? parent : isWork(parent) ? undefined : around.metered,
  };
}

/** Whose model calls are calls of their own, even where a call around it is still open, as with a streamed answer. */
function isWork({ name }: SpanFact): boolean {
  return work.includes(name) || name.startsWith('execute_tool ');
}

const work = [workflowExecute.name, agentExecute.name, taskExecute.name, agentDecide.name];
