import { createRequire, register } from 'node:module';

const require = createRequire(import.meta.url);

/**
 * Lets instrumentations see `import` as well as `require`, for the named modules only: wrapping every module of the app
 * costs start-up and has broken libraries. Call after everything of OpenTelemetry is loaded, or `http` is wrapped twice.
 * Returns what `--import` has to wait for, where this Node hooks imports on a thread of its own.
 */
export function hookImports(modules: readonly string[]): Promise<void> | undefined {
  if (modules.length === 0) return undefined;
  const include = [...new Set(modules)];
  const hooks =
    require('import-in-the-middle/register-hooks.mjs') as typeof import('import-in-the-middle/register-hooks.mjs');
  if (hooks.supportsSyncHooks()) {
    hooks.register({ include });
    return undefined;
  }
  // Node 22 before 22.22.3 and 24 before 24.11.1.
  const inTheMiddle = require('import-in-the-middle') as typeof import('import-in-the-middle');
  const { addHookMessagePort, waitForAllMessagesAcknowledged } = inTheMiddle.createAddHookMessageChannel();
  register('import-in-the-middle/hook.mjs', import.meta.url, {
    data: { addHookMessagePort, include },
    transferList: [addHookMessagePort],
  });
  return waitForAllMessagesAcknowledged();
}
