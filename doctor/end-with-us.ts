import type { ChildProcess } from 'node:child_process';
import { constants } from 'node:os';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Programs that would outlive us: whichever way this process ends, they end as well; by a signal with its exit code (130, 143, 129).
 * @returns what lets go of both.
 */
export function endWithUs(programs: readonly ChildProcess[]): () => void {
  const stop = () => {
    for (const one of programs) one.kill();
  };
  const end = (signal: NodeJS.Signals) => process.exit(128 + constants.signals[signal]);
  process.on('exit', stop);
  for (const signal of signals) process.on(signal, end);
  return () => {
    process.off('exit', stop);
    for (const signal of signals) process.off(signal, end);
  };
}
