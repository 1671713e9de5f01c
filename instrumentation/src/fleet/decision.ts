import { agentDecide, agentDecisionConfidence, agentDecisions } from '../catalog/decisions.ts';
import { createKeeper, type Decision, decisionsKept } from './agent-trace.ts';
import { given, textOf } from './given.ts';
import { add, record } from './record.ts';
import { run } from './run.ts';
import { currentScope } from './scope.ts';

export interface DecisionOptions {
  /** What is decided, one of few, e.g. `choose_model`. */
  name: string;
  /** What there is to choose from. */
  alternatives?: readonly string[];
}

export interface Choice {
  /** Why, in the agent's words. */
  reasoning?: string;
  /** 0 to 1. */
  confidence?: number;
  /** Where they became known only now. */
  alternatives?: readonly string[];
}

export interface Deciding {
  /** Writes down what was chosen, and gives it back. */
  choose<C extends string>(choice: C, why?: Choice): C;
}

/**
 * One decision of an agent: `agent.decide`. Decisions inside it become its branches, tokens used inside it are its own.
 * A text that `fn` returns without `choose` is the choice. (S05)
 */
export function decision<T>(options: DecisionOptions, fn: (deciding: Deciding) => T): T {
  const scope = currentScope();
  const keeper = createKeeper('decision', scope.trace);
  const { name, alternatives = [] } = given(options);
  const taken: Decision = {
    name,
    reasoning: undefined,
    alternatives: listOf(alternatives),
    finalChoice: undefined,
    confidence: undefined,
    tokenUsage: keeper.tokenUsage,
    decisions: keeper.decisions,
  };
  const siblings = scope.trace?.decisions;
  if (siblings && siblings.length < decisionsKept) siblings.push(taken);
  const labels = { 'agent.name': scope.agentName, 'agent.decision.name': name };
  const deciding: Deciding = {
    choose(choice, why = {}) {
      const { reasoning, confidence, alternatives } = given(why);
      taken.finalChoice = textOf(choice);
      taken.reasoning = reasoning;
      taken.confidence = isShare(confidence) ? confidence : undefined;
      if (alternatives) taken.alternatives = listOf(alternatives);
      return choice;
    },
  };
  return run(
    {
      declaration: agentDecide,
      attributes: {
        'agent.name': scope.agentName,
        'agent.id': scope.agentId,
        'agent.task.id': scope.taskId,
        'agent.decision.name': name,
      },
      scope: { trace: keeper },
      onValue(value) {
        if (taken.finalChoice === undefined && typeof value === 'string') taken.finalChoice = value;
      },
      onEnd(_ended, span) {
        span.set({
          'agent.decision.reasoning': taken.reasoning,
          'agent.decision.alternatives': taken.alternatives,
          'agent.decision.final_choice': taken.finalChoice,
          'agent.decision.confidence': taken.confidence,
          'agent.decision.token_usage.input': taken.tokenUsage.input,
          'agent.decision.token_usage.output': taken.tokenUsage.output,
        });
        add(agentDecisions, 1, labels);
        if (taken.confidence !== undefined) record(agentDecisionConfidence, taken.confidence, labels);
      },
    },
    () => fn(deciding),
  );
}

function listOf(alternatives: readonly string[]): string[] {
  return Array.isArray(alternatives) ? [...alternatives] : [];
}

function isShare(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= 1;
}
