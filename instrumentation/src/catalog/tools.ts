import { key, label } from './attribute.ts';
import { agentName, callSeconds, errorType, outcome } from './attributes.ts';
import { apiName } from './llm.ts';
import { counter, histogram } from './metric.ts';
import { span } from './span.ts';

export const toolName = label('gen_ai.tool.name', 'The tool', { atMost: 200 });
export const toolType = label(
  'gen_ai.tool.type',
  'By the conventions: runs here, on the client’s side, or reads data',
  ['function', 'extension', 'datastore'],
);

export const toolDuration = histogram('gen_ai.execute_tool.duration', {
  unit: 's',
  means: 'Time of one tool call.',
  labels: [toolName, errorType],
  buckets: callSeconds,
  source: { id: 'S06' },
});

export const toolCalls = counter('tool.calls', {
  unit: '{call}',
  means: 'Tool calls, by agent.',
  labels: [agentName, toolName, toolType, outcome],
  source: { id: 'S06' },
});

export const toolCallId = key(
  'gen_ai.tool.call.id',
  'string',
  'The model’s id of the call',
  'a model that asked for it',
);
export const toolCostUsd = key('tool.cost_usd', 'double', 'What the call cost, in USD');
export const rateLimitLimit = key('api.rate_limit.limit', 'int', 'Requests the API allows');
export const rateLimitRemaining = key('api.rate_limit.remaining', 'int', 'Requests left, as its answer said');
export const rateLimitResetSeconds = key('api.rate_limit.reset_seconds', 'double', 'Seconds until they are all back');

export const executeTool = span('execute_tool {tool}', {
  means: 'One tool call.',
  operation: 'execute_tool',
  attributes: [
    agentName,
    toolName,
    toolType,
    toolCallId,
    outcome,
    toolCostUsd,
    apiName,
    rateLimitLimit,
    rateLimitRemaining,
    rateLimitResetSeconds,
    errorType,
  ],
  source: 'S06',
});
