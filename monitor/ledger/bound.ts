/** What a number of a span can be at most. A fleet tells nothing greater: a program that is broken does, and its sums would break others. */
import { agentRetries } from '../../instrumentation/src/catalog/agents.ts';
import { approvalWaitSeconds } from '../../instrumentation/src/catalog/approvals.ts';
import {
  cacheReadTokens,
  cacheWrite1hTokens,
  cacheWriteTokens,
  costAmount,
  firstChunkSeconds,
  inputTokens,
  outputTokens,
  reasoningTokens,
  retryCount,
} from '../../instrumentation/src/catalog/llm.ts';
import { taskRetryCount } from '../../instrumentation/src/catalog/tasks.ts';
import { toolCostUsd } from '../../instrumentation/src/catalog/tools.ts';

const [tokens, usd, retries] = [1e9, 1e5, 1e6];
/** Ten years. */
const seconds = 10 * 366 * 86_400;

const bounds: ReadonlyMap<string, number> = new Map([
  ...[inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, cacheWrite1hTokens, reasoningTokens].map(
    ({ name }) => [name, tokens] as const,
  ),
  ...[costAmount, toolCostUsd].map(({ name }) => [name, usd] as const),
  ...[agentRetries, retryCount, taskRetryCount].map(({ name }) => [name, retries] as const),
  ...[approvalWaitSeconds, firstChunkSeconds].map(({ name }) => [name, seconds] as const),
]);

/** Whether an attribute may have this value. Looked at where a fact is read, not where it comes in: what is kept heals, too. */
export function isPossible(name: string, value: number): boolean {
  return Number.isFinite(value) && Math.abs(value) <= (bounds.get(name) ?? Number.POSITIVE_INFINITY);
}
