import { log } from '@fleetscope/instrumentation';
import { isCancelled } from '../counts.ts';
import type { Fleet } from '../fleet.ts';

/** What was done before that is like this. One can do without. */
export async function recall({ memory }: Fleet, subject: string): Promise<string[]> {
  const notes = await tolerate(memory.recall(subject), 'went on without what was done before');
  return (notes ?? []).map(({ text }) => text);
}

/** Keeps what was done, if that can be. */
export async function remember({ memory }: Fleet, author: string, text: string): Promise<void> {
  await tolerate(memory.remember(author, text), 'went on without a note of it');
}

async function tolerate<T>(access: Promise<T>, recoveryAction: string): Promise<T | undefined> {
  try {
    return await access;
  } catch (error) {
    if (isCancelled(error)) throw error;
    log.warn('The memory failed', { component: 'memory', error, recoveryAction });
    return undefined;
  }
}
