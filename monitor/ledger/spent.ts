/** Money and tokens of a span, and their sums. */
import {
  costAmount,
  costCurrency,
  costKnown,
  inputTokens,
  operationName,
  outputTokens,
} from '../../instrumentation/src/catalog/llm.ts';
import { toolCostUsd } from '../../instrumentation/src/catalog/tools.ts';
import type { SpanFact } from './fact.ts';
import { read } from './span.ts';

export interface Spent {
  /** Null: nothing is known. Whole nano-USD, so that sums do not depend on their order. */
  readonly cost_micro_usd: number | null;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly unpriced_calls: number;
}

export const nothingSpent: Spent = { cost_micro_usd: null, input_tokens: 0, output_tokens: 0, unpriced_calls: 0 };

/** A call of a model, whatever library told it. */
export function isModelCall(span: SpanFact): boolean {
  const operation = read(span, operationName);
  return operation !== undefined && (operationName.values as readonly string[]).includes(operation);
}

/** Whether it tells tokens. */
export function isMetered(span: SpanFact): boolean {
  return isModelCall(span) && (read(span, inputTokens) !== undefined || read(span, outputTokens) !== undefined);
}

export function spentOn(span: SpanFact): Spent {
  if (!isModelCall(span)) return { ...nothingSpent, cost_micro_usd: microUsd(read(span, toolCostUsd)) };
  const [input_tokens, output_tokens] = [count(read(span, inputTokens)), count(read(span, outputTokens))];
  const isUsd = (read(span, costCurrency) ?? 'USD') === 'USD';
  const cost_micro_usd = read(span, costKnown) === false || !isUsd ? null : microUsd(read(span, costAmount));
  const used = input_tokens + output_tokens > 0 || read(span, costKnown) === false;
  return { cost_micro_usd, input_tokens, output_tokens, unpriced_calls: used && cost_micro_usd === null ? 1 : 0 };
}

export function sum(spent: Iterable<Spent>): Spent {
  let nano = 0;
  let isKnown = false;
  let [input_tokens, output_tokens, unpriced_calls] = [0, 0, 0];
  for (const one of spent) {
    isKnown ||= one.cost_micro_usd !== null;
    nano += Math.round((one.cost_micro_usd ?? 0) * 1000);
    input_tokens += one.input_tokens;
    output_tokens += one.output_tokens;
    unpriced_calls += one.unpriced_calls;
  }
  return { cost_micro_usd: isKnown ? nano / 1000 : null, input_tokens, output_tokens, unpriced_calls };
}

function microUsd(usd: number | undefined): number | null {
  return usd === undefined || usd < 0 ? null : Math.round(usd * 1e9) / 1000;
}

function count(tokens: number | undefined): number {
  return tokens === undefined || tokens < 0 ? 0 : Math.round(tokens);
}
