import { join, resolve } from 'node:path';

/** The folder of one stack's configuration, data, logs and state. Two checkouts, or two homes, are two stacks. */
export function homeFolder(env: NodeJS.ProcessEnv): string {
  return env.FLEETSCOPE_HOME ? resolve(env.FLEETSCOPE_HOME) : join(import.meta.dirname, '..', '.fleetscope');
}
