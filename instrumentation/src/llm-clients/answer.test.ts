import { expect, test } from 'vitest';
import { Answer } from './answer.ts';
import { EventStream } from './event-stream.ts';
import { askForUsage, modelRequest } from './model-request.ts';
import { providerAt } from './provider.ts';
import { rateLimits } from './rate-limits.ts';

const providers = [
  ['https://api.openai.com/v1', 'openai'],
  ['https://eu.api.openai.com/v1', 'openai'],
  ['http://localhost:4000/v1', 'openai'],
  ['https://litellm.example.com', 'openai'],
  ['https://res.openai.azure.com/openai', 'azure.ai.openai'],
  ['https://bedrock-runtime.us-east-1.amazonaws.com', 'aws.bedrock'],
  ['https://bedrock-mantle.us-west-2.api.aws/v1', 'aws.bedrock'],
  ['https://us-east5-aiplatform.googleapis.com/v1', 'gcp.vertex_ai'],
  ['https://generativelanguage.googleapis.com/v1beta/openai/', 'gcp.gemini'],
  ['https://openrouter.ai/api/v1', 'openrouter'],
  ['https://api.groq.com/openai/v1', 'groq'],
  ['https://api.mistral.ai/v1', 'mistral_ai'],
  ['https://api.deepseek.com', 'deepseek'],
  ['https://api.x.ai/v1', 'x_ai'],
  ['https://api.together.xyz/v1', 'together_ai'],
  ['https://api.perplexity.ai', 'perplexity'],
  // No provider by a name that only looks like one.
  ['https://api.notopenai.com', 'openai'],
  ['https://max.ai/v1', 'openai'],
  ['no address', 'openai'],
  [undefined, 'openai'],
] as const;

test.each(providers)('S04 %s is run by %s', (url, provider) => {
  expect(providerAt(url, 'openai')).toBe(provider);
});

test('S04 a model call is known by its method and path, its provider by the client', () => {
  const post = { method: 'post', path: '/chat/completions', body: { model: 'gpt-4o' } };
  const of = (options: object, client = {}) => modelRequest('openai', client, options)?.call;
  expect(of(post)).toEqual({ provider: 'openai', model: 'gpt-4o', operation: 'chat', stream: false });
  expect(of({ ...post, path: '/responses?beta=true', stream: true })).toMatchObject({
    operation: 'chat',
    stream: true,
  });
  expect(of({ ...post, body: undefined })).toMatchObject({ model: 'unknown' });
  expect(of(post, { apiVersion: '2024', deploymentName: 'mine' })).toMatchObject({ provider: 'azure.ai.openai' });
  expect(
    modelRequest('anthropic', { _genAIProviderName: 'aws.bedrock' }, { ...post, path: '/v1/messages' }),
  ).toMatchObject({
    call: { provider: 'aws.bedrock' },
  });
  for (const path of ['/chat/completions/1', '/threads/1/messages', '/files', '/responses/1/cancel', '/v1/messages']) {
    expect(of({ ...post, path })).toBeUndefined();
  }
  expect(of({ ...post, method: 'get' })).toBeUndefined();
  expect(modelRequest('openai', {}, undefined as never)).toBeUndefined();
});

test('S04 tokens are asked for only where a stream hides them, and by whom did not say otherwise', () => {
  const asked = (path: string, body: object) => {
    const options = { method: 'post', path, body };
    const request = modelRequest('openai', {}, options);
    return request && askForUsage(options, request).body;
  };
  const include_usage = true;
  expect(asked('/chat/completions', { stream: true })).toMatchObject({ stream_options: { include_usage } });
  expect(asked('/completions', { stream: true, stream_options: { other: 1 } })).toMatchObject({
    stream_options: { other: 1, include_usage },
  });
  for (const [path, body] of [
    ['/chat/completions', { stream: false }],
    ['/chat/completions', { stream: true, stream_options: { include_usage: false } }],
    ['/responses', { stream: true }],
  ] as const) {
    expect(asked(path, body)).toBe(body);
  }
});

test('S04 events are cut right wherever the bytes are', () => {
  const text = ': hello\r\nevent: a\r\ndata: {"a":\r\ndata: 1}\r\n\r\ndata:[DONE]\n\nevent: empty\n\ndata: {"b":2}';
  for (let cut = 1; cut < text.length; cut += 1) {
    const seen: string[] = [];
    const events = new EventStream((data) => seen.push(data));
    for (let at = 0; at < text.length; at += cut) events.write(text.slice(at, at + cut));
    expect(seen).toEqual(['{"a":\n1}', '[DONE]']);
    events.end();
    expect(seen).toEqual(['{"a":\n1}', '[DONE]', '{"b":2}']);
  }
});

