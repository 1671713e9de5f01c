import type Anthropic from '@anthropic-ai/sdk';
import * as v from 'valibot';
import type { Answer } from './answer.ts';
import { answeringName } from './models.ts';
import { formatIn, optional, type Prompt, type Segment, segment, textOf, toolSegment } from './prompt.ts';
import { anyObject, type CallFacts, type EventStream, event, parse, piecesOf, type Wire } from './wire.ts';

/** `POST /v1/messages`. */
export const messages: Wire = {
  provider: 'anthropic',
  path: '/v1/messages',
  kind: 'chat',
  read(body) {
    const request = parse(messageRequest, body);
    const prompt = promptOf(request);
    const long = prompt.segments.some(({ keepMs }) => keepMs === keepTimesMs['1h']);
    return {
      prompt,
      whole: (answer, call) => whole(answer, call, long),
      stream: (answer, call) => stream(answer, call, long),
    };
  },
};

const keepTimesMs = { '5m': 5 * 60_000, '1h': 3_600_000 };

const cacheControl = v.nullish(
  v.object({ type: v.literal('ephemeral'), ttl: v.optional(v.picklist(['5m', '1h']), '5m') }),
);
const block = v.looseObject({ type: v.string(), cache_control: cacheControl });
const content = v.union([v.string(), v.array(block)]);

const messageRequest = v.object({
  model: v.string(),
  max_tokens: v.pipe(v.number(), v.integer(), v.minValue(1)),
  messages: v.pipe(v.array(v.object({ role: v.picklist(['user', 'assistant', 'system']), content })), v.minLength(1)),
  system: v.optional(content),
  stream: v.optional(v.boolean()),
  tools: v.optional(
    v.array(v.looseObject({ name: v.string(), input_schema: v.optional(anyObject), cache_control: cacheControl })),
  ),
  tool_choice: v.optional(
    v.object({
      type: v.picklist(['auto', 'any', 'tool', 'none']),
      name: v.optional(v.string()),
      disable_parallel_tool_use: v.optional(v.boolean()),
    }),
  ),
  output_config: v.optional(v.object({ format: v.nullish(v.object({ schema: v.optional(anyObject) })) })),
  cache_control: cacheControl,
  metadata: v.optional(v.object({ user_id: v.nullish(v.string()) })),
});

type Request = v.InferOutput<typeof messageRequest>;
type CacheControl = v.InferOutput<typeof cacheControl>;

function promptOf(request: Request): Prompt {
  const { tools = [], tool_choice: choice, system, messages } = request;
  const segments = [
    ...toolSegment(tools, keepMsOf(tools.findLast((tool) => tool.cache_control)?.cache_control)),
    ...segmentsOf('system', system ?? []),
    ...messages.flatMap(({ role, content }) => segmentsOf(role, content)),
  ];
  const last = segments.at(-1);
  const keepMs = keepMsOf(request.cache_control);
  if (last && keepMs) last.keepMs = keepMs;
  // A result of a tool comes in a message of the user's, which then holds nothing else to answer.
  const hasResult = (content: Request['messages'][number]['content']) =>
    typeof content !== 'string' && content.some(({ type }) => type === 'tool_result');
  const lastUser = messages.findLastIndex(({ role, content }) => role === 'user' && !hasResult(content));
  return {
    model: request.model,
    stream: request.stream ?? false,
    segments,
    question: textOf(messages[lastUser]?.content),
    toolResults: messages.slice(lastUser + 1).filter(({ content }) => hasResult(content)).length,
    tools: tools
      .filter(({ name, input_schema }) => input_schema && name === (choice?.name ?? name))
      .map(({ name, input_schema }) => ({ name, schema: input_schema ?? {} })),
    toolUse: choice?.type === 'none' ? 'never' : choice?.type === 'any' || choice?.type === 'tool' ? 'must' : 'maybe',
    parallelTools: !choice?.name && !choice?.disable_parallel_tool_use,
    ...optional({
      format: formatIn(textOf(system), request.metadata?.user_id),
      json: request.output_config?.format ? (request.output_config.format.schema ?? {}) : undefined,
      maxTokens: request.max_tokens,
    }),
  };
}

