/** What each library really sent (collector/fixtures), through the shipped Collector. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { attributesOf, fixtures, plain, requestOf, spanOf } from './ai-spans.ts';
import { type CollectorAlone, type Span, startCollectorAlone, type Traces } from './collector-alone.ts';

let collector: CollectorAlone;
/** By title: what came out, and what came out of a second pass. */
const once = new Map<string, Span[]>();
const twice = new Map<string, Span[]>();

beforeAll(async () => {
  collector = await startCollectorAlone();
  await Promise.all(
    fixtures.map(async ({ title, request }) => {
      const spans = await collector.traces(request);
      once.set(title, spans);
      twice.set(title, await collector.traces(refill(request, spans)));
    }),
  );
});
afterAll(() => collector?.stop());

test.each(fixtures)('B04 $title', ({ title, expect: expected }) => {
  const spans = once.get(title) as Span[];
  expect(spans.map((span) => ({ name: span.name, attributes: canonical(span) }))).toEqual(expected);
  const attributes = spans.flatMap((span) => span.attributes ?? []);
  const left = attributes.map(({ key }) => key).filter((key) => leftover.test(key));
  expect(left, 'names that have a canonical one').toEqual([]);
  for (const { key, value } of attributes)
    if (/^gen_ai\.usage\..*_tokens$/.test(key)) expect(value, key).toEqual({ intValue: expect.any(String) });
});

test.each(fixtures)('B04 a second Collector behind the first changes nothing: $title', ({ title }) => {
  const attributes = (spans: Span[] | undefined) => spans?.map((span) => span.attributes);
  expect(attributes(twice.get(title))).toEqual(attributes(once.get(title)));
});

test('B04 the tokens of a call are those the model counted, whoever reports them and wherever caches are counted', () => {
  const calls = fixtures.flatMap(({ title, expect: spans }) =>
    spans
      .filter(
        ({ attributes }) => attributes['gen_ai.operation.name'] === 'chat' && 'gen_ai.usage.input_tokens' in attributes,
      )
      .map(({ attributes }) => ({ title, attributes })),
  );
  // The server of the recordings counts 1000 tokens in: 500 read from a cache and, for Anthropic, 300 written to it.
  const wrong = calls.filter(({ attributes }) => attributes['gen_ai.usage.input_tokens'] !== 1000);
  expect(new Set(wrong.map(({ title }) => title)), 'the one library that does not say what was cached').toEqual(
    new Set(['@traceloop/instrumentation-anthropic 0.20.0: openllmetry-anthropic-0.20.json']),
  );
  const anthropic = calls.filter(({ attributes }) => 'gen_ai.usage.cache_creation.input_tokens' in attributes);
  expect(new Set(anthropic.map(({ title }) => title)).size).toBeGreaterThanOrEqual(7);
  for (const { attributes } of anthropic)
    expect(attributes).toMatchObject({
      'gen_ai.usage.cache_read.input_tokens': 500,
      'gen_ai.usage.cache_creation.input_tokens': 300,
    });
});

