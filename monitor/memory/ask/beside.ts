/** Where memory is: beside the ledger it remembers. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { storeUrl } from '../../../service/store-url.ts';
import { oneLine } from '../../words.ts';
import type { MemoryStore } from '../store/memory-store.ts';
import { openMemory } from '../store/open.ts';

/** `memory.db` in the folder of the ledger; of a MongoDB, the same database. */
export function memoryBeside(ledger: string): string {
  const found = storeUrl(ledger, 'the ledger');
  return found.kind === 'mongodb' ? ledger : join(dirname(found.file), 'memory.db');
}

/** Whether there may be one: a database is not asked. */
export function isThere(memory: string): boolean {
  const found = storeUrl(memory, 'the memory');
  return found.kind === 'mongodb' || existsSync(found.file);
}

/** A question makes no database. @throws Error that says how one comes to be. */
export async function openForReading(memory: string, notice: (line: string) => void): Promise<MemoryStore> {
  const found = storeUrl(memory, 'the memory');
  if (found.kind === 'sqlite' && !isThere(memory))
    throw new Error(
      `Cannot open the memory: there is none at ${oneLine(found.file)}. One comes to be by "npm run up", each night, or at once by "npm run memory -- snapshot --date <day>"; or name another: npm run memory -- ask cost --db <file>.`,
    );
  return openMemory(memory, { notice, ifDamaged: 'leave' });
}
