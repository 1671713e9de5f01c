/**
 * Tokens of one call, as OpenTelemetry counts them: details are parts of the whole. `input` includes what was read from
 * and written to the cache, `output` includes reasoning. A detail that the provider did not tell is left out.
 */
export interface Usage {
  input: number;
  output: number;
  cacheRead?: number;
  cacheWrite?: number;
  /** The part of `cacheWrite` that is kept for an hour, which costs more. */
  cacheWrite1h?: number;
  reasoning?: number;
}

/**
 * The usage in the object that a provider's API or the AI SDK returns: OpenAI (chat, Responses, embeddings) and who speaks
 * as it does, Anthropic, Gemini, Bedrock Converse, AI SDK 5 and 6. Undefined when it holds no counts that are known here,
 * or one that is no count: unknown is not zero. (S04, B05)
 */
export function usageOf(raw: unknown): Usage | undefined {
  const usage = part(raw);
  const read = shapes.find(({ fields }) => fields.some((field) => usage[field] != null));
  try {
    return read && withoutAbsent(read.read(usage));
  } catch (error) {
    if (error instanceof NoCount) return undefined;
    throw error;
  }
}

/** The same tokens, each under one kind only, so that their sum is what was read and written. */
export function tokensByKind({
  input,
  output,
  cacheRead = 0,
  cacheWrite = 0,
  reasoning = 0,
}: Usage): Record<'input' | 'cache_read' | 'cache_write' | 'output' | 'reasoning', number> {
  return {
    input: input - cacheRead - cacheWrite,
    cache_read: cacheRead,
    cache_write: cacheWrite,
    output: output - reasoning,
    reasoning,
  };
}

type Part = Record<string, unknown>;
type Told = { [Kind in keyof Usage]: Usage[Kind] | undefined };

/** Told apart by names that only one of them has; the first that fits. */
const shapes: readonly { fields: readonly string[]; read: (usage: Part) => Told }[] = [
  { fields: ['prompt_tokens', 'completion_tokens'], read: openAi },
  {
    fields: ['input_tokens', 'output_tokens'],
    read: (usage) => (isAnthropic(usage) ? anthropic(usage) : openAi(usage)),
  },
  { fields: ['promptTokenCount', 'candidatesTokenCount', 'thoughtsTokenCount'], read: gemini },
  {
    fields: ['inputTokens', 'outputTokens'],
    read: (usage) =>
      'cacheReadInputTokens' in usage || 'cacheWriteInputTokens' in usage ? bedrock(usage) : aiSdk(usage),
  },
];

// Chat and Responses differ in names only; Mistral, DeepSeek, xAI and most gateways speak as they do.
// https://platform.openai.com/docs/api-reference/chat/object https://platform.openai.com/docs/api-reference/responses/object
function openAi(usage: Part): Told {
  const input = count(usage.prompt_tokens ?? usage.input_tokens) ?? 0;
  const written = count(usage.completion_tokens ?? usage.output_tokens) ?? 0;
  const total = count(usage.total_tokens);
  const inside = part(usage.prompt_tokens_details ?? usage.input_tokens_details);
  const outside = part(usage.completion_tokens_details ?? usage.output_tokens_details);
  return {
    input,
    // xAI and Gemini leave reasoning out of the completion; it is paid for, and the total has it.
    output: total === undefined ? written : Math.max(written, total - input),
    cacheRead: count(inside.cached_tokens),
    cacheWrite: count(inside.cache_write_tokens),
    reasoning: count(outside.reasoning_tokens),
  };
}

/** Only the others tell a total. A gateway may add one, or the cache's fields, to either. */
function isAnthropic(usage: Part): boolean {
  if (usage.input_tokens_details != null) return false;
  return usage.total_tokens == null || cacheFields.some((field) => usage[field] != null);
}

const cacheFields = ['cache_read_input_tokens', 'cache_creation_input_tokens', 'cache_creation'];

