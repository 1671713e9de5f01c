import type OpenAI from 'openai';
import * as v from 'valibot';
import type { Answer } from './answer.ts';
import { answeringName } from './models.ts';
import { formatIn, optional, type Prompt, segment, textOf, toolSegment } from './prompt.ts';
import { Refusal } from './refusal.ts';
import { anyObject, type CallFacts, content, type EventStream, event, parse, piecesOf, type Wire } from './wire.ts';

/** `POST /v1/responses`. Nothing is stored: a `previous_response_id` is never found. */
export const responses: Wire = {
  provider: 'openai',
  path: '/v1/responses',
  kind: 'chat',
  read(body) {
    const request = parse(responseRequest, body);
    if (request.previous_response_id)
      throw new Refusal(400, `Previous response with id '${request.previous_response_id}' not found.`, {
        code: 'previous_response_not_found',
        param: 'previous_response_id',
      });
    return {
      prompt: promptOf(request),
      whole: (answer, call) => finished(request, answer, call),
      stream: (answer, call) => stream(request, answer, call),
    };
  },
};

const item = v.looseObject({
  type: v.optional(v.string()),
  role: v.optional(v.string()),
  content: v.nullish(content),
});

const responseRequest = v.object({
  model: v.string(),
  input: v.union([v.string(), v.array(item)]),
  instructions: v.nullish(v.string()),
  stream: v.nullish(v.boolean()),
  tools: v.optional(v.array(anyObject)),
  tool_choice: v.optional(v.union([v.picklist(['none', 'auto', 'required']), anyObject])),
  parallel_tool_calls: v.nullish(v.boolean()),
  text: v.optional(
    v.object({ format: v.optional(v.looseObject({ type: v.string(), schema: v.optional(anyObject) })) }),
  ),
  max_output_tokens: v.nullish(v.number()),
  previous_response_id: v.nullish(v.string()),
  user: v.optional(v.string()),
  metadata: v.nullish(v.record(v.string(), v.string())),
});

type Request = v.InferOutput<typeof responseRequest>;
type Response = OpenAI.Responses.Response;
type ResponseEvent = OpenAI.Responses.ResponseStreamEvent;

function promptOf(request: Request): Prompt {
  const { instructions, tool_choice: choice } = request;
  const items = typeof request.input === 'string' ? [{ role: 'user', content: request.input }] : request.input;
  const fixed = typeof choice === 'object' ? (choice.name as string | undefined) : undefined;
  const system = items.filter(({ role }) => role === 'system' || role === 'developer');
  const lastUser = items.findLastIndex(({ role }) => role === 'user');
  const asked = request.text?.format;
  return {
    model: request.model,
    stream: request.stream ?? false,
    segments: [
      ...toolSegment(request.tools),
      ...(instructions ? [segment('system', instructions)] : []),
      ...items.map((item) => segment(item.role ?? 'tool', textOf(item.content ?? item))),
    ],
    question: textOf(items[lastUser]?.content),
    toolResults: items.slice(lastUser + 1).filter((item) => 'type' in item && item.type === 'function_call_output')
      .length,
    tools: (request.tools ?? [])
      .filter(({ type, name }) => type === 'function' && name === (fixed ?? name))
      .map(({ name, parameters }) => ({ name: name as string, schema: (parameters ?? {}) as Prompt['json'] & object })),
    toolUse: choice === 'none' ? 'never' : fixed || choice === 'required' ? 'must' : 'maybe',
    parallelTools: !fixed && request.parallel_tool_calls !== false,
    ...optional({
      format: formatIn(
        instructions,
        ...system.map(({ content }) => textOf(content)),
        request.user,
        request.metadata?.format && `format: ${request.metadata.format}`,
      ),
      json: asked && asked.type !== 'text' ? (asked.schema ?? {}) : undefined,
      maxTokens: request.max_output_tokens,
    }),
  };
}

function stream(request: Request, answer: Answer, call: CallFacts): EventStream {
  let sequence = 0;
  const say = (data: Unnumbered<ResponseEvent>): string => event({ ...data, sequence_number: sequence++ }, data.type);
  const response = finished(request, answer, call);
  const begun = {
    ...response,
    status: 'in_progress',
    completed_at: null,
    output: [],
    usage: null,
  } as unknown as Response;
  const start =
    say({ type: 'response.created', response: begun }) + say({ type: 'response.in_progress', response: begun });
  const pieces = response.output.flatMap((item, index) => itemEvents(item, index, say));
  const type = response.status === 'completed' ? 'response.completed' : 'response.incomplete';
  return { start, pieces, end: say({ type, response: response as Response }) };
}