const chunk = (delta: object, finish_reason: string | null = null) => ({
  ...{ id: 'c', model: 'm', choices: [{ index: 0, delta, finish_reason }] },
});

test('S04 a stream is whole at the end its form has, and broken off before', () => {
  const read = (...events: object[]) => {
    const answer = new Answer(false);
    for (const event of events) answer.event(event);
    return answer;
  };
  expect(read(chunk({ content: 'a' })).isWhole).toBe(false);
  expect(read(chunk({ content: 'a' }), chunk({}, 'stop')).isWhole).toBe(true);
  const start = {
    type: 'message_start',
    message: { id: 'msg', model: 'claude', usage: { input_tokens: 5, output_tokens: 1 } },
  };
  const delta = { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 9 } };
  expect(read(start)).toMatchObject({ isWhole: false, isOver: false, usage: { input: 5, output: 1 } });
  expect(read(start, delta, { type: 'message_stop' })).toMatchObject({
    ...{ isOver: true, id: 'msg', model: 'claude', finishReasons: ['end_turn'], usage: { input: 5, output: 9 } },
  });
  const created = {
    type: 'response.created',
    response: { object: 'response', id: 'r', status: 'in_progress', usage: null },
  };
  const failed = {
    type: 'response.failed',
    response: { status: 'failed', error: { code: 'server_error', message: 'No.' } },
  };
  expect(read(created).isWhole).toBe(false);
  expect(read(created, failed)).toMatchObject({ isOver: true, error: { code: 'server_error', message: 'No.' } });
  expect(read({ error: { code: 502, message: 'Upstream' } }).error).toMatchObject({ status: 502 });
  // Groq tells the usage to everybody, in a place of its own.
  expect(read({ ...chunk({}, 'stop'), x_groq: { usage: { prompt_tokens: 1, completion_tokens: 2 } } }).usage).toEqual({
    ...{ input: 1, output: 2 },
  });
  expect(read('no event' as never, { type: 'ping' }).usage).toBeUndefined();
});

test('S04 how Responses ended is said in the words of the others', () => {
  const reasons = (value: object) => {
    const answer = new Answer(false);
    answer.whole({ object: 'response', ...value });
    return answer.finishReasons;
  };
  expect(reasons({ status: 'completed', output: [{ type: 'message' }] })).toEqual(['stop']);
  expect(reasons({ status: 'completed', output: [{ type: 'function_call' }] })).toEqual(['tool_calls']);
  expect(reasons({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } })).toEqual([
    'max_output_tokens',
  ]);
  expect(reasons({ status: 'queued' })).toEqual([]);
});

test('S04 another model that the provider itself passed the question on to is the one that answered', () => {
  const answer = new Answer(false);
  const hop = (from: string, to: string) => ({ type: 'fallback', from: { model: from }, to: { model: to } });
  answer.whole({ type: 'message', model: 'a', content: [hop('a', 'b'), { type: 'text', text: '' }, hop('b', 'c')] });
  expect(answer).toMatchObject({ model: 'c', servedBy: { from: 'a', to: 'c' } });
});

test('S04 tool calls and texts of a stream are put together, one message for each choice', () => {
  const answer = new Answer(true);
  const called = (index: number, name: string | undefined, json: string) => ({
    tool_calls: [{ index, function: { name, arguments: json } }],
  });
  for (const delta of [
    { content: 'Let ' },
    { content: 'me.' },
    called(0, 'search', '{"q'),
    called(0, undefined, '":1}'),
  ]) {
    answer.event(chunk(delta));
  }
  expect(answer.transcript?.messages).toEqual([
    { role: 'assistant', content: 'Let me.', tool_calls: [{ name: 'search', arguments: '{"q":1}' }] },
  ]);
});

test('S04 rate limits are read from the headers of both providers, and nothing from others', () => {
  expect(
    rateLimits(new Headers({ 'x-ratelimit-limit-requests': '100', 'x-ratelimit-remaining-requests': '40' })),
  ).toEqual([{ type: 'requests', limit: 100, remaining: 40 }]);
  const claude = { 'anthropic-ratelimit-tokens-limit': '9', 'anthropic-ratelimit-tokens-remaining': '0' };
  expect(rateLimits(new Headers(claude))).toEqual([{ type: 'tokens', limit: 9, remaining: 0 }]);
  expect(rateLimits(new Headers({ 'x-ratelimit-limit-requests': '100' }))).toEqual([]);
  expect(rateLimits(undefined)).toEqual([]);
});
