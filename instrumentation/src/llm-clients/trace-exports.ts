import type { Library } from './model-request.ts';
import { leaveOutOwnSpans } from './own-spans.ts';
import { traceClient } from './trace-client.ts';

/** Exports of which the client class, or one of its ancestors, has the method that sends. */
const classes: Record<Library, string[]> = {
  openai: ['OpenAI', 'AzureOpenAI', 'default'],
  anthropic: ['BaseAnthropic', 'Anthropic', 'default'],
};

/** Traces the client class among the exports of a library, which stay as they are. Once: a second time changes nothing. */
export function traceExports(library: Library, exports: unknown): void {
  const named = classes[library].map((name) => (exports as Record<string, unknown>)[name]);
  for (const maker of [exports, ...named]) {
    const prototype = ownerOf((maker as { prototype?: object } | undefined)?.prototype);
    if (!prototype) continue;
    if (library === 'anthropic') leaveOutOwnSpans(prototype);
    traceClient(library, prototype);
  }
}

/** The prototype that has the method itself. */
function ownerOf(prototype: object | undefined): object | undefined {
  for (let at: object | null | undefined = prototype; at; at = Object.getPrototypeOf(at)) {
    if (Object.hasOwn(at, 'makeRequest')) return at;
  }
  return undefined;
}
