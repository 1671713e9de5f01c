import { langfuse, openInference, openLlmetry, vercelAi } from './libraries.ts';
import { at, fill, first, forget, group, int, is } from './statements.ts';

/**
 * One canonical form for spans of AI calls, whichever library made them: OpenTelemetry's GenAI conventions 1.42. (B04)
 * What is understood, what is stored and what was found out per library: docs/conventions.md.
 * Silent: a client whose JSON is broken must not fill the Collector's log; its span passes with what could be read.
 */
export const conventions = {
  error_mode: 'silent',
  trace_statements: [openInference(), vercelAi(), langfuse(), openLlmetry(), earlierNames(), cachedTokens(), values()],
};

/** What earlier versions of the convention, and libraries ahead of it, call the same thing. */
function earlierNames() {
  const names: [string, string[]][] = [
    ['gen_ai.provider.name', ['gen_ai.system']],
    [
      'gen_ai.response.finish_reasons',
      [
        'gen_ai.response.finish_reason',
        'gen_ai.response.stop_reason',
        'llm.response.finish_reason',
        'llm.response.stop_reason',
        'gen_ai.completion.0.finish_reason',
      ],
    ],
    [
      'gen_ai.response.time_to_first_chunk',
      ['gen_ai.client.operation.time_to_first_chunk', 'gen_ai.server.time_to_first_token'],
    ],
    ['gen_ai.tool.type', ['gen_ai.tool.call.type']],
    ['gen_ai.usage.cost.amount', ['gen_ai.usage.total_cost', 'operation.cost']],
    ['gen_ai.request.seed', ['gen_ai.openai.request.seed']],
    ['openai.request.service_tier', ['gen_ai.openai.request.service_tier']],
    ['openai.response.service_tier', ['gen_ai.openai.response.service_tier']],
    [
      'openai.response.system_fingerprint',
      ['gen_ai.openai.response.system_fingerprint', 'gen_ai.openai.system_fingerprint'],
    ],
  ];
  const counts: [string, string[]][] = [
    ['gen_ai.usage.input_tokens', ['gen_ai.usage.prompt_tokens']],
    ['gen_ai.usage.output_tokens', ['gen_ai.usage.completion_tokens']],
    ['gen_ai.usage.total_tokens', ['llm.usage.total_tokens']],
    [
      'gen_ai.usage.cache_read.input_tokens',
      [
        'gen_ai.usage.cache_read_input_tokens',
        'gen_ai.usage.cache_read_tokens',
        'gen_ai.usage.cached_input_tokens',
        'gen_ai.usage.input_cached_tokens',
        'gen_ai.usage.input_tokens.cached',
        'gen_ai.usage.prompt_tokens_details.cache_read',
        'gen_ai.usage.details.cache_read_tokens',
        'gen_ai.usage.details.cache_read_input_tokens',
        'llm.usage.cache_read_input_tokens',
      ],
    ],
    [
      'gen_ai.usage.cache_creation.input_tokens',
      [
        'gen_ai.usage.cache_creation_input_tokens',
        'gen_ai.usage.cache_creation_tokens',
        'gen_ai.usage.cache_write.input_tokens',
        'gen_ai.usage.cache_write_input_tokens',
        'gen_ai.usage.cache_write_tokens',
        'gen_ai.usage.input_tokens.cache_write',
        'gen_ai.usage.prompt_tokens_details.cache_write',
        'gen_ai.usage.details.cache_write_tokens',
        'gen_ai.usage.details.cache_creation_input_tokens',
        'llm.usage.cache_creation_input_tokens',
      ],
    ],
    [
      'gen_ai.usage.reasoning.output_tokens',
      [
        'gen_ai.usage.reasoning_tokens',
        'gen_ai.usage.output_tokens.reasoning',
        'gen_ai.usage.completion_tokens_details.reasoning',
        'gen_ai.usage.details.reasoning_tokens',
        'llm.usage.reasoning_tokens',
      ],
    ],
  ];
  const format = 'gen_ai.openai.request.response_format';
  return group(anyCall(), [
    ...names.map(([name, earlier]) => fill(name, first(...earlier))),
    ...counts.map(([name, earlier]) => fill(name, int(...earlier))),
    fill('gen_ai.usage.cost.amount', at('gen_ai.usage.cost')),
    fill('gen_ai.output.type', '"json"', `IsMatch(${at(format)}, "^json")`),
    fill('gen_ai.output.type', '"text"', `${at(format)} == "text"`),
    forget(format, ...names.flatMap(([, earlier]) => earlier), ...counts.flatMap(([, earlier]) => earlier)),
    // Counts that came as text or as a float.
    ...counts.map(([name]) => `set(${at(name)}, Int(${at(name)})) where ${is(name)} and not IsInt(${at(name)})`),
  ]);
}

