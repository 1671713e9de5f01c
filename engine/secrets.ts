import { randomBytes } from 'node:crypto';
import { chmodSync, linkSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Secret, secrets } from '../place.ts';

const bytes = 32;

/**
 * Makes what is missing of a home's secrets. What is there stays: links and tokens that were given out go on working.
 * @throws Error when somebody else may read one.
 */
export function needSecrets(home: string): void {
  const folder = join(home, 'secrets');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  for (const name of Object.keys(secrets) as Secret[]) {
    const path = join(folder, name);
    make(path);
    const mode = statSync(path).mode & 0o777;
    if (mode & 0o077)
      throw new Error(
        `Cannot use ${path}: others may read it (mode ${mode.toString(8)}). Remove it, the next start makes another, or run chmod 600.`,
      );
  }
}

/** Whole or not at all, and never over one that is there: two starts at once agree. */
function make(path: string): void {
  const whole = `${path}.${process.pid}`;
  try {
    if (statSync(path, { throwIfNoEntry: false })?.size) return;
    rmSync(path, { force: true });
    writeFileSync(whole, `${randomBytes(bytes).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
    linkSync(whole, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(whole, { force: true });
  }
}
