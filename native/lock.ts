import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';

/** Held until `release`, or until the process ends in whatever way. */
export interface Lock {
  release(): void;
}

/**
 * Takes an exclusive lock on a file, or answers undefined when another process has it. SQLite's own file lock: the
 * operating system lets go of it when its holder dies, so that no SIGKILL leaves a stale lock behind.
 */
export function tryLock(path: string): Lock | undefined {
  mkdirSync(dirname(path), { recursive: true });
  const database = new DatabaseSync(path);
  try {
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (isBusy(error)) return undefined;
    throw new Error(
      `Cannot lock ${path}: ${(error as Error).message}. Check the folder's permissions and free space.`,
      {
        cause: error,
      },
    );
  }
  return { release: () => database.close() };
}

/** Waits for the lock; `onWait` is called once if another process has it. */
export async function lock(path: string, onWait: () => void, signal?: AbortSignal): Promise<Lock> {
  for (let waited = false; ; waited = true) {
    const held = tryLock(path);
    if (held) return held;
    if (!waited) onWait();
    await delay(250, undefined, signal ? { signal } : {});
  }
}

function isBusy(error: unknown): boolean {
  const code = (error as { errcode?: number }).errcode;
  return code === 5 || code === 6; // SQLITE_BUSY, SQLITE_LOCKED
}
