import { createRequire } from 'node:module';
import { isPackageManager } from './app.ts';
import { readConfig } from './config.ts';
import { Reporter } from './reporter.ts';

/** Decides whether this process is to be instrumented, and only then loads the SDK. */
export function boot(): void {
  // NODE_OPTIONS reaches package managers too.
  if (isPackageManager(process.argv[1])) return;
  const { config, warnings } = readConfig(process.env);
  if (config.disabled) return;
  const reporter = new Reporter(config.logLevel);
  for (const warning of warnings) reporter.warn(warning);
  const { start } = createRequire(import.meta.url)('./start.js') as typeof import('./start.ts');
  start(config, reporter);
}
