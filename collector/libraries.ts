/** How each library names things, as statements that leave the canonical names of conventions.ts. */
import { at, fill, first, forget, group, int, is, operation, operations } from './statements.ts';

/** @arizeai/openinference-*: counts include what was cached, in every version that names the cached part. */
export function openInference() {
  const kind = 'openinference.span.kind';
  return group(
    [is(kind)],
    [
      // The kind LLM is also that of the old completions endpoint, whose prompts have no roles.
      operation('text_completion', `${at(kind)} == "LLM" and ${is('llm.prompts.0.prompt.text')}`),
      ...operations(kind, {
        LLM: 'chat',
        EMBEDDING: 'embeddings',
        AGENT: 'invoke_agent',
        TOOL: 'execute_tool',
        RETRIEVER: 'retrieval',
      }),
      // llm.model_name is the model asked for, until the answer names another.
      `set(span.cache["asked"], ParseJSON(${at('llm.invocation_parameters')})["model"]) where ${is('llm.invocation_parameters')}`,
      `set(span.cache["asked"], ${at('llm.request.model_name')}) where ${is('llm.request.model_name')}`,
      fill('gen_ai.request.model', 'span.cache["asked"]'),
      fill('gen_ai.request.model', first('llm.model_name', 'embedding.model_name', 'reranker.model_name')),
      fill('gen_ai.response.model', at('llm.response.model_name')),
      fill('gen_ai.response.model', at('llm.model_name'), `${at('llm.model_name')} != ${at('gen_ai.request.model')}`),
      fill('gen_ai.provider.name', at('llm.system'), `${at('llm.system')} == "vertexai"`),
      fill('gen_ai.provider.name', first('llm.provider', 'llm.system')),
      fill('gen_ai.usage.input_tokens', int('llm.token_count.prompt')),
      fill('gen_ai.usage.output_tokens', int('llm.token_count.completion')),
      fill('gen_ai.usage.total_tokens', int('llm.token_count.total')),
      fill(
        'gen_ai.usage.cache_read.input_tokens',
        int('llm.token_count.prompt_details.cache_read', 'llm.token_count.prompt_details.cache_input'),
      ),
      fill('gen_ai.usage.cache_creation.input_tokens', int('llm.token_count.prompt_details.cache_write')),
      fill('gen_ai.usage.reasoning.output_tokens', int('llm.token_count.completion_details.reasoning')),
      fill('gen_ai.usage.cost.amount', at('llm.cost.total')),
      fill('gen_ai.response.finish_reasons', at('llm.finish_reason')),
      fill('gen_ai.conversation.id', at('session.id')),
      fill('gen_ai.agent.name', at('agent.name'), `${at(kind)} == "AGENT"`),
      fill('gen_ai.tool.name', at('tool.name'), `${at(kind)} == "TOOL"`),
      fill('gen_ai.tool.call.id', first('tool_call.id', 'tool.id'), `${at(kind)} == "TOOL"`),
      forget(
        'llm.model_name',
        'llm.request.model_name',
        'llm.response.model_name',
        'embedding.model_name',
        'reranker.model_name',
        'llm.provider',
        'llm.system',
        'llm.token_count.prompt',
        'llm.token_count.completion',
        'llm.token_count.total',
        'llm.token_count.prompt_details.cache_read',
        'llm.token_count.prompt_details.cache_input',
        'llm.token_count.prompt_details.cache_write',
        'llm.token_count.completion_details.reasoning',
        'llm.cost.total',
        'llm.finish_reason',
        'tool.name',
        'tool.id',
        'tool_call.id',
      ),
    ],
  );
}

