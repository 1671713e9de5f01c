/** Clears up after the test, and also when it is interrupted or killed: then nobody else would. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Step } from './undo.ts';

export interface Guard {
  /** To be called as soon as there is something to take back. */
  later(step: Step): void;
  /** Takes every step back, the last one first. @throws Error when one fails; its words are on the terminal. */
  end(): Promise<void>;
}

/** Starts the guard's process, in a session of its own: no Ctrl-C reaches it. Answers when it has the lock. */
export async function startGuard(lockFile: string): Promise<Guard> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'guard-process.ts'), lockFile], {
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit') as Promise<[number | null]>;
  const ready = once(createInterface(child.stdout), 'line');
  await Promise.race([ready, ended]);
  return {
    later: (step) => child.stdin.write(`${JSON.stringify(step)}\n`),
    end: async () => {
      child.stdin.end();
      const [code] = await ended;
      if (code !== 0) throw new Error(`Cannot clean up: the guard ended with ${code}. Its words are above.`);
    },
  };
}