// Its input_tokens are only those after the last cache breakpoint. https://platform.claude.com/docs/en/build-with-claude/prompt-caching
function anthropic(usage: Part): Told {
  const byAge = part(usage.cache_creation);
  const hour = count(byAge.ephemeral_1h_input_tokens);
  const minutes = count(byAge.ephemeral_5m_input_tokens);
  const cacheWrite =
    count(usage.cache_creation_input_tokens) ??
    (hour === undefined && minutes === undefined ? undefined : (hour ?? 0) + (minutes ?? 0));
  const cacheRead = count(usage.cache_read_input_tokens);
  const told: Told = {
    input: (count(usage.input_tokens) ?? 0) + (cacheRead ?? 0) + (cacheWrite ?? 0),
    output: count(usage.output_tokens) ?? 0,
    cacheRead,
    cacheWrite,
    cacheWrite1h: hour,
    reasoning: count(part(usage.output_tokens_details).thinking_tokens),
  };
  return compactions(usage).reduce(sum, told);
}

/** What compacting the context took is not in the numbers above; other iterations are. */
function compactions({ iterations }: Part): Told[] {
  const entries = Array.isArray(iterations) ? iterations.map(part) : [];
  return entries.filter(({ type }) => type === 'compaction').map(({ iterations: _, ...entry }) => anthropic(entry));
}

function sum(one: Told, other: Told): Told {
  const both = (kind: keyof Usage) =>
    one[kind] === undefined && other[kind] === undefined ? undefined : (one[kind] ?? 0) + (other[kind] ?? 0);
  return {
    input: both('input') as number,
    output: both('output') as number,
    cacheRead: both('cacheRead'),
    cacheWrite: both('cacheWrite'),
    cacheWrite1h: both('cacheWrite1h'),
    reasoning: both('reasoning'),
  };
}

// Thoughts are not among the candidates, nor tool results among the prompt; both are billed. https://ai.google.dev/api/generate-content
function gemini(usage: Part): Told {
  const reasoning = count(usage.thoughtsTokenCount);
  return {
    input: (count(usage.promptTokenCount) ?? 0) + (count(usage.toolUsePromptTokenCount) ?? 0),
    output: (count(usage.candidatesTokenCount) ?? 0) + (reasoning ?? 0),
    cacheRead: count(usage.cachedContentTokenCount),
    reasoning,
  };
}

// Converse counts as Anthropic does. https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_TokenUsage.html
function bedrock(usage: Part): Told {
  const cacheRead = count(usage.cacheReadInputTokens);
  const cacheWrite = count(usage.cacheWriteInputTokens);
  const forAnHour = (Array.isArray(usage.cacheDetails) ? usage.cacheDetails.map(part) : []).filter(
    ({ ttl }) => ttl === '1h',
  );
  return {
    input: (count(usage.inputTokens) ?? 0) + (cacheRead ?? 0) + (cacheWrite ?? 0),
    output: count(usage.outputTokens) ?? 0,
    cacheRead,
    cacheWrite,
    cacheWrite1h:
      forAnHour.length === 0
        ? undefined
        : forAnHour.reduce((all, { inputTokens }) => all + (count(inputTokens) ?? 0), 0),
  };
}

// Version 6 has details, version 5 flat fields.
function aiSdk(usage: Part): Told {
  const inside = part(usage.inputTokenDetails);
  return {
    input: count(usage.inputTokens) ?? 0,
    output: count(usage.outputTokens) ?? 0,
    cacheRead: count(inside.cacheReadTokens ?? usage.cachedInputTokens),
    cacheWrite: count(inside.cacheWriteTokens),
    reasoning: count(part(usage.outputTokenDetails).reasoningTokens ?? usage.reasoningTokens),
  };
}

class NoCount extends Error {}

function count(value: unknown): number | undefined {
  if (value == null) return undefined;
  if (typeof value === 'number' && value >= 0 && Number.isFinite(value)) return value;
  throw new NoCount();
}

function part(value: unknown): Part {
  return typeof value === 'object' && value !== null ? (value as Part) : {};
}

function withoutAbsent(told: Told): Usage {
  return Object.fromEntries(Object.entries(told).filter(([, tokens]) => tokens !== undefined)) as unknown as Usage;
}
