/** One decision, with the decisions it took on the way. */
export interface Decision {
  name: string;
  reasoning: string | undefined;
  alternatives: string[];
  finalChoice: string | undefined;
  /** 0 to 1. */
  confidence: number | undefined;
  tokenUsage: TokenUsage;
  decisions: Decision[];
}

export interface TokenUsage {
  input: number;
  output: number;
}

/** What an agent decided in one task, and why. `reasoning`, `alternatives`, `finalChoice`, `confidence`: of the last decision. (S05) */
export interface AgentTrace {
  agentId: string;
  taskId: string;
  decisions: Decision[];
  reasoning: string | undefined;
  alternatives: string[];
  finalChoice: string | undefined;
  confidence: number | undefined;
  tokenUsage: TokenUsage;
}

/** Collects while a task or a decision runs: the decisions in it, and what its model and tool calls used and cost. */
export interface TraceKeeper {
  decisions: Decision[];
  tokenUsage: TokenUsage;
  /** Everything in it, tasks in it included. */
  costUsd: number;
  /** Less that of tasks in it, so that the sum over tasks counts each dollar once. Undefined for a decision. */
  ownCostUsd: number | undefined;
  /** The task or decision around it, which the same tokens belong to as well. */
  outer: TraceKeeper | undefined;
}

/** Most decisions kept per task: the spans carry all of them. */
export const decisionsKept = 1000;

export function createKeeper(of: 'task' | 'decision' | 'code', outer?: TraceKeeper): TraceKeeper {
  const ownCostUsd = of === 'task' ? 0 : undefined;
  // Decisions taken while code is written are those of the task.
  const decisions = (of === 'code' && outer?.decisions) || [];
  return { decisions, tokenUsage: { input: 0, output: 0 }, costUsd: 0, ownCostUsd, outer };
}

/** Counts tokens and money towards a task or decision, and all those around it. */
export function spend(keeper: TraceKeeper | undefined, used: Partial<TokenUsage> & { costUsd?: number }): void {
  const [input, output, costUsd] = [amount(used.input), amount(used.output), amount(used.costUsd)];
  let booked = false;
  for (let at = keeper; at; at = at.outer) {
    at.tokenUsage.input += input;
    at.tokenUsage.output += output;
    at.costUsd += costUsd;
    if (booked || at.ownCostUsd === undefined) continue;
    at.ownCostUsd += costUsd;
    booked = true;
  }
}

function amount(used: number | undefined): number {
  return typeof used === 'number' && Number.isFinite(used) ? used : 0;
}

export function agentTraceOf(agentId: string, taskId: string, { decisions, tokenUsage }: TraceKeeper): AgentTrace {
  const last = decisions.at(-1);
  return {
    agentId,
    taskId,
    decisions: [...decisions],
    reasoning: last?.reasoning,
    alternatives: [...(last?.alternatives ?? [])],
    finalChoice: last?.finalChoice,
    confidence: last?.confidence,
    tokenUsage: { ...tokenUsage },
  };
}

/** The decisions of a task as a tree of lines, for a terminal. */
export function decisionTree({ agentId, taskId, decisions, tokenUsage }: AgentTrace): string {
  const head = `${agentId} · ${taskId} · ${tokenUsage.input} tokens in, ${tokenUsage.output} out`;
  return [head, ...branches(decisions, '')].join('\n');
}

function branches(decisions: readonly Decision[], indent: string): string[] {
  return decisions.flatMap((decision, at) => {
    const last = at === decisions.length - 1;
    const below = `${indent}${last ? '   ' : '│  '}`;
    return [
      `${indent}${last ? '└─ ' : '├─ '}${title(decision)}`,
      ...(decision.reasoning ? [`${below}  ${decision.reasoning}`] : []),
      ...branches(decision.decisions, below),
    ];
  });
}

function title({ name, finalChoice, confidence, alternatives }: Decision): string {
  const sure = confidence === undefined ? '' : ` (${Math.round(confidence * 100)} %)`;
  const others = alternatives.filter((alternative) => alternative !== finalChoice);
  return `${name}: ${finalChoice ?? 'undecided'}${sure}${others.length > 0 ? `, not ${others.join(', ')}` : ''}`;
}
