import { createRequire, type LoadHookSync, type ResolveHookSync, register, registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';

type Hook = {
  applyOptions(options: { include: string[] }): void;
  resolveSync: ResolveHookSync;
  loadSync: LoadHookSync;
};
type CreateHook = { createHook(meta: { url: string }): Hook };

const require = createRequire(import.meta.url);

/**
 * Lets instrumentations see `import` as well as `require`, for the named modules only: wrapping every module of the app
 * costs start-up and has broken libraries. Call after everything of OpenTelemetry is loaded, or `http` is wrapped twice.
 */
export function hookImports(modules: readonly string[]): void {
  const include = [...new Set(modules)];
  if (include.length === 0) return;
  const { supportsSyncHooks } =
    require('import-in-the-middle/supports-sync-hooks.mjs') as typeof import('import-in-the-middle/register-hooks.mjs');
  if (supportsSyncHooks()) hookHere(include);
  else hookOnThread(include);
}

/** The synchronous hook of import-in-the-middle, loaded when a named module is first imported: a CommonJS app never pays. */
function hookHere(include: string[]): void {
  const wanted = new Set(include.flatMap((name) => [name, `node:${name}`]));
  let hook: Hook | undefined;

  registerHooks({
    resolve(specifier, context, nextResolve) {
      // What the program starts with is never wrapped. Upstream takes the builtins that `-e` asks for to be files, and fails.
      if (!context.parentURL) return nextResolve(specifier, context);
      if (!hook && wanted.has(specifier) && context.conditions.includes('import')) hook = load(include);
      return hook ? hook.resolveSync(specifier, context, nextResolve) : nextResolve(specifier, context);
    },
    load: (url, context, nextLoad) => (hook ? hook.loadSync(url, context, nextLoad) : nextLoad(url, context)),
  });
}

function load(include: string[]): Hook {
  const path = require.resolve('import-in-the-middle/register-hooks.mjs');
  const { createHook } = require('import-in-the-middle/create-hook.mjs') as CreateHook;
  const hook = createHook({ url: pathToFileURL(path).href });
  hook.applyOptions({ include });
  return hook;
}

/** For Node 22 before 22.22.3 and 24 before 24.11.1: the same hook, on a thread that Node starts for it. */
function hookOnThread(include: string[]): void {
  register('import-in-the-middle/hook.mjs', import.meta.url, { data: { include } });
}
