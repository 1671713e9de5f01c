import { pattern } from './statements.ts';

/** What people and models wrote, under the names of the convention and those ahead of it. `*` is anything, `#` a number. */
const conventionNames = [
  'gen_ai.agent.action.log',
  'gen_ai.agent.action.tool_input',
  'gen_ai.agent.finish.*',
  'gen_ai.completion',
  'gen_ai.completion.#.*',
  'gen_ai.content.*',
  'gen_ai.event.content',
  'gen_ai.guardrail.input',
  'gen_ai.guardrail.output',
  'gen_ai.input.messages',
  'gen_ai.output.messages',
  'gen_ai.prompt', // gen_ai.prompt.name is the name of a template.
  'gen_ai.prompt.#.*',
  'gen_ai.request.messages',
  'gen_ai.request.prompt',
  'gen_ai.response.object',
  'gen_ai.response.text',
  'gen_ai.response.tool_calls',
  'gen_ai.retrieval.documents',
  'gen_ai.retrieval.query',
  'gen_ai.retrieval.query.text',
  'gen_ai.system_instructions',
  'gen_ai.task.input',
  'gen_ai.task.output',
  'gen_ai.tool.args',
  'gen_ai.tool.call.arguments',
  'gen_ai.tool.call.result',
  'gen_ai.tool.definition',
  'gen_ai.tool.definitions',
  'gen_ai.tool.input',
  'gen_ai.tool.output',
];

/** The same under the names of libraries. */
const libraryNames = [
  'ai.documents',
  'ai.embedding',
  'ai.embeddings',
  'ai.prompt',
  'ai.prompt.*',
  'ai.response.files',
  'ai.response.object',
  'ai.response.providerMetadata',
  'ai.response.reasoning',
  'ai.response.text',
  'ai.response.toolCalls',
  'ai.schema',
  'ai.schema.*',
  'ai.toolCall.args',
  'ai.toolCall.input',
  'ai.toolCall.output',
  'ai.toolCall.result',
  'ai.value',
  'ai.values',
  'embedding.embeddings.*',
  'embedding.text',
  'embedding.vector',
  'input.mime_type',
  'input.value',
  'langfuse.experiment.item.expected_output',
  'langfuse.observation.input',
  'langfuse.observation.metadata.instructions',
  'langfuse.observation.metadata.tools',
  'langfuse.observation.output',
  'langfuse.trace.input',
  'langfuse.trace.output',
  'llm.choices.*',
  'llm.completions',
  'llm.completions.*',
  'llm.content.completion.chunk',
  'llm.function_call',
  'llm.input_messages',
  'llm.input_messages.*',
  'llm.invocation_parameters', // Anthropic's hold the system prompt.
  'llm.output_messages',
  'llm.output_messages.*',
  'llm.prompt_template.template',
  'llm.prompt_template.variables',
  'llm.prompts',
  'llm.prompts.*',
  'llm.request.functions.*',
  'llm.tools',
  'llm.tools.*',
  'mcp.request.argument',
  'mcp.response.value',
  'output.mime_type',
  'output.value',
  'pydantic_ai.all_messages',
  'reranker.input_documents.*',
  'reranker.output_documents.*',
  'reranker.query',
  'retrieval.documents.*',
  'tool.json_schema',
  'tool.parameters',
  'tool_call.function.arguments',
  'traceloop.entity.input',
  'traceloop.entity.output',
  'traceloop.prompt.template',
  'traceloop.prompt.template_variables',
];

/** Events that are messages: they name their parts as they like, so of these only what is known to be a fact stays. */
const messages = pattern([
  'gen_ai.assistant.message',
  'gen_ai.choice',
  'gen_ai.client.inference.operation.details',
  'gen_ai.content.*',
  'gen_ai.system.message',
  'gen_ai.tool.message',
  'gen_ai.tools.message',
  'gen_ai.user.message',
]);
const facts = pattern(['error.*', 'event.name', 'finish_reason', 'gen_ai.*', 'index', 'role', 'server.*']);

/** True unless the Collector's environment has FLEETSCOPE_CONTENT=keep. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: the Collector expands it, not we.
const off = '"${env:FLEETSCOPE_CONTENT:-drop}" != "keep"';

/**
 * Removes content from spans, their events and log records, because most libraries record it unless told otherwise.
 * FLEETSCOPE_CONTENT=keep switches that off, for all senders. (I07)
 */
export const content = {
  error_mode: 'silent',
  trace_statements: [
    { context: 'span', conditions: [off], statements: removal('span') },
    {
      context: 'spanevent',
      conditions: [off],
      statements: [
        ...removal('spanevent'),
        `keep_matching_keys(spanevent.attributes, ${facts}) where IsMatch(spanevent.name, ${messages})`,
      ],
    },
  ],
  log_statements: [
    {
      context: 'log',
      conditions: [off],
      statements: [
        ...removal('log'),
        ...['log.event_name', 'log.attributes["event.name"]'].flatMap((name) => [
          `keep_matching_keys(log.attributes, ${facts}) where IsMatch(${name}, ${messages})`,
          `set(log.body, ${name}) where IsMatch(${name}, ${messages})`,
        ]),
      ],
    },
  ],
};

/** On every span, for content need not come with a sign of an AI call. Two patterns: one would be too long to be fast. */
export function removal(context: 'span' | 'spanevent' | 'log'): string[] {
  return [conventionNames, libraryNames].map(
    (names) => `delete_matching_keys(${context}.attributes, ${pattern(names)})`,
  );
}