describe('one span', () => {
  test('B04 what is canonical already is kept, whatever an older name beside it says', async () => {
    const kept = {
      'gen_ai.operation.name': 'text_completion',
      'gen_ai.provider.name': 'my.provider',
      'gen_ai.request.model': 'new',
      'gen_ai.usage.input_tokens': 7,
      'gen_ai.usage.cache_read.input_tokens': 3,
      'gen_ai.response.finish_reasons': ['stop'],
      'gen_ai.conversation.id': 'new',
    };
    const span = await through({
      ...kept,
      'gen_ai.system': 'openai',
      'gen_ai.usage.prompt_tokens': 99,
      'gen_ai.usage.cache_read_input_tokens': 98,
      'gen_ai.completion.0.finish_reason': 'length',
      'openinference.span.kind': 'LLM',
      'llm.model_name': 'old',
      'llm.provider': 'openai',
      'llm.token_count.prompt': 97,
      'session.id': 'old',
    });
    expect(plain(span)).toEqual({
      ...kept,
      'gen_ai.response.model': 'old', // It differs from the model asked for, so it is the one that answered.
      'openinference.span.kind': 'LLM',
      'session.id': 'old',
    });
  });

  test('B04 a span of something else passes untouched', async () => {
    const sent = spanOf({
      'http.request.method': 'GET',
      'http.response.status_code': 200,
      'url.full': 'https://example.com/orders?id=1',
      'session.id': 'browser-1',
      'tool.name': 'hammer',
      'user.tags': ['a', 'b'],
      ratio: 0.5,
      system: 'billing',
    });
    const events = [
      { timeUnixNano: '1700000000500000000', name: 'retry', attributes: attributesOf({ content: 'no message' }) },
    ];
    const span = { ...sent, events, status: { code: 2, message: 'no hammer' } };
    expect(await collector.traces(requestOf(span))).toEqual([span]);
  });

  test('B04 every spelling of a count is understood, also as text', async () => {
    const spans = await allThrough(
      spellings.map(([spelling]) => ({
        'gen_ai.request.model': 'm',
        'gen_ai.usage.input_tokens': 1000,
        [spelling]: '12',
      })),
    );
    expect(spans.map((span, index) => [spellings[index]?.[0], plain(span)])).toEqual(
      spellings.map(([spelling, name]) => [
        spelling,
        { 'gen_ai.request.model': 'm', 'gen_ai.usage.input_tokens': 1000, [name]: 12 },
      ]),
    );
  });

  test('B04 what was cached is added once, or not at all', async () => {
    const cases: [string, Record<string, unknown>, number][] = [
      ['added up by the library', { 'gen_ai.usage.input_tokens': 1000, 'gen_ai.usage.total_tokens': 1050 }, 1000],
      ['nothing says that it is apart', { 'gen_ai.usage.input_tokens': 1000 }, 1000],
      ['the total says that it is', { 'gen_ai.usage.input_tokens': 900, 'gen_ai.usage.total_tokens': 1750 }, 1700],
      ['more cached than there was', { 'gen_ai.usage.input_tokens': 20 }, 820],
      ['numbers as text', { 'gen_ai.usage.prompt_tokens': '900', 'llm.usage.total_tokens': '1750' }, 1700],
    ];
    const rest = {
      'gen_ai.provider.name': 'anthropic',
      'gen_ai.usage.output_tokens': 50,
      'gen_ai.usage.cache_read.input_tokens': 500,
      'gen_ai.usage.cache_creation.input_tokens': 300,
    };
    const spans = await allThrough(cases.map(([, counts]) => ({ ...rest, ...counts })));
    expect(spans.map((span, index) => [cases[index]?.[0], plain(span)])).toEqual(
      cases.map(([why, , input]) => [why, { ...rest, 'gen_ai.usage.input_tokens': input }]),
    );
  });

  test('B04 a library is trusted from the version that counts what was cached', async () => {
    const counts = {
      'gen_ai.provider.name': 'anthropic',
      'gen_ai.usage.input_tokens': 1000,
      'gen_ai.usage.output_tokens': 50,
      'gen_ai.usage.total_tokens': 1050,
      'gen_ai.usage.cache_read.input_tokens': 500,
    };
    const from = async (version: string) => {
      const request = requestOf(spanOf(counts));
      for (const { scopeSpans } of request.resourceSpans)
        for (const scoped of scopeSpans) scoped.scope = { name: '@traceloop/instrumentation-anthropic', version };
      return plain((await collector.traces(request))[0] as Span)['gen_ai.usage.input_tokens'];
    };
    expect([await from('0.27.0'), await from('0.28.0'), await from('1.2.0')]).toEqual([1500, 1000, 1000]);
  });

  test('B04 providers have one name each, an unknown one keeps its own', async () => {
    const spans = await allThrough(providers.map(([provider]) => ({ 'gen_ai.system': provider })));
    expect(spans.map((span, index) => [providers[index]?.[0], plain(span)])).toEqual(
      providers.map(([provider, name]) => [provider, { 'gen_ai.provider.name': name }]),
    );
  });

  test('B04 broken JSON costs the span only what stood in it', async () => {
    const span = await through({
      'langfuse.observation.type': 'generation',
      'langfuse.observation.usage_details': '{"input": 10, ',
      'langfuse.observation.model.name': 'm',
    });
    expect(plain(span)).toMatchObject({ 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'm' });
    expect(plain(span)).not.toHaveProperty(['gen_ai.usage.input_tokens']);
  });
});

/** OpenTelemetry's GenAI conventions 1.42, and the proposed names for cost. */
const canonicalNames = new Set([
  'gen_ai.operation.name',
  'gen_ai.provider.name',
  'gen_ai.request.model',
  'gen_ai.response.model',
  'gen_ai.response.id',
  'gen_ai.response.finish_reasons',
  'gen_ai.response.time_to_first_chunk',
  'gen_ai.usage.input_tokens',
  'gen_ai.usage.output_tokens',
  'gen_ai.usage.cache_read.input_tokens',
  'gen_ai.usage.cache_creation.input_tokens',
  'gen_ai.usage.reasoning.output_tokens',
  'gen_ai.usage.cost.amount',
  'gen_ai.usage.cost.currency',
  'gen_ai.conversation.id',
  'gen_ai.agent.name',
  'gen_ai.agent.id',
  'gen_ai.tool.name',
  'gen_ai.tool.call.id',
  'gen_ai.tool.type',
  'gen_ai.workflow.name',
]);

