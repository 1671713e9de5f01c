/** Who answers at an address, in the words of the conventions, else as their own documentation is called. */
const byHost: readonly (readonly [host: RegExp, provider: string])[] = [
  [/\.openai\.azure\.com$|\.cognitiveservices\.azure\.com$/, 'azure.ai.openai'],
  [/\.services\.ai\.azure\.com$|\.models\.ai\.azure\.com$/, 'azure.ai.inference'],
  [/(^|\.)bedrock[\w-]*\..*\.(amazonaws\.(com|com\.cn|eu)|api\.aws)$/, 'aws.bedrock'],
  [/aiplatform\.googleapis\.com$/, 'gcp.vertex_ai'],
  [/(^|\.)generativelanguage\.googleapis\.com$/, 'gcp.gemini'],
  [/(^|\.)openrouter\.ai$/, 'openrouter'],
  [/(^|\.)groq\.com$/, 'groq'],
  [/(^|\.)mistral\.ai$/, 'mistral_ai'],
  [/(^|\.)deepseek\.com$/, 'deepseek'],
  [/(^|\.)x\.ai$/, 'x_ai'],
  [/(^|\.)together\.(xyz|ai)$/, 'together_ai'],
  [/(^|\.)perplexity\.ai$/, 'perplexity'],
  [/(^|\.)cohere\.(com|ai)$/, 'cohere'],
  [/(^|\.)fireworks\.ai$/, 'fireworks_ai'],
  [/(^|\.)cerebras\.ai$/, 'cerebras'],
  [/(^|\.)ml\.cloud\.ibm\.com$/, 'ibm.watsonx.ai'],
  [/(^|\.)anthropic\.com$/, 'anthropic'],
  [/(^|\.)openai\.com$/, 'openai'],
];

/** `gen_ai.provider.name` by the base URL of a client. `otherwise`: for an address that says nothing, such as a gateway. */
export function providerAt(baseUrl: unknown, otherwise: string): string {
  if (typeof baseUrl !== 'string' || !URL.canParse(baseUrl)) return otherwise;
  const { hostname } = new URL(baseUrl);
  return byHost.find(([host]) => host.test(hostname))?.[1] ?? otherwise;
}