/** `ai` 5 and 6, and the LegacyOpenTelemetry of @ai-sdk/otel. Version 7's own spans are canonical but for one name. */
export function vercelAi() {
  const call = 'IsMatch(span.attributes["ai.operationId"], "\\\\.do[A-Z]")';
  const metadata = 'ai.response.providerMetadata';
  return group(
    [is('ai.operationId')],
    [
      // ai.embed gets no operation: the call and its count are on ai.embed.doEmbed, below it.
      operation(
        'invoke_agent',
        'IsMatch(span.attributes["ai.operationId"], "^ai\\\\.(generate|stream)(Text|Object)$$")',
      ),
      operation('chat', 'IsMatch(span.attributes["ai.operationId"], "^ai\\\\.(generate|stream)(Text|Object)\\\\.do")'),
      operation('embeddings', 'IsMatch(span.attributes["ai.operationId"], "^ai\\\\.embed(Many)?\\\\.do")'),
      ...operations('ai.operationId', { 'ai.toolCall': 'execute_tool' }),
      fill('gen_ai.request.model', at('ai.model.id')),
      fill('gen_ai.provider.name', at('ai.model.provider')),
      fill('gen_ai.response.model', at('ai.response.model')),
      fill('gen_ai.response.id', at('ai.response.id')),
      fill('gen_ai.response.finish_reasons', at('ai.response.finishReason')),
      fill(
        'gen_ai.response.time_to_first_chunk',
        `Double(${at('ai.response.msToFirstChunk')}) / 1000.0`,
        is('ai.response.msToFirstChunk'),
      ),
      fill('gen_ai.agent.name', at('ai.telemetry.functionId'), `${at('gen_ai.operation.name')} == "invoke_agent"`),
      fill('gen_ai.tool.name', at('ai.toolCall.name')),
      fill('gen_ai.tool.call.id', at('ai.toolCall.id')),
      fill('gen_ai.tool.type', '"function"', is('ai.toolCall.name')),
      // The spans around the calls repeat the last call's usage or the sum, by version; only 6 says that it is the sum.
      `set(span.cache["counts"], true) where ${call} or ${is('ai.usage.inputTokenDetails.noCacheTokens')}`,
      ...[
        fill('gen_ai.usage.input_tokens', int('ai.usage.inputTokens', 'ai.usage.promptTokens', 'ai.usage.tokens')),
        fill('gen_ai.usage.output_tokens', int('ai.usage.outputTokens', 'ai.usage.completionTokens')),
        fill('gen_ai.usage.total_tokens', int('ai.usage.totalTokens')),
        fill(
          'gen_ai.usage.cache_read.input_tokens',
          int('ai.usage.inputTokenDetails.cacheReadTokens', 'ai.usage.cachedInputTokens'),
        ),
        fill('gen_ai.usage.cache_creation.input_tokens', int('ai.usage.inputTokenDetails.cacheWriteTokens')),
        fill(
          'gen_ai.usage.reasoning.output_tokens',
          int('ai.usage.outputTokenDetails.reasoningTokens', 'ai.usage.reasoningTokens'),
        ),
      ].map((statement) => `${statement} and span.cache["counts"] == true`),
      // Version 5 passes Anthropic's input on as it is, without what was cached; the answer's own counts stand beside it.
      `set(span.cache["anthropic"], ParseJSON(${at(metadata)})["anthropic"]["usage"]) where ${call} and ${is(metadata)}`,
      fill('gen_ai.usage.cache_read.input_tokens', 'Int(span.cache["anthropic"]["cache_read_input_tokens"])'),
      fill('gen_ai.usage.cache_creation.input_tokens', 'Int(span.cache["anthropic"]["cache_creation_input_tokens"])'),
      `set(span.cache["alone"], true) where Int(span.cache["anthropic"]["input_tokens"]) == ${at('gen_ai.usage.input_tokens')}`,
      ...['cache_read', 'cache_creation'].map(
        (part) =>
          `set(${at('gen_ai.usage.input_tokens')}, ${at('gen_ai.usage.input_tokens')} + Int(span.cache["anthropic"]["${part}_input_tokens"])) where span.cache["alone"] == true`,
      ),
      forget(
        'ai.model.id',
        'ai.model.provider',
        'ai.response.model',
        'ai.response.id',
        'ai.response.finishReason',
        'ai.response.msToFirstChunk',
        'ai.toolCall.name',
        'ai.toolCall.id',
        'ai.usage.*',
        metadata,
      ),
    ],
  );
}

