import { fromSchema } from './from-schema.ts';
import type { Tokens } from './ledger.ts';
import type { Model } from './models.ts';
import { charactersOf, inputTokensOf, type Prompt, tokensOf } from './prompt.ts';
import type { Random } from './random.ts';
import { subjectOf, writeFormat, writeProse } from './write-answer.ts';

/** What a model says, before it is put in a provider's format. */
export interface Answer {
  model: Model;
  /** Empty when it calls tools. */
  text: string;
  toolCalls: ToolCall[];
  finish: 'stop' | 'length' | 'tools';
  tokens: Tokens;
  /** The tokens that take time, whatever a fault makes of the usage: read without the cache, thought, written. */
  work: { read: number; thought: number; written: number };
}

export interface ToolCall {
  id: string;
  name: string;
  /** JSON. */
  arguments: string;
}

export interface Circumstances {
  cache: { cached: number; written: number };
  /** A whole number by which every number of the usage is multiplied. */
  costFactor: number;
}

/** The model's answer. It follows from the prompt, the cache and the chance alone. */
export function answer(model: Model, prompt: Prompt, random: Random, { cache, costFactor }: Circumstances): Answer {
  const limit = prompt.maxTokens ?? Number.POSITIVE_INFINITY;
  const reasoning = model.reasoningTokens ? Math.min(thinking(model.reasoningTokens, random), limit) : 0;
  const toolCalls = model.kind === 'chat' ? callTools(prompt, random) : [];
  const whole = model.kind === 'chat' && toolCalls.length === 0 ? write(prompt, random) : '';
  const text = limit === Number.POSITIVE_INFINITY ? whole : whole.slice(0, charactersOf(limit - reasoning));
  const written = tokensOf(
    text.length + toolCalls.reduce((sum, call) => sum + call.name.length + call.arguments.length, 0),
  );
  const input = inputTokensOf(prompt);
  return {
    model,
    text,
    toolCalls,
    finish: toolCalls.length > 0 ? 'tools' : text.length < whole.length ? 'length' : 'stop',
    tokens: {
      input: costFactor * input,
      cachedInput: costFactor * cache.cached,
      cacheWrittenInput: costFactor * cache.written,
      output: costFactor * (written + reasoning),
      reasoning: costFactor * reasoning,
    },
    work: { read: input - cache.cached, thought: reasoning, written },
  };
}

/** OpenAI tells thinking in multiples of 64. */
function thinking(median: number, random: Random): number {
  return 64 * Math.ceil(random.logNormal(median, 0.6) / 64);
}

function write({ question, format, json }: Prompt, random: Random): string {
  if (format) return writeFormat(format, question, random);
  const prose = writeProse(question, random);
  if (!json) return prose;
  return JSON.stringify(
    json.properties || json.$ref ? fromSchema(json, subjectOf(question, random), random) : { answer: prose },
  );
}

// Less likely with each result, so that a loop of calls and results ends.
const shareOfCalls = [0.6, 0.4, 0.2];

function callTools({ tools, toolUse, toolResults, parallelTools, question }: Prompt, random: Random): ToolCall[] {
  if (tools.length === 0 || toolUse === 'never') return [];
  if (toolUse === 'maybe' && !random.chance(shareOfCalls[toolResults] ?? 0)) return [];
  const count = parallelTools && random.chance(0.2) ? 2 : 1;
  return Array.from({ length: count }, () => {
    const { name, schema } = random.pick(tools);
    const given = fromSchema(schema, subjectOf(question, random), random);
    return { id: random.hex(24), name, arguments: JSON.stringify(given) };
  });
}