// Omit over each member of the union.
type Unnumbered<E> = E extends unknown ? Omit<E, 'sequence_number'> : never;

function itemEvents(
  item: Response['output'][number],
  output_index: number,
  say: (data: Unnumbered<ResponseEvent>) => string,
): string[] {
  const done = () => say({ type: 'response.output_item.done', output_index, item });
  if (item.type === 'function_call') {
    const item_id = item.id as string;
    const begun = { ...item, arguments: '', status: 'in_progress' as const };
    return [
      say({ type: 'response.output_item.added', output_index, item: begun }),
      ...piecesOf(item.arguments).map((delta) =>
        say({ type: 'response.function_call_arguments.delta', item_id, output_index, delta }),
      ),
      say({ type: 'response.function_call_arguments.done', item_id, output_index, arguments: item.arguments }) + done(),
    ];
  }
  if (item.type !== 'message') return [say({ type: 'response.output_item.added', output_index, item }) + done()];
  const at = { item_id: item.id, output_index, content_index: 0 };
  const part = item.content[0] as OpenAI.Responses.ResponseOutputText;
  const begun = { ...item, content: [], status: 'in_progress' as const };
  return [
    say({ type: 'response.output_item.added', output_index, item: begun }) +
      say({ type: 'response.content_part.added', ...at, part: { ...part, text: '' } }),
    ...piecesOf(part.text).map((delta) => say({ type: 'response.output_text.delta', ...at, delta, logprobs: [] })),
    say({ type: 'response.output_text.done', ...at, text: part.text, logprobs: [] }) +
      say({ type: 'response.content_part.done', ...at, part }) +
      done(),
  ];
}

// The client adds `output_text` itself.
function finished(request: Request, answer: Answer, { suffix, createdMs }: CallFacts): Omit<Response, 'output_text'> {
  const created = Math.floor(createdMs / 1000);
  const cut = answer.finish === 'length';
  return {
    id: `resp_${suffix}`,
    object: 'response',
    created_at: created,
    completed_at: cut ? null : created,
    status: cut ? 'incomplete' : 'completed',
    error: null,
    incomplete_details: cut ? { reason: 'max_output_tokens' } : null,
    instructions: request.instructions ?? null,
    max_output_tokens: request.max_output_tokens ?? null,
    access_programs: null,
    metadata: request.metadata ?? {},
    model: answeringName(answer.model),
    output: outputOf(answer, suffix),
    parallel_tool_calls: request.parallel_tool_calls ?? true,
    previous_response_id: null,
    service_tier: 'default',
    temperature: 1,
    text: { format: (request.text?.format ?? { type: 'text' }) as OpenAI.Responses.ResponseFormatTextConfig },
    tool_choice: (request.tool_choice ?? 'auto') as Response['tool_choice'],
    tools: (request.tools ?? []) as unknown as Response['tools'],
    top_p: 1,
    truncation: 'disabled',
    usage: usageOf(answer),
  };
}

function outputOf({ tokens, text, toolCalls, finish }: Answer, suffix: string): Response['output'] {
  const output: Response['output'] = [];
  if (tokens.reasoning > 0) output.push({ type: 'reasoning', id: `rs_${suffix}`, summary: [] });
  for (const { id, name, arguments: given } of toolCalls) {
    const ids = { id: `fc_${id}`, call_id: `call_${id}` };
    output.push({ type: 'function_call', ...ids, name, arguments: given, status: 'completed' });
  }
  if (toolCalls.length === 0)
    output.push({
      type: 'message',
      id: `msg_${suffix}`,
      role: 'assistant',
      status: finish === 'length' ? 'incomplete' : 'completed',
      content: [{ type: 'output_text', text, annotations: [], logprobs: [] }],
    });
  return output;
}

function usageOf({ tokens }: Answer): OpenAI.Responses.ResponseUsage {
  return {
    input_tokens: tokens.input,
    input_tokens_details: { cached_tokens: tokens.cachedInput, cache_write_tokens: 0 },
    output_tokens: tokens.output,
    output_tokens_details: { reasoning_tokens: tokens.reasoning },
    total_tokens: tokens.input + tokens.output,
  };
}
