import type { ValueOf } from '../catalog/attribute.ts';
import {
  agentCost,
  agentTokens,
  type inference,
  llmCallsUnpriced,
  type operationName,
  type tokenKind,
  tokenUsage,
  unpricedCall,
} from '../catalog/llm.ts';
import { tokensByKind, type Usage } from '../cost/usage.ts';
import { spend } from './agent-trace.ts';
import { emit } from './emit.ts';
import { priced } from './pricing.ts';
import { add, record } from './record.ts';
import type { Recorded } from './run.ts';
import { currentScope } from './scope.ts';

interface Call {
  provider: string;
  model: string;
  operation: ValueOf<typeof operationName>;
  /** When it began. */
  at: Date;
}

/** What the answer said of itself, where its price depends on it. */
export interface Answer {
  model?: string;
  tier?: string;
}

/** Tokens and money: on the span, on the counters, and towards the task and decision that the call belongs to. */
export function charge(call: Call, answer: Answer, usage: Usage, span: Recorded<typeof inference>) {
  const { provider, model, operation } = call;
  const { agentName, workflowName, taskType, toolName, trace } = currentScope();
  const by = { 'gen_ai.provider.name': provider, 'gen_ai.request.model': model };
  span.set({
    'gen_ai.usage.input_tokens': usage.input,
    'gen_ai.usage.output_tokens': usage.output,
    'gen_ai.usage.cache_read.input_tokens': usage.cacheRead,
    'gen_ai.usage.cache_creation.input_tokens': usage.cacheWrite,
    'gen_ai.usage.reasoning.output_tokens': usage.reasoning,
    'llm.usage.cache_creation_1h.input_tokens': usage.cacheWrite1h,
    'llm.service_tier': answer.tier,
  });
  for (const type of ['input', 'output'] as const) {
    if (usage[type] >= 0)
      record(tokenUsage, usage[type], { 'gen_ai.operation.name': operation, ...by, 'gen_ai.token.type': type });
  }
  for (const [kind, tokens] of Object.entries(tokensByKind(usage)) as [ValueOf<typeof tokenKind>, number][]) {
    if (tokens > 0) add(agentTokens, tokens, { 'agent.name': agentName, ...by, 'token.kind': kind });
  }
  const cost = priced({ provider, model, answeredBy: answer.model, tier: answer.tier, at: call.at }, usage);
  spend(trace, { input: usage.input, output: usage.output, ...(cost.kind === 'priced' && { costUsd: cost.usd }) });
  if (cost.kind !== 'priced') {
    span.set({ 'llm.cost.known': false, 'llm.cost.unknown_reason': cost.reason });
    add(llmCallsUnpriced, 1, by);
    tellUnpriced(call, usage, cost.reason);
    return;
  }
  span.set({
    'llm.cost.known': true,
    'llm.price.from': cost.price.from,
    'gen_ai.usage.cost.amount': cost.usd,
    'gen_ai.usage.cost.currency': 'USD',
  });
  add(agentCost, cost.usd, {
    'agent.name': agentName,
    'workflow.name': workflowName,
    'task.type': taskType,
    ...by,
    'gen_ai.tool.name': toolName,
  });
}

const toldUnpriced = new Set<string>();

function tellUnpriced({ provider, model }: Call, usage: Usage, reason: string) {
  const which = `${provider}/${model}`;
  if (toldUnpriced.has(which) || toldUnpriced.size >= 100) return;
  toldUnpriced.add(which);
  emit(
    unpricedCall,
    `A call of ${which} has no price, ${reason}: its tokens are counted, its cost is not. Add one by FLEETSCOPE_PRICES_FILE.`,
    {
      'gen_ai.provider.name': provider,
      'gen_ai.request.model': model,
      'gen_ai.usage.input_tokens': usage.input,
      'gen_ai.usage.output_tokens': usage.output,
    },
  );
}
