import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Whether the stack of this home is in containers. Without the schema of state.ts: to load it takes as long as a command of the ledger. */
export function isOnDocker(home: string): boolean {
  try {
    return JSON.parse(readFileSync(join(home, 'state.json'), 'utf8')).engine === 'docker';
  } catch {
    // Nothing ever ran here, or what did is for state.ts to complain about.
    return false;
  }
}
