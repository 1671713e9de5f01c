import { createRequire } from 'node:module';
import type { InstrumentationModuleDefinition } from '@opentelemetry/instrumentation';
import { scopeName, scopeVersion } from '../fleet/scope-name.ts';
import type { Library } from './model-request.ts';

const require = createRequire(import.meta.url);
const { InstrumentationBase, InstrumentationNodeModuleDefinition, InstrumentationNodeModuleFile } =
  require('@opentelemetry/instrumentation') as typeof import('@opentelemetry/instrumentation');

interface Known {
  package: string;
  versions: string[];
  /** What else is imported by name and leads to the client: `@anthropic-ai/bedrock-sdk` asks for `client` alone. */
  paths: string[];
}

const known: Record<Library, Known> = {
  openai: { package: 'openai', versions: ['>=4'], paths: ['client', 'azure', 'bedrock'] },
  anthropic: { package: '@anthropic-ai/sdk', versions: ['>=0.20'], paths: ['client'] },
};

/**
 * Finds the client class of a library when something loads it, by `import` or `require`, and only then loads what traces
 * it. The exports are handed back as they are. Only modules imported by name are hooked: wrapping the files inside, as a
 * loader for all modules does, freezes exports that `openai` 4 fills in later and breaks it (elastic-otel-node #692).
 */
export class LlmClientInstrumentation extends InstrumentationBase {
  constructor(library: Library) {
    super(`${scopeName}/${library}`, scopeVersion, { library } as object);
  }

  override init(): InstrumentationModuleDefinition[] {
    const { library } = this.getConfig() as unknown as { library: Library };
    const { package: name, versions, paths } = known[library];
    const patch = (exports: unknown) => {
      const { traceExports } = require('./trace-exports.js') as typeof import('./trace-exports.ts');
      traceExports(library, exports);
      return exports;
    };
    // By its own files, a package is required; by `import`, only what is asked for by name is seen.
    const files = paths.map(
      (path) => new InstrumentationNodeModuleFile(`${name}/${path}.js`, versions, patch, () => {}),
    );
    return [
      new InstrumentationNodeModuleDefinition(name, versions, patch, undefined, files),
      ...paths.map((path) => new InstrumentationNodeModuleDefinition(`${name}/${path}`, versions, patch)),
    ];
  }
}
