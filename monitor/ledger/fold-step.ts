import type { AgentsSeen } from './agents-seen.ts';
import type { SpanFact } from './fact.ts';
import type { Step } from './record.ts';
import type { Surroundings } from './span-tree.ts';
import { nothingSpent, type Spent } from './spent.ts';
import { approvalsIn, describe, type Told } from './step-kinds.ts';

/** A step, and what the rows above it are made of. */
export interface StepSeen {
  readonly step: Step;
  readonly spent: Spent;
  readonly taskId: string | null;
}

/** The steps of all spans, in the order in which they began. */
export function stepsOf(
  spans: readonly SpanFact[],
  around: ReadonlyMap<SpanFact, Surroundings>,
  agents: AgentsSeen,
  runAt: (span: SpanFact) => string | null,
): StepSeen[] {
  const answers = approvalsIn(spans);
  const told = new Map<SpanFact, Told>();
  for (const span of spans) {
    const tells = describe(span, around.get(span), answers);
    if (tells) told.set(span, tells);
  }
  const outer = new Map<SpanFact, SpanFact | undefined>();
  const outerStep = (span: SpanFact): SpanFact | undefined => {
    const passed: SpanFact[] = [];
    let at = around.get(span)?.parent;
    while (at && !told.has(at) && !outer.has(at)) {
      passed.push(at);
      at = around.get(at)?.parent;
    }
    const found = at && !told.has(at) ? outer.get(at) : at;
    for (const one of passed) outer.set(one, found);
    return found;
  };
  return [...told].map(([span, tells]) => {
    const agent = agents.bySpan(around.get(span)?.agent);
    const { spent = nothingSpent, taskId = null, outcome, errorType, attempt = 1, details = {}, times } = tells;
    const { cost_micro_usd, input_tokens, output_tokens, unpriced_calls } = spent;
    const step: Step = {
      id: span.id,
      orchestration_id: agent ? agent.run : runAt(span),
      execution_id: agent?.id ?? null,
      parent_id: outerStep(span)?.id ?? null,
      kind: tells.kind,
      name: tells.name,
      ...times,
      attempt,
      outcome,
      error_type: errorType,
      cost_micro_usd,
      input_tokens,
      output_tokens,
      unpriced_calls,
      details,
    };
    return { step, spent, taskId };
  });
}