function segmentsOf(role: string, given: v.InferOutput<typeof content>): Segment[] {
  if (typeof given === 'string') return [segment(role, given)];
  return given.map((one) => segment(role, textOf(one), keepMsOf(one.cache_control)));
}

function keepMsOf(control: CacheControl): number | undefined {
  return control ? keepTimesMs[control.ttl] : undefined;
}

function whole(answer: Answer, { suffix }: CallFacts, long: boolean): Anthropic.Message {
  return {
    id: `msg_${suffix}`,
    type: 'message',
    role: 'assistant',
    model: answeringName(answer.model),
    content: contentOf(answer),
    container: null,
    diagnostics: null,
    stop_details: null,
    stop_reason: stopReasons[answer.finish],
    stop_sequence: null,
    usage: usageOf(answer, long),
  };
}

const stopReasons = { stop: 'end_turn', length: 'max_tokens', tools: 'tool_use' } as const;

function contentOf({ text, toolCalls }: Answer): (Anthropic.TextBlock | Anthropic.ToolUseBlock)[] {
  return [
    ...(text ? [{ type: 'text', text, citations: null } as const] : []),
    ...toolCalls.map(
      ({ id, name, arguments: given }) =>
        ({ type: 'tool_use', id: `toolu_${id}`, name, input: JSON.parse(given), caller: { type: 'direct' } }) as const,
    ),
  ];
}

function stream(answer: Answer, call: CallFacts, long: boolean): EventStream {
  const say = (data: Anthropic.RawMessageStreamEvent): string => event(data, data.type);
  const message = whole(answer, call, long);
  const begun = { ...message, content: [], stop_reason: null, usage: { ...message.usage, output_tokens: 1 } };
  const { cache_creation_input_tokens, cache_read_input_tokens, input_tokens, output_tokens, output_tokens_details } =
    message.usage;
  return {
    start: say({ type: 'message_start', message: begun }) + event({ type: 'ping' }, 'ping'),
    pieces: message.content.flatMap((block, index) => [
      say({ type: 'content_block_start', index, content_block: emptied(block) }),
      ...deltasOf(block).map((delta) => say({ type: 'content_block_delta', index, delta })),
      say({ type: 'content_block_stop', index }),
    ]),
    end:
      say({
        type: 'message_delta',
        delta: { stop_reason: message.stop_reason, stop_sequence: null, container: null, stop_details: null },
        // Totals so far, not additions: they repeat what message_start has told.
        usage: {
          ...{ cache_creation_input_tokens, cache_read_input_tokens, input_tokens },
          ...{ output_tokens, output_tokens_details, server_tool_use: null },
        },
      }) + say({ type: 'message_stop' }),
  };
}

function emptied(block: Anthropic.ContentBlock): Anthropic.ContentBlock {
  if (block.type === 'text') return { ...block, text: '' };
  return block.type === 'tool_use' ? { ...block, input: {} } : block;
}

function deltasOf(block: Anthropic.ContentBlock): Anthropic.RawContentBlockDelta[] {
  if (block.type === 'text') return piecesOf(block.text).map((text) => ({ type: 'text_delta', text }));
  if (block.type !== 'tool_use') return [];
  return piecesOf(JSON.stringify(block.input)).map((partial_json) => ({ type: 'input_json_delta', partial_json }));
}

/** Anthropic's `input_tokens` are those that the cache had no part in. */
function usageOf({ tokens }: Answer, long: boolean): Anthropic.Usage {
  const written = tokens.cacheWrittenInput;
  return {
    input_tokens: tokens.input - tokens.cachedInput - written,
    cache_read_input_tokens: tokens.cachedInput,
    cache_creation_input_tokens: written,
    cache_creation: {
      ephemeral_5m_input_tokens: long ? 0 : written,
      ephemeral_1h_input_tokens: long ? written : 0,
    },
    output_tokens: tokens.output,
    output_tokens_details: null,
    server_tool_use: null,
    service_tier: 'standard',
    inference_geo: null,
    speed: 'standard',
  };
}
