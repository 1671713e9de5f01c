import type { Instrumentation } from '@opentelemetry/instrumentation';
import { oneLine, type Reporter } from './reporter.ts';

type Patch = (moduleExports: unknown, version?: string) => unknown;

interface Patchable {
  name: string;
  patch?: Patch;
  unpatch?: Patch;
  files?: Patchable[];
}

/**
 * Puts a net under every patch of an instrumentation: upstream calls them bare, so a bug in one makes the host's own
 * `require` throw. With the net, the host gets the library as it is. Returns the names of the modules it patches.
 * `_modules` is private to instrumentation 0.300.0, pinned; a test with a patch that throws fails when it moves.
 */
export function guardPatches(instrumentation: Instrumentation, reporter: Reporter): string[] {
  const modules = (instrumentation as unknown as { _modules?: Patchable[] })._modules ?? [];
  const guard = (target: Patchable) => {
    for (const method of ['patch', 'unpatch'] as const) {
      const original = target[method];
      if (original) target[method] = guarded(original, target.name, instrumentation.instrumentationName, reporter);
    }
    target.files?.forEach(guard);
  };
  modules.forEach(guard);
  return modules.map(({ name }) => name);
}

function guarded(patch: Patch, module: string, instrumentation: string, reporter: Reporter): Patch {
  return function (this: unknown, moduleExports, version) {
    try {
      return patch.call(this, moduleExports, version);
    } catch (error) {
      const remedy = `The service runs on; leave it out with OTEL_NODE_DISABLED_INSTRUMENTATIONS.`;
      reporter.warn(`Left ${module} as it is: ${instrumentation} failed to patch it (${oneLine(error)}). ${remedy}`);
      return moduleExports;
    }
  };
}