/** @langfuse/*: observations; a usage type never holds another, so that all that begin with input are the input. */
export function langfuse() {
  const kind = 'langfuse.observation.type';
  const usage = (...keys: string[]) => keys.map((key) => `span.cache["usage"]["${key}"]`).join(' + ');
  const inputs = ['input', 'input_audio', 'input_audio_tokens'];
  const reads = ['input_cached_tokens', 'input_cache_read', 'cache_read_input_tokens'];
  const creations = ['input_cache_creation', 'cache_creation_input_tokens'];
  const reasonings = ['output_reasoning', 'output_reasoning_tokens'];
  const outputs = [
    'output',
    'output_audio',
    'output_audio_tokens',
    'output_accepted_prediction_tokens',
    'output_rejected_prediction_tokens',
  ];
  const zeros = Object.fromEntries(
    [...inputs, ...reads, ...creations, ...outputs, ...reasonings].map((key) => [key, 0]),
  );
  const sum = (key: string, keys: string[], where: string) => fill(key, `Int(${usage(...keys)})`, where);
  return group(
    [is(kind)],
    [
      // The wrapper of the openai package calls every call a generation.
      operation('embeddings', `${at(kind)} == "generation" and IsMatch(span.name, "^(Azure)?OpenAI\\\\.embeddings$$")`),
      ...operations(kind, {
        generation: 'chat',
        embedding: 'embeddings',
        agent: 'invoke_agent',
        tool: 'execute_tool',
        retriever: 'retrieval',
      }),
      fill('gen_ai.provider.name', '"azure.ai.openai"', 'IsMatch(span.name, "^AzureOpenAI\\\\.")'),
      fill('gen_ai.provider.name', '"openai"', 'IsMatch(span.name, "^OpenAI\\\\.")'),
      fill('gen_ai.request.model', at('langfuse.observation.model.name')),
      fill('gen_ai.agent.name', 'span.name', `${at(kind)} == "agent"`),
      fill('gen_ai.tool.name', 'span.name', `${at(kind)} == "tool"`),
      fill('gen_ai.conversation.id', first('session.id', 'langfuse.session.id')),
      fill(
        'gen_ai.response.time_to_first_chunk',
        'Seconds(Time(Trim(span.attributes["langfuse.observation.completion_start_time"], "\\""), "%Y-%m-%dT%H:%M:%S.%LZ") - span.start_time)',
        is('langfuse.observation.completion_start_time'),
      ),
      `set(span.cache["told"], ParseJSON(${at('langfuse.observation.usage_details')})) where ${is('langfuse.observation.usage_details')}`,
      `set(span.cache["usage"], ParseJSON("${JSON.stringify(zeros).replaceAll('"', '\\"')}")) where span.cache["told"] != nil`,
      'merge_maps(span.cache["usage"], span.cache["told"], "upsert") where span.cache["told"] != nil',
      // Counts given by hand may include what was cached: then input and output alone are the total.
      fill(
        'gen_ai.usage.input_tokens',
        'Int(span.cache["told"]["input"])',
        'span.cache["told"]["total"] == span.cache["told"]["input"] + span.cache["told"]["output"]',
      ),
      fill(
        'gen_ai.usage.output_tokens',
        'Int(span.cache["told"]["output"])',
        'span.cache["told"]["total"] == span.cache["told"]["input"] + span.cache["told"]["output"]',
      ),
      sum('gen_ai.usage.input_tokens', [...inputs, ...reads, ...creations], 'span.cache["told"]["input"] != nil'),
      sum('gen_ai.usage.output_tokens', [...outputs, ...reasonings], 'span.cache["told"]["output"] != nil'),
      sum('gen_ai.usage.cache_read.input_tokens', reads, `${usage(...reads)} > 0`),
      sum('gen_ai.usage.cache_creation.input_tokens', creations, `${usage(...creations)} > 0`),
      sum('gen_ai.usage.reasoning.output_tokens', reasonings, `${usage(...reasonings)} > 0`),
      fill(
        'gen_ai.usage.cost.amount',
        `ParseJSON(${at('langfuse.observation.cost_details')})["total"]`,
        is('langfuse.observation.cost_details'),
      ),
      forget('langfuse.observation.model.name', 'langfuse.observation.completion_start_time', 'langfuse.session.id'),
    ],
  );
}

/** @traceloop/*: workflows and agents by decorators; its spans of calls carry gen_ai names of some version. */
export function openLlmetry() {
  const kind = 'traceloop.span.kind';
  const entity = at('traceloop.entity.name');
  return group(
    [is(kind), is('traceloop.workflow.name'), is('llm.request.type')],
    [
      ...operations(kind, { workflow: 'invoke_workflow', agent: 'invoke_agent', tool: 'execute_tool' }),
      ...operations('llm.request.type', { chat: 'chat', completion: 'text_completion', embedding: 'embeddings' }),
      fill('gen_ai.agent.name', entity, `${at(kind)} == "agent"`),
      // Below an agent the workflow's name is that of the agent.
      fill(
        'gen_ai.workflow.name',
        at('traceloop.workflow.name'),
        `${at('traceloop.workflow.name')} != ${at('gen_ai.agent.name')}`,
      ),
      fill('gen_ai.workflow.name', entity, `${at(kind)} == "workflow"`),
      fill('gen_ai.tool.name', entity, `${at(kind)} == "tool"`),
      fill('gen_ai.conversation.id', at('traceloop.association.properties.session_id')),
      forget('traceloop.workflow.name', 'llm.request.type'),
      // A task has no counterpart: it keeps its name.
      `delete_key(span.attributes, "traceloop.entity.name") where IsMatch(${at(kind)}, "^(workflow|agent|tool)$$")`,
    ],
  );
}
