import type { LlmCallOptions } from '../fleet/llm-call.ts';
import { providerAt } from './provider.ts';

/** What both clients hand to the one method that sends, as far as it is read here. */
export interface RequestOptions {
  method?: string;
  path?: string;
  body?: unknown;
  stream?: boolean;
  signal?: AbortSignal | null;
}

/** What is read of a client. The names are those of `openai` 4 to 7 and `@anthropic-ai/sdk` 0.20 to 1. */
export interface Client {
  baseURL?: unknown;
  /** Of AzureOpenAI. */
  deploymentName?: unknown;
  apiVersion?: unknown;
  /** Of Anthropic's clients since 1.5: the platform they were made for. */
  _genAIProviderName?: unknown;
}

export type Library = 'openai' | 'anthropic';

export interface ModelRequest {
  library: Library;
  call: LlmCallOptions & { stream: boolean };
  /** What was asked, as it is; read only when content capture is on. */
  body: Readonly<Record<string, unknown>>;
  /** Tokens of a stream are told only to those who ask: `stream_options.include_usage`. */
  usageOnRequest: boolean;
}

type Operation = NonNullable<LlmCallOptions['operation']>;

// Where a model reads or writes text. Files, batches, token counts and the like are requests, not model calls.
const operations: Readonly<Record<Library, Readonly<Record<string, Operation>>>> = {
  openai: {
    '/chat/completions': 'chat',
    '/responses': 'chat',
    '/responses/compact': 'chat',
    '/completions': 'text_completion',
    '/embeddings': 'embeddings',
    '/decisions': 'generate_content',
  },
  anthropic: { '/v1/messages': 'chat', '/v1/complete': 'text_completion' },
};

/** What a request asks of which model; undefined when it is no model call. Throws nothing that `body` does not. */
export function modelRequest(library: Library, client: Client, options: RequestOptions): ModelRequest | undefined {
  if (options?.method?.toLowerCase() !== 'post' || typeof options.path !== 'string') return undefined;
  const path = options.path.split('?', 1)[0] as string;
  const operation = operations[library][path];
  if (!operation) return undefined;
  const body = (typeof options.body === 'object' && options.body !== null ? options.body : {}) as ModelRequest['body'];
  const stream = options.stream ?? body.stream === true;
  return {
    library,
    call: { provider: providerOf(library, client), model: modelOf(body, client), operation, stream },
    body,
    usageOnRequest: library === 'openai' && stream && (path === '/chat/completions' || path === '/completions'),
  };
}

/** The same options, with the tokens asked for; the caller's own are left as they are. */
export function askForUsage<O extends RequestOptions>(options: O, { body, usageOnRequest }: ModelRequest): O {
  const given = body.stream_options as { include_usage?: unknown } | null | undefined;
  if (!usageOnRequest || given?.include_usage !== undefined) return options;
  return { ...options, body: { ...body, stream_options: { ...given, include_usage: true } } };
}

function providerOf(library: Library, { baseURL, apiVersion, _genAIProviderName: platform }: Client): string {
  if (typeof platform === 'string' && platform !== library) return platform;
  // An Azure client behind a gateway is still one: its requests have Azure's form.
  return providerAt(baseURL, library === 'openai' && typeof apiVersion === 'string' ? 'azure.ai.openai' : library);
}

function modelOf({ model }: ModelRequest['body'], { deploymentName }: Client): string {
  return (
    ([model, deploymentName].find((name) => typeof name === 'string' && name !== '') as string | undefined) ?? 'unknown'
  );
}
