import type { ValueOf } from '../catalog/attribute.ts';
import { agentCost } from '../catalog/llm.ts';
import { executeTool, toolCalls, toolDuration, type toolType } from '../catalog/tools.ts';
import { spend } from './agent-trace.ts';
import { given } from './given.ts';
import { harmless } from './guard.ts';
import { beat } from './heartbeat.ts';
import { type RateLimit, recordRateLimit } from './rate-limit.ts';
import { add, record } from './record.ts';
import { run } from './run.ts';
import { currentScope } from './scope.ts';

export interface ToolOptions {
  /** Which tool: one of few. */
  name: string;
  /** Default: `function`. */
  type?: ValueOf<typeof toolType>;
  /** The id that the model gave the call. */
  callId?: string;
  /** The API behind it, e.g. `github`. */
  api?: string;
}

export interface ToolCall {
  /** What the call cost, in USD. */
  cost(usd: number): void;
  /** What the API said of its limit. */
  rateLimit(limit: RateLimit): void;
}

/** One tool call: `execute_tool {name}`. (S06) */
export function tool<T>(options: ToolOptions, fn: (call: ToolCall) => T): T {
  const scope = currentScope();
  const { name, type = 'function', callId, api } = given(options);
  let costUsd = 0;
  beat();
  return run(
    {
      declaration: executeTool,
      name: `execute_tool ${name}`,
      attributes: {
        'agent.name': scope.agentName,
        'gen_ai.tool.name': name,
        'gen_ai.tool.type': type,
        'gen_ai.tool.call.id': callId,
        'api.name': api,
      },
      scope: { toolName: name },
      onEnd({ outcome, errorType, seconds }, span) {
        span.set({ outcome, 'tool.cost_usd': costUsd > 0 ? costUsd : undefined });
        add(toolCalls, 1, {
          'agent.name': scope.agentName,
          'gen_ai.tool.name': name,
          'gen_ai.tool.type': type,
          outcome,
        });
        record(toolDuration, seconds, { 'gen_ai.tool.name': name, 'error.type': errorType });
        if (costUsd > 0) {
          spend(scope.trace, { costUsd });
          add(agentCost, costUsd, {
            'agent.name': scope.agentName,
            'workflow.name': scope.workflowName,
            'task.type': scope.taskType,
            'gen_ai.tool.name': name,
          });
        }
      },
    },
    (span) =>
      fn({
        cost: harmless((usd) => {
          if (Number.isFinite(usd) && usd > 0) costUsd += usd;
        }),
        rateLimit: harmless((limit) => {
          span.set({
            'api.rate_limit.limit': limit.limit,
            'api.rate_limit.remaining': limit.remaining,
            'api.rate_limit.reset_seconds': limit.resetSeconds,
          });
          recordRateLimit(api ?? name, limit);
        }),
      }),
  );
}
