import type OpenAI from 'openai';
import * as v from 'valibot';
import type { Answer } from './answer.ts';
import { answeringName } from './models.ts';
import { formatIn, optional, type Prompt, segment, textOf, toolSegment } from './prompt.ts';
import { anyObject, type CallFacts, content, type EventStream, event, parse, piecesOf, type Wire } from './wire.ts';

/** `POST /v1/chat/completions`. */
export const chatCompletions: Wire = {
  provider: 'openai',
  path: '/v1/chat/completions',
  kind: 'chat',
  read(body) {
    const request = parse(chatRequest, body);
    return {
      prompt: promptOf(request),
      whole,
      stream: (answer, call) => stream(answer, call, request.stream_options?.include_usage ?? false),
    };
  },
};

const message = v.object({
  role: v.picklist(['developer', 'system', 'user', 'assistant', 'tool', 'function']),
  content: v.nullish(content),
  tool_calls: v.optional(v.array(anyObject)),
});

const chatRequest = v.object({
  model: v.string(),
  messages: v.pipe(v.array(message), v.minLength(1)),
  stream: v.nullish(v.boolean()),
  stream_options: v.nullish(v.object({ include_usage: v.optional(v.boolean()) })),
  tools: v.optional(v.array(anyObject)),
  tool_choice: v.optional(v.union([v.picklist(['none', 'auto', 'required']), anyObject])),
  parallel_tool_calls: v.optional(v.boolean()),
  response_format: v.optional(
    v.object({ type: v.string(), json_schema: v.optional(v.object({ schema: v.optional(anyObject) })) }),
  ),
  max_tokens: v.nullish(v.number()),
  max_completion_tokens: v.nullish(v.number()),
  n: v.nullish(v.literal(1)),
  user: v.optional(v.string()),
  metadata: v.nullish(v.record(v.string(), v.string())),
});

function promptOf(request: v.InferOutput<typeof chatRequest>): Prompt {
  const { messages, response_format: asked, tool_choice: choice } = request;
  const fixed = typeof choice === 'object' ? (choice.function as { name?: string } | undefined)?.name : undefined;
  const functions = (request.tools ?? []).flatMap((tool) => (tool.function ? [tool.function as Function] : []));
  const system = messages.filter(({ role }) => role === 'system' || role === 'developer');
  const lastUser = messages.findLastIndex(({ role }) => role === 'user');
  return {
    model: request.model,
    stream: request.stream ?? false,
    segments: [
      ...toolSegment(request.tools),
      ...messages.map(({ role, content, tool_calls }) => segment(role, textOf([content, ...(tool_calls ?? [])]))),
    ],
    question: textOf(messages[lastUser]?.content),
    toolResults: messages.slice(lastUser + 1).filter(({ role }) => role === 'tool').length,
    tools: functions
      .filter(({ name }) => name === (fixed ?? name))
      .map(({ name, parameters }) => ({ name, schema: parameters ?? {} })),
    toolUse: choice === 'none' ? 'never' : fixed || choice === 'required' ? 'must' : 'maybe',
    parallelTools: !fixed && request.parallel_tool_calls !== false,
    ...optional({
      format: formatIn(
        ...system.map(({ content }) => textOf(content)),
        request.user,
        request.metadata?.format && `format: ${request.metadata.format}`,
      ),
      json: asked && asked.type !== 'text' ? (asked.json_schema?.schema ?? {}) : undefined,
      maxTokens: request.max_completion_tokens ?? request.max_tokens,
    }),
  };
}

type Function = { name: string; parameters?: Record<string, unknown> };

function whole(answer: Answer, call: CallFacts): OpenAI.ChatCompletion {
  const calls = callsOf(answer);
  return {
    ...head(answer, call),
    object: 'chat.completion',
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: calls.length > 0 ? null : answer.text,
          refusal: null,
          annotations: [],
          ...(calls.length > 0 && { tool_calls: calls }),
        },
        logprobs: null,
        finish_reason: finishOf(answer),
      },
    ],
    usage: usageOf(answer),
  };
}

type Choice = OpenAI.ChatCompletionChunk['choices'][number];

function stream(answer: Answer, call: CallFacts, includeUsage: boolean): EventStream {
  const always = {
    ...head(answer, call),
    object: 'chat.completion.chunk',
    ...(includeUsage && { usage: null }),
  } satisfies Partial<OpenAI.ChatCompletionChunk>;
  const chunk = (delta: Choice['delta'], finish: Choice['finish_reason'] = null): string =>
    event({
      ...always,
      choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
    } satisfies OpenAI.ChatCompletionChunk);
  const calls = callsOf(answer);
  return {
    start: chunk({ role: 'assistant', content: calls.length > 0 ? null : '', refusal: null }),
    pieces: [
      ...piecesOf(answer.text).map((content) => chunk({ content })),
      ...calls.flatMap(({ id, type, function: { name, arguments: given } }, index) => [
        chunk({ tool_calls: [{ index, id, type, function: { name, arguments: '' } }] }),
        ...piecesOf(given).map((part) => chunk({ tool_calls: [{ index, function: { arguments: part } }] })),
      ]),
    ],
    end: `${chunk({}, finishOf(answer))}${
      includeUsage ? event({ ...always, choices: [], usage: usageOf(answer) } satisfies OpenAI.ChatCompletionChunk) : ''
    }data: [DONE]\n\n`,
  };
}

function head({ model }: Answer, { suffix, createdMs }: CallFacts) {
  return {
    id: `chatcmpl-${suffix}`,
    created: Math.floor(createdMs / 1000),
    model: answeringName(model),
    service_tier: 'default',
    system_fingerprint: 'fp_model_server',
  } satisfies Partial<OpenAI.ChatCompletion>;
}

function callsOf({ toolCalls }: Answer): OpenAI.ChatCompletionMessageFunctionToolCall[] {
  return toolCalls.map(({ id, name, arguments: given }) => ({
    id: `call_${id}`,
    type: 'function',
    function: { name, arguments: given },
  }));
}

function finishOf({ finish }: Answer): 'stop' | 'length' | 'tool_calls' {
  return finish === 'tools' ? 'tool_calls' : finish;
}

function usageOf({ tokens }: Answer): OpenAI.CompletionUsage {
  return {
    prompt_tokens: tokens.input,
    completion_tokens: tokens.output,
    total_tokens: tokens.input + tokens.output,
    prompt_tokens_details: { cached_tokens: tokens.cachedInput, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: tokens.reasoning,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}
