import { key, label } from './attribute.ts';
import { agentName, callSeconds, errorType, taskType, workflowName } from './attributes.ts';
import { event } from './event.ts';
import { counter, gauge, histogram } from './metric.ts';
import { span } from './span.ts';

export const operationName = label('gen_ai.operation.name', 'What the model was asked to do', [
  'chat',
  'generate_content',
  'text_completion',
  'embeddings',
]);

export const providerName = label('gen_ai.provider.name', 'Who runs the model, e.g. `openai`', { atMost: 30 });
export const requestModel = label('gen_ai.request.model', 'The model asked for', { atMost: 100 });
export const tokenType = label('gen_ai.token.type', 'Input includes cached tokens, by the conventions', [
  'input',
  'output',
]);
export const tokenKind = label('token.kind', 'Each token under one kind', [
  'input',
  'cache_read',
  'cache_write',
  'output',
  'reasoning',
]);
export const fallbackModel = label('llm.fallback.model', 'The model that stood in', { atMost: 100 });
export const fallbackCause = label('llm.fallback.cause', 'Why another model was asked', [
  'rate_limit',
  'timeout',
  'overloaded',
  'error',
  'cost',
  'quality',
]);
export const toolOfCall = label('gen_ai.tool.name', 'The tool that made the call', {
  atMost: 200,
  absentWhen: 'no tool was at work',
});

const conventions = { id: 'T07' } as const;

export const operationDuration = histogram('gen_ai.client.operation.duration', {
  unit: 's',
  means: 'Time of one model call, streaming included.',
  labels: [operationName, providerName, requestModel, errorType],
  buckets: callSeconds,
  source: conventions,
});

export const tokenUsage = histogram('gen_ai.client.token.usage', {
  unit: '{token}',
  means: 'Tokens of one model call.',
  labels: [operationName, providerName, requestModel, tokenType],
  buckets: [1, 4, 16, 64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864],
  source: conventions,
});

export const timeToFirstChunk = histogram('gen_ai.client.operation.time_to_first_chunk', {
  unit: 's',
  means: 'From the request to the first part of a streamed answer.',
  labels: [operationName, providerName, requestModel],
  buckets: callSeconds,
  source: conventions,
});

export const agentTokens = counter('agent.tokens', {
  unit: '{token}',
  means: 'Tokens by who spent them. Each token counts once: the sum over `token_kind` is what was read and written.',
  labels: [agentName, providerName, requestModel, tokenKind],
  source: { id: 'T07' },
});

export const agentCost = counter('agent.cost', {
  unit: 'usd',
  means:
    'Money spent on model and tool calls, by the price table. A call without a price is not in here: see `llm.calls.unpriced`.',
  labels: [agentName, workflowName, taskType, providerName, requestModel, toolOfCall],
  source: { id: 'C02', name: 'agent_cost_per_day' },
});

export const llmErrors = counter('llm.errors', {
  unit: '{error}',
  means: 'Model calls that failed.',
  labels: [providerName, requestModel, errorType],
  source: { id: 'T07' },
});

export const llmFallbacks = counter('llm.fallbacks', {
  unit: '{call}',
  means: 'Calls made to another model than the one first asked for.',
  labels: [requestModel, fallbackModel, fallbackCause],
  source: { id: 'T07' },
});

export const llmCallsUnpriced = counter('llm.calls.unpriced', {
  unit: '{call}',
  means: 'Calls whose model is not in the price table: tokens counted, cost unknown.',
  labels: [providerName, requestModel],
  source: { id: 'C01' },
});

export const llmCallsUnmetered = counter('llm.calls.unmetered', {
  unit: '{call}',
  means:
    'Answered calls whose tokens the provider did not tell, or not to the end: their cost is in no sum. A stream of the OpenAI chat API tells them only when asked: see `FLEETSCOPE_LLM_STREAM_USAGE`.',
  labels: [providerName, requestModel],
  source: { id: 'S04' },
});

export const costDrift = gauge('cost.drift', {
  unit: '1',
  means:
    'By how much the money that was counted differs from what the provider billed, as a share of the bill, when the two were last laid beside each other.',
  labels: [providerName],
  source: { id: 'B05' },
  by: 'memory',
  needs: 'a reconciliation with the provider’s export',
});