/** gen_ai.usage.input_tokens holds what was cached; Anthropic's API counts it apart, and some libraries pass that on. */
function cachedTokens() {
  const input = at('gen_ai.usage.input_tokens');
  const total = at('gen_ai.usage.total_tokens');
  const apart = (where: string) => `set(span.cache["apart"], true) where ${where}`;
  return group(
    [is('gen_ai.usage.cache_read.input_tokens'), is('gen_ai.usage.cache_creation.input_tokens')],
    [
      'set(span.cache["cached"], 0)',
      ...['gen_ai.usage.cache_read.input_tokens', 'gen_ai.usage.cache_creation.input_tokens'].map(
        (part) => `set(span.cache["cached"], span.cache["cached"] + ${at(part)}) where ${is(part)}`,
      ),
      // Nobody can have read more from the cache than there was.
      apart(`span.cache["cached"] > ${input}`),
      apart(
        `span.cache["cached"] > 0 and ${total} == ${input} + ${at('gen_ai.usage.output_tokens')} + span.cache["cached"]`,
      ),
      // Known to count apart: up to 0.27, and up to 1.15. What tells them is removed below, so that no second pass adds again.
      apart(
        `scope.name == "@traceloop/instrumentation-anthropic" and IsMatch(scope.version, "^0\\\\.(1?[0-9]|2[0-7])\\\\.") and ${is('gen_ai.usage.total_tokens')}`,
      ),
      apart(
        `${at('telemetry.sdk.name')} == "openlit" and ${at('gen_ai.provider.name')} == "anthropic" and ${is('gen_ai.usage.cost')}`,
      ),
      `set(${input}, ${input} + span.cache["cached"]) where span.cache["apart"] == true`,
    ],
  );
}

/** The values behind canonical names: names of providers, lists, currency. */
function values() {
  const provider = at('gen_ai.provider.name');
  const reasons = at('gen_ai.response.finish_reasons');
  const amount = at('gen_ai.usage.cost.amount');
  // Canonical name → what else it is called, whatever the case; the AI SDK adds a suffix: `openai.responses`.
  const providers = {
    openai: 'openai([.].*)?',
    'azure.ai.openai':
      'az[.]ai[.]openai|azure|azure[._ -]?openai([.].*)?|azure[.](chat|completion|responses|embeddings?|image)',
    'azure.ai.inference': 'az[.]ai[.]inference',
    anthropic: 'anthropic([.].*)?',
    'aws.bedrock': '(aws|amazon)([._ -]?bedrock([.].*)?)?|bedrock([._-].*)?',
    'gcp.vertex_ai': '(google[._ -]?)?vertex([._ -]?ai)?([.].*)?',
    'gcp.gemini': 'google([._ -]?(generative|gen)[._ -]?ai([.].*)?)?|gemini([.].*)?|google[._ -]gemini',
    mistral_ai: 'mistral([._ -]?ai)?([.].*)?',
    x_ai: 'x[._ -]?ai([.].*)?',
    cohere: 'cohere([.].*)?',
    groq: 'groq([.].*)?',
    deepseek: 'deep[._ -]?seek([.].*)?',
    perplexity: 'perplexity([._ -]?ai)?([.].*)?',
    'ibm.watsonx.ai': '(ibm[._ -]?)?watsonx?([._ -]?ai)?',
  };
  return group(anyCall(), [
    ...Object.entries(providers).map(
      ([name, pattern]) => `set(${provider}, "${name}") where IsMatch(${provider}, "(?i)^(${pattern})$$")`,
    ),
    `set(${reasons}, ParseJSON(${reasons})) where IsString(${reasons}) and HasPrefix(${reasons}, "[")`,
    `set(${reasons}, [${reasons}]) where IsString(${reasons})`,
    `set(${amount}, Double(${amount})) where ${is('gen_ai.usage.cost.amount')} and not IsDouble(${amount})`,
    fill('gen_ai.usage.cost.currency', '"USD"', is('gen_ai.usage.cost.amount')),
    `delete_key(span.attributes, "gen_ai.usage.cost")`,
    `delete_key(span.attributes, "gen_ai.usage.total_tokens") where ${is('gen_ai.usage.input_tokens')}`,
  ]);
}

/** What a span of an AI call has at least one of, once the libraries' own names are translated. */
function anyCall(): string[] {
  return [
    'gen_ai.operation.name',
    'gen_ai.provider.name',
    'gen_ai.system',
    'gen_ai.request.model',
    'gen_ai.usage.input_tokens',
    'gen_ai.usage.prompt_tokens',
  ].map(is);
}
