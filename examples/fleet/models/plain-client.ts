/** A client of our own, for which nothing makes spans by itself: `llmCall` does. */
import { type LlmCall, llmCall } from '@fleetscope/instrumentation';
import { HttpError } from '../tools/http-error.ts';
import type { Question, Reply } from './sdk-clients.ts';

type Fallback = NonNullable<Parameters<typeof llmCall>[0]['fallback']>;

export interface PlainClient {
  /** An answer as it is written; `fallback` where another model was asked first. */
  stream(question: PlainQuestion): Promise<Reply>;
  embed(model: string, text: string, signal: AbortSignal): Promise<{ vector: Float32Array; tokens: number }>;
}

const dimensions = 256;

export interface PlainQuestion extends Question {
  provider: string;
  /** Whether the server can be asked how many tokens a stream took. Default: true. */
  tellsTokens?: boolean;
  fallback?: Fallback;
}

/** Any server that speaks OpenAI's format. */
export function plainClient(baseUrl: string, apiKey: string): PlainClient {
  const post = async (path: string, body: object, signal: AbortSignal, call: LlmCall) => {
    const response = await fetch(baseUrl + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${apiKey}` },
      body: JSON.stringify(body),
      signal,
    });
    const [limit, remaining] = ['limit', 'remaining'].map((what) =>
      response.headers.get(`x-ratelimit-${what}-requests`),
    );
    if (limit && remaining) call.rateLimit({ limit: Number(limit), remaining: Number(remaining) });
    if (!response.ok) throw await HttpError.of(response);
    return response;
  };
  return {
    async stream({ provider, model, fallback, tellsTokens = true, system, prompt, signal }) {
      const messages = [
        { role: 'system', content: system },
        { role: 'user', content: prompt },
      ];
      const body = { model, messages, stream: true, ...(tellsTokens && { stream_options: { include_usage: true } }) };
      const reply: Reply = { text: '', tokens: { input: 0, output: 0 } };
      const pieces = await llmCall({ provider, model, stream: true, ...(fallback && { fallback }) }, async (call) => {
        const response = await post('/chat/completions', body, signal, call);
        return readPieces(response, call, reply);
      });
      for await (const piece of pieces) reply.text += piece;
      return reply;
    },

    embed: (model, text, signal) =>
      llmCall({ provider: 'openai', model, operation: 'embeddings' }, async (call) => {
        const response = await post('/embeddings', { model, input: text, dimensions }, signal, call);
        const { data, usage } = (await response.json()) as {
          data: { embedding: number[] }[];
          usage: { prompt_tokens: number };
        };
        call.usage({ input: usage.prompt_tokens, output: 0 });
        return { vector: Float32Array.from(data[0]?.embedding ?? []), tokens: usage.prompt_tokens };
      }),
  };
}

interface Chunk {
  id: string;
  model: string;
  choices: { delta: { content?: string | null }; finish_reason: string | null }[];
  usage?: { prompt_tokens: number; completion_tokens: number } | null;
}

/** The pieces of text; what the last events say of the answer goes to `call`. */
async function* readPieces(response: Response, call: LlmCall, { tokens }: Reply): AsyncGenerator<string> {
  for await (const { id, model, choices, usage } of events(response)) {
    const [choice] = choices;
    if (choice?.delta.content) yield choice.delta.content;
    if (choice?.finish_reason) call.response({ id, model, finishReasons: [choice.finish_reason] });
    if (usage) {
      Object.assign(tokens, { input: usage.prompt_tokens, output: usage.completion_tokens });
      call.usage(tokens);
    }
  }
}

async function* events({ body }: Response): AsyncGenerator<Chunk> {
  let rest = '';
  for await (const text of (body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const data = /^data: (\{.*)/.exec(line)?.[1];
      if (data) yield JSON.parse(data) as Chunk;
    }
  }
}
