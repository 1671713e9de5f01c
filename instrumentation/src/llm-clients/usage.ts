import type { Usage } from '../fleet/model-call.ts';

/** The `usage` of an answer, by whichever API: names differ, and so does what includes what. */
export interface RawUsage {
  // OpenAI: chat and embeddings say prompt and completion, Responses says input and output; what is cached is part of it.
  prompt_tokens?: unknown;
  completion_tokens?: unknown;
  total_tokens?: unknown;
  prompt_tokens_details?: Details;
  completion_tokens_details?: Details;
  input_tokens?: unknown;
  output_tokens?: unknown;
  input_tokens_details?: Details;
  output_tokens_details?: Details;
  // Anthropic: what is cached comes on top of the input.
  cache_read_input_tokens?: unknown;
  cache_creation_input_tokens?: unknown;
  cache_creation?: { ephemeral_1h_input_tokens?: unknown } | null;
  /** What it was made up of; compactions are not in the numbers above. */
  iterations?: unknown;
}

type Details =
  | { cached_tokens?: unknown; cache_write_tokens?: unknown; reasoning_tokens?: unknown; thinking_tokens?: unknown }
  | null
  | undefined;

/** Tokens in one meaning: `input` with all that was cached, `output` with all that was reasoned. Undefined: none said. */
export function usageOf(raw: RawUsage | null | undefined): Usage | undefined {
  const said = number(raw?.prompt_tokens) ?? number(raw?.input_tokens);
  if (!raw || said === undefined) return undefined;
  const inside = raw.prompt_tokens_details ?? raw.input_tokens_details;
  const outside = raw.completion_tokens_details ?? raw.output_tokens_details;
  const readOnTop = number(raw.cache_read_input_tokens);
  const writtenOnTop = number(raw.cache_creation_input_tokens);
  const written = number(raw.completion_tokens) ?? number(raw.output_tokens) ?? 0;
  const total = number(raw.total_tokens);
  const usage = {
    input: said + (readOnTop ?? 0) + (writtenOnTop ?? 0),
    // xAI and Gemini leave reasoning out of the completion; it is paid for, and the total has it.
    output: total === undefined ? written : Math.max(written, total - said),
    ...some('cacheRead', readOnTop ?? number(inside?.cached_tokens)),
    ...some('cacheWrite', writtenOnTop ?? number(inside?.cache_write_tokens)),
    ...some('cacheWrite1h', number(raw.cache_creation?.ephemeral_1h_input_tokens)),
    ...some('reasoning', number(outside?.reasoning_tokens) ?? number(outside?.thinking_tokens)),
  };
  return compactions(raw).reduce(add, usage);
}

function compactions({ iterations }: RawUsage): Usage[] {
  if (!Array.isArray(iterations)) return [];
  const entries = iterations.filter((entry) => entry?.type === 'compaction');
  return entries.flatMap(({ iterations: _, ...entry }) => usageOf(entry) ?? []);
}

function add(one: Usage, other: Usage): Usage {
  const sum: Usage = { ...one };
  for (const [kind, tokens] of Object.entries(other) as [keyof Usage, number][]) sum[kind] = (sum[kind] ?? 0) + tokens;
  return sum;
}

function some<K extends keyof Usage>(kind: K, tokens: number | undefined): { [Kind in K]?: number } {
  return (tokens === undefined ? {} : { [kind]: tokens }) as { [Kind in K]?: number };
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 0 && Number.isFinite(value) ? value : undefined;
}