export const apiName = label('api.name', 'The API behind it, e.g. `openai`', { atMost: 50 });
export const rateLimitType = label('api.rate_limit.type', 'What is limited', ['requests', 'tokens']);

export const apiRateLimitUtilization = gauge('api.rate_limit.utilization', {
  unit: '1',
  means: 'How much of an API’s rate limit is used up, 0 to 1, as its last answer said.',
  labels: [apiName, rateLimitType],
  source: { id: 'A10' },
});

export const responseModel = key('gen_ai.response.model', 'string', 'The model that answered');
export const responseId = key('gen_ai.response.id', 'string', 'The provider’s id of the answer');
export const finishReasons = key('gen_ai.response.finish_reasons', 'string[]', 'Why it stopped');
export const inputTokens = key('gen_ai.usage.input_tokens', 'int', 'Input tokens, cached ones included');
export const outputTokens = key('gen_ai.usage.output_tokens', 'int', 'Output tokens, reasoning included');
export const cacheReadTokens = key('gen_ai.usage.cache_read.input_tokens', 'int', 'Input tokens read from the cache');
export const cacheWriteTokens = key(
  'gen_ai.usage.cache_creation.input_tokens',
  'int',
  'Input tokens written to the cache',
);
export const reasoningTokens = key('gen_ai.usage.reasoning.output_tokens', 'int', 'Output tokens spent on reasoning');
export const costAmount = key('gen_ai.usage.cost.amount', 'double', 'Price of the call');
export const costCurrency = key('gen_ai.usage.cost.currency', 'string', '`USD`');
export const costKnown = key('llm.cost.known', 'boolean', '`false`: the model is not in the price table');
export const costUnknownReason = key('llm.cost.unknown_reason', 'string', 'Why the cost is not known');
export const priceFrom = key('llm.price.from', 'string', 'First day of the price that was used');
export const serviceTier = key('llm.service_tier', 'string', 'Service tier, where the answer names one');
export const cacheWrite1hTokens = key(
  'llm.usage.cache_creation_1h.input_tokens',
  'int',
  'The part of the tokens written to the cache that is kept for an hour',
);
export const firstChunkSeconds = key('gen_ai.response.time_to_first_chunk', 'double', 'Seconds to the first part');
export const stream = key('gen_ai.request.stream', 'boolean', 'Whether the answer was streamed');
export const streamComplete = key(
  'llm.stream.complete',
  'boolean',
  '`false`: the reader stopped before the end',
  'a reader that stops early',
);
export const usageKnown = key(
  'llm.usage.known',
  'boolean',
  '`false`: the provider did not tell all tokens; those on the span are the least it can be',
);
export const retryCount = key(
  'llm.retry.count',
  'int',
  'How often the client asked again inside this call',
  'a call that the client tried again',
);
export const fallback = key('llm.fallback', 'boolean', 'Whether another model was asked first');
export const fallbackFrom = key('llm.fallback.from', 'string', 'The model asked first');
export const inputMessages = key('gen_ai.input.messages', 'string', 'The prompt', 'content capture');
export const outputMessages = key('gen_ai.output.messages', 'string', 'The answer', 'content capture');

export const inference = span('chat {model}', {
  means: 'One model call; the operation stands before the model.',
  kind: 'client',
  operation: 'chat',
  attributes: [
    operationName,
    providerName,
    requestModel,
    agentName,
    responseModel,
    responseId,
    finishReasons,
    inputTokens,
    outputTokens,
    cacheReadTokens,
    cacheWriteTokens,
    reasoningTokens,
    costAmount,
    costCurrency,
    costKnown,
    costUnknownReason,
    priceFrom,
    serviceTier,
    cacheWrite1hTokens,
    firstChunkSeconds,
    stream,
    streamComplete,
    usageKnown,
    retryCount,
    fallback,
    fallbackFrom,
    fallbackCause,
    inputMessages,
    outputMessages,
    errorType,
  ],
  source: 'S04',
});

export const unpricedCall = event('llm.unpriced', {
  severity: 'warn',
  means: 'A model is not in the price table. Said once per model and process.',
  attributes: [providerName, requestModel, inputTokens, outputTokens],
  source: 'C01',
});

export const fallbackTaken = event('llm.fallback', {
  severity: 'warn',
  means: 'Another model stood in.',
  attributes: [agentName, providerName, fallbackFrom, requestModel, fallbackCause],
  source: 'S04',
});
