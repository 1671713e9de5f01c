/**
 * One job of one period: reads, keeps its rows, writes what follows from them. Killed between any two steps, it is due again, or its files are
 * written by the next look at them: either way they end up as if nothing had happened. (M01, M02, M03)
 */
import type { MemoryStore } from '../store/memory-store.ts';
import type { Due } from './due.ts';
import { allFiles, documentFolders, filesOf, folders, type MemoryFile } from './files.ts';
import type { Leader } from './leader.ts';
import { type MakeSources, make } from './make.ts';
import { type Disk, namesIn, removePartial, writeFile } from './write-file.ts';

type Of = Pick<Due, 'job' | 'period'>;

export interface JobGiven {
  readonly store: MemoryStore;
  readonly sources: MakeSources;
  readonly leader: Pick<Leader, 'hold' | 'whileHeld'>;
  /** The folder that memory is written to. */
  readonly root: string;
  readonly disk?: Disk;
}

/** @throws LostLease before it writes what another one writes by now; Error for what is tried again */
export async function keepRows({ store, sources, leader }: JobGiven, { job, period }: Of): Promise<void> {
  const batch = await leader.whileHeld(() => make(sources, job, period));
  await leader.hold();
  await store.keep(batch);
}

/** Those that its rows are in. @returns how many were not as they are now */
export async function writeFiles(given: JobGiven, { job, period }: Of): Promise<number> {
  return writeAll(given, await filesOf(given.store, job, period));
}

/** What a process left half written goes; what is not as its rows say is written anew. @returns how many were */
export async function writeDifferent(given: JobGiven): Promise<number> {
  await given.leader.hold();
  for (const folder of [...folders, ...documentFolders]) await removePartial(given.root, folder, given.disk);
  return writeAll(given, await allFiles(given.store));
}

/** What somebody has deleted comes back. @returns how many did */
export async function writeMissing(given: JobGiven): Promise<number> {
  const there = new Set<string>();
  for (const folder of folders)
    for (const name of await namesIn(given.root, folder, given.disk)) there.add(`${folder}/${name}`);
  const missing = (await allFiles(given.store)).filter(({ path }) => !there.has(path));
  return writeAll(given, missing);
}

async function writeAll(given: JobGiven, files: readonly MemoryFile[]): Promise<number> {
  let written = 0;
  for (const file of files) if (await write(given, file)) written += 1;
  return written;
}

async function write({ leader, root, disk }: JobGiven, { path, text }: MemoryFile): Promise<boolean> {
  const made = await text();
  if (made === undefined) return false;
  await leader.hold();
  try {
    return await writeFile(root, path, made, disk);
  } finally {
    await leader.hold().catch(async (lost) => {
      // Held up in between, it may have put what was so in the place of what is so by now.
      const now = await text();
      if (now !== undefined) await writeFile(root, path, now, disk);
      throw lost;
    });
  }
}
