/**
 * Tokens of one call, as OpenTelemetry counts them: details are parts of the whole. `inputTokens` includes what was read
 * from and written to the cache, `cacheWriteTokens` includes `cacheWrite1hTokens`, `outputTokens` includes reasoning.
 */
export interface Usage {
  inputTokens: number;
  outputTokens: number;
  cacheReadTokens: number;
  cacheWriteTokens: number;
  /** Those of `cacheWriteTokens` that Anthropic keeps for an hour. */
  cacheWrite1hTokens: number;
  reasoningTokens: number;
}

/**
 * Usage in canonical form from the object a provider's API or the AI SDK returns; undefined when it holds no counts that
 * are known here. A count that is not a number becomes NaN, which `costOf` names as invalid.
 */
export function canonicalUsage(raw: unknown): Usage | undefined {
  const usage = part(raw);
  if (has(usage, 'prompt_tokens', 'completion_tokens')) return openAiChat(usage);
  if (has(usage, 'input_tokens', 'output_tokens'))
    return isAnthropic(usage) ? anthropic(usage) : openAiResponses(usage);
  if (has(usage, 'promptTokenCount', 'candidatesTokenCount', 'thoughtsTokenCount')) return gemini(usage);
  if (has(usage, 'inputTokens', 'outputTokens')) return isBedrock(usage) ? bedrock(usage) : aiSdk(usage);
  return undefined;
}

/** The same tokens, each under one kind only, so that their sum is what was read and written. */
export function tokensByKind(
  usage: Usage,
): Record<'input' | 'cache_read' | 'cache_write' | 'output' | 'reasoning', number> {
  return {
    input: usage.inputTokens - usage.cacheReadTokens - usage.cacheWriteTokens,
    cache_read: usage.cacheReadTokens,
    cache_write: usage.cacheWriteTokens,
    output: usage.outputTokens - usage.reasoningTokens,
    reasoning: usage.reasoningTokens,
  };
}

// Mistral, DeepSeek and most gateways answer in this shape too. https://platform.openai.com/docs/api-reference/chat/object
function openAiChat(usage: Part): Usage {
  const input = part(usage.prompt_tokens_details);
  return {
    inputTokens: count(usage.prompt_tokens),
    outputTokens: count(usage.completion_tokens),
    cacheReadTokens: count(input.cached_tokens),
    cacheWriteTokens: count(input.cache_write_tokens),
    cacheWrite1hTokens: 0,
    reasoningTokens: count(part(usage.completion_tokens_details).reasoning_tokens),
  };
}

// https://platform.openai.com/docs/api-reference/responses/object
function openAiResponses(usage: Part): Usage {
  const input = part(usage.input_tokens_details);
  return {
    inputTokens: count(usage.input_tokens),
    outputTokens: count(usage.output_tokens),
    cacheReadTokens: count(input.cached_tokens),
    cacheWriteTokens: count(input.cache_write_tokens),
    cacheWrite1hTokens: 0,
    reasoningTokens: count(part(usage.output_tokens_details).reasoning_tokens),
  };
}

function isAnthropic(usage: Part): boolean {
  if (has(usage, 'input_tokens_details')) return false;
  return ['cache_read_input_tokens', 'cache_creation_input_tokens', 'cache_creation'].some((field) => field in usage);
}

// Its input_tokens are only those after the last cache breakpoint. https://platform.claude.com/docs/en/build-with-claude/prompt-caching
function anthropic(usage: Part): Usage {
  const byAge = part(usage.cache_creation);
  const hour = count(byAge.ephemeral_1h_input_tokens);
  const written =
    usage.cache_creation_input_tokens == null
      ? count(byAge.ephemeral_5m_input_tokens) + hour
      : count(usage.cache_creation_input_tokens);
  const read = count(usage.cache_read_input_tokens);
  return {
    inputTokens: count(usage.input_tokens) + read + written,
    outputTokens: count(usage.output_tokens),
    cacheReadTokens: read,
    cacheWriteTokens: written,
    cacheWrite1hTokens: hour,
    reasoningTokens: count(part(usage.output_tokens_details).thinking_tokens),
  };
}

// Thoughts are not among the candidates, nor tool results among the prompt; both are billed. https://ai.google.dev/api/generate-content
function gemini(usage: Part): Usage {
  const thoughts = count(usage.thoughtsTokenCount);
  return {
    inputTokens: count(usage.promptTokenCount) + count(usage.toolUsePromptTokenCount),
    outputTokens: count(usage.candidatesTokenCount) + thoughts,
    cacheReadTokens: count(usage.cachedContentTokenCount),
    cacheWriteTokens: 0,
    cacheWrite1hTokens: 0,
    reasoningTokens: thoughts,
  };
}

function isBedrock(usage: Part): boolean {
  return 'cacheReadInputTokens' in usage || 'cacheWriteInputTokens' in usage;
}

// Converse counts as Anthropic does. https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_TokenUsage.html
function bedrock(usage: Part): Usage {
  const details = Array.isArray(usage.cacheDetails) ? usage.cacheDetails.map(part) : [];
  const read = count(usage.cacheReadInputTokens);
  const written = count(usage.cacheWriteInputTokens);
  return {
    inputTokens: count(usage.inputTokens) + read + written,
    outputTokens: count(usage.outputTokens),
    cacheReadTokens: read,
    cacheWriteTokens: written,
    cacheWrite1hTokens: details.reduce(
      (sum, { ttl, inputTokens }) => (ttl === '1h' ? sum + count(inputTokens) : sum),
      0,
    ),
    reasoningTokens: 0,
  };
}

// Version 6 has details, version 5 flat fields; and the canonical form reads as itself.
function aiSdk(usage: Part): Usage {
  const input = part(usage.inputTokenDetails);
  const output = part(usage.outputTokenDetails);
  return {
    inputTokens: count(usage.inputTokens),
    outputTokens: count(usage.outputTokens),
    cacheReadTokens: count(input.cacheReadTokens ?? usage.cachedInputTokens ?? usage.cacheReadTokens),
    cacheWriteTokens: count(input.cacheWriteTokens ?? usage.cacheWriteTokens),
    cacheWrite1hTokens: count(usage.cacheWrite1hTokens),
    reasoningTokens: count(output.reasoningTokens ?? usage.reasoningTokens),
  };
}

type Part = Record<string, unknown>;

function part(value: unknown): Part {
  return typeof value === 'object' && value !== null ? (value as Part) : {};
}

function has(usage: Part, ...fields: string[]): boolean {
  return fields.some((field) => usage[field] != null);
}

function count(value: unknown): number {
  if (value == null) return 0;
  return typeof value === 'number' ? value : Number.NaN;
}
