import { createRequire } from 'node:module';
import { isMainThread } from 'node:worker_threads';
import { isPackageManager } from './app.ts';
import { readConfig } from './config.ts';
import { Reporter } from './reporter.ts';

/**
 * Decides whether this process is to be instrumented, and only then loads the SDK.
 * Returns what `--import` has to wait for, if anything; it never rejects.
 */
export function boot(): Promise<void> | undefined {
  // Preloads reach worker threads and, by NODE_OPTIONS, package managers too. Neither is a service.
  if (!isMainThread || isPackageManager(process.argv[1])) return undefined;
  const { config, warnings } = readConfig(process.env);
  if (config.disabled) return undefined;
  const reporter = new Reporter();
  for (const warning of config.logLevel === 'none' ? [] : warnings) reporter.warn(warning);
  const { start } = createRequire(import.meta.url)('./start.js') as typeof import('./start.ts');
  return start(config, reporter);
}
