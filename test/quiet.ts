import { vi } from 'vitest';
import { logger } from '../examples/fleet/logger.ts';

/** Keeps the fleet's lines out of a test's output, until what it answers is called: other files of the same worker share its logger. */
export function quiet(): () => void {
  const { level } = logger;
  logger.level = 'silent';
  const info = vi.spyOn(console, 'info').mockImplementation(() => undefined);
  return () => {
    logger.level = level;
    info.mockRestore();
  };
}
