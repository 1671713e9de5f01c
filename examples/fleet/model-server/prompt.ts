import { type Format, formats } from './answers.ts';
import type { Schema } from './from-schema.ts';

/** A request of any endpoint, as the model reads it. */
export interface Prompt {
  /** As the request names it. */
  model: string;
  stream: boolean;
  /** Tools, system prompt and messages, in the order in which the providers cache them. */
  segments: Segment[];
  /** The user's last message. */
  question: string;
  /** The turn is the model's, after so many results of tools since the user spoke. */
  toolResults: number;
  tools: { name: string; schema: Schema }[];
  toolUse: 'never' | 'maybe' | 'must';
  /** Whether one answer may call two tools. */
  parallelTools: boolean;
  /** The answer is JSON: of any shape, or of this one. */
  json?: Schema;
  format?: Format;
  /** Limit of the output, thinking included. */
  maxTokens?: number;
}

export interface Segment {
  text: string;
  /** The prompt up to the end of this segment is kept so long: Anthropic's `cache_control`. */
  keepMs?: number;
}

const charactersPerToken = 4;

/** About four characters to a token, which is near the truth for English and for code. */
export function tokensOf(characters: number): number {
  return Math.ceil(characters / charactersPerToken);
}

/** What that many tokens are in text. */
export function charactersOf(tokens: number): number {
  return tokens * charactersPerToken;
}

/** The text and three tokens that begin the answer. What a message costs beyond its text is the `[role]` of its segment. */
export function inputTokensOf({ segments }: Prompt): number {
  return tokensOf(segments.reduce((sum, { text }) => sum + text.length, 0)) + 3;
}

/** One message, or one block of one, as part of the prompt. */
export function segment(role: string, text: string, keepMs?: number): Segment {
  return { text: `[${role}]\n${text}\n\n`, ...(keepMs === undefined ? {} : { keepMs }) };
}

/** The definitions of the tools; none for none. */
export function toolSegment(tools: readonly unknown[] | null | undefined, keepMs?: number): Segment[] {
  return tools?.length ? [segment('tools', JSON.stringify(tools), keepMs)] : [];
}

const marker = new RegExp(`(?:^|\\s)format: *(${formats.join('|')})\\b`, 'i');

/** The format that `format: …` in the first of these texts that has it asks for. */
export function formatIn(...texts: (string | null | undefined)[]): Format | undefined {
  for (const text of texts) {
    const name = text && marker.exec(text)?.[1];
    if (name) return name.toLowerCase() as Format;
  }
  return undefined;
}

/** The optional fields of a prompt, without those that are not there. */
export function optional(fields: {
  format: Format | undefined;
  json: Schema | undefined;
  maxTokens: number | null | undefined;
}): Pick<Prompt, 'format' | 'json' | 'maxTokens'> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== null));
}

// A picture costs the same whatever is in it.
const pictureTokens = 85;

/** The text of a message's content in any of the formats: a string, or blocks of text, pictures, calls and results. */
export function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (Array.isArray(content)) return content.map(textOf).join('\n');
  if (typeof content !== 'object' || content === null) return '';
  const block = content as Record<string, unknown>;
  if (typeof block.text === 'string') return block.text;
  if (/image/.test(String(block.type))) return ' '.repeat(charactersOf(pictureTokens));
  const call = block.function ?? (block.name ? block : undefined);
  if (call) return callText(call as Record<string, unknown>);
  return textOf(block.content ?? block.output ?? block.thinking ?? block.summary);
}

function callText({ name, arguments: given, input }: Record<string, unknown>): string {
  return `${name}(${typeof given === 'string' ? given : JSON.stringify(input ?? {})})`;
}