/** Names that say the same as a canonical one. Kinds stay (they say more), and so do Langfuse's details and audio counts. */
const leftover =
  /^(gen_ai\.system|gen_ai\.usage\.(prompt|completion|total|reasoning)_tokens|gen_ai\.usage\.(cache_.*_input_tokens|cost)|gen_ai\.(client|server)\..*time_to.*|llm\.(request\.type|usage\..*|provider|system|finish_reason|cost\.total|(.*\.)?model_name|token_count\.((prompt|completion|total)|.*(cache|reasoning).*))|embedding\.model_name|tool\.name|traceloop\.workflow\.name|ai\.(model|usage|toolCall)\..*|ai\.response\.(id|model|finishReason|msToFirstChunk)|langfuse\.(session\.id|observation\.(model\.name|completion_start_time)))$/;

const spellings: [string, string][] = [
  ...[
    'gen_ai.usage.cache_read_input_tokens',
    'gen_ai.usage.cache_read_tokens',
    'gen_ai.usage.cached_input_tokens',
    'gen_ai.usage.input_cached_tokens',
    'gen_ai.usage.input_tokens.cached',
    'gen_ai.usage.prompt_tokens_details.cache_read',
    'gen_ai.usage.details.cache_read_tokens',
    'llm.usage.cache_read_input_tokens',
  ].map((name): [string, string] => [name, 'gen_ai.usage.cache_read.input_tokens']),
  ...[
    'gen_ai.usage.cache_creation_input_tokens',
    'gen_ai.usage.cache_creation_tokens',
    'gen_ai.usage.cache_write.input_tokens',
    'gen_ai.usage.cache_write_tokens',
    'gen_ai.usage.input_tokens.cache_write',
    'gen_ai.usage.prompt_tokens_details.cache_write',
    'gen_ai.usage.details.cache_write_tokens',
    'llm.usage.cache_creation_input_tokens',
  ].map((name): [string, string] => [name, 'gen_ai.usage.cache_creation.input_tokens']),
  ...[
    'gen_ai.usage.reasoning_tokens',
    'gen_ai.usage.output_tokens.reasoning',
    'gen_ai.usage.completion_tokens_details.reasoning',
    'gen_ai.usage.details.reasoning_tokens',
  ].map((name): [string, string] => [name, 'gen_ai.usage.reasoning.output_tokens']),
  ['gen_ai.usage.completion_tokens', 'gen_ai.usage.output_tokens'],
];

const providers: [string, string][] = [
  ['OpenAI', 'openai'],
  ['openai.chat', 'openai'],
  ['az.ai.openai', 'azure.ai.openai'],
  ['azure', 'azure.ai.openai'],
  ['azure.responses', 'azure.ai.openai'],
  ['azure_openai', 'azure.ai.openai'],
  ['azure.ai.inference', 'azure.ai.inference'],
  ['Anthropic', 'anthropic'],
  ['anthropic.messages', 'anthropic'],
  ['bedrock', 'aws.bedrock'],
  ['aws_bedrock', 'aws.bedrock'],
  ['amazon-bedrock', 'aws.bedrock'],
  ['AWS', 'aws.bedrock'],
  ['vertex_ai', 'gcp.vertex_ai'],
  ['vertex.anthropic.messages', 'gcp.vertex_ai'],
  ['google.vertex.chat', 'gcp.vertex_ai'],
  ['google', 'gcp.gemini'],
  ['google.generative-ai', 'gcp.gemini'],
  ['gcp.gen_ai', 'gcp.gen_ai'],
  ['mistral', 'mistral_ai'],
  ['MistralAI', 'mistral_ai'],
  ['xai.chat', 'x_ai'],
  ['watsonx', 'ibm.watsonx.ai'],
  ['openrouter', 'openrouter'],
  ['cohere_internal_proxy', 'cohere_internal_proxy'],
];

function canonical(span: Span): Record<string, unknown> {
  return Object.fromEntries(Object.entries(plain(span)).filter(([key]) => canonicalNames.has(key)));
}

/** The same request with spans as they came out, under ids of their own: what a second Collector would get. */
function refill(request: Traces, spans: Span[]): Traces {
  const rest = spans.map((span) => ({ ...span, spanId: randomBytes(8).toString('hex') }));
  const copy = structuredClone(request);
  for (const { scopeSpans } of copy.resourceSpans)
    for (const scoped of scopeSpans) scoped.spans = rest.splice(0, scoped.spans.length);
  return copy;
}

async function through(values: Record<string, unknown>): Promise<Span> {
  return (await allThrough([values]))[0] as Span;
}

function allThrough(values: Record<string, unknown>[]): Promise<Span[]> {
  return collector.traces(requestOf(...values.map(spanOf)));
}
