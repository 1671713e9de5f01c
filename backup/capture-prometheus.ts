/** Prometheus: blocks are never written again; what is not in a block yet is in its logs, which come first. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Capture } from './captured.ts';
import { isThere } from './sources.ts';
import { filesIn, Moved, stageFolder } from './stage.ts';

/**
 * The logs before the blocks: what a log has been shortened by is in a block by then. What stands in both is taken once when it starts
 * (`minValidTime`). The head's mapped chunks are left out: they are read to start faster, and the logs hold the same (tsdb/head.go).
 */
export const capturePrometheus: Capture = async ({ folder }, staged) => {
  for (const log of ['wal', 'wbl'])
    await stageFolder(join(folder, log), join(staged, log), { skip: (path) => path.endsWith('.tmp') });
  const blocks = await blocksOf(folder);
  const files: string[] = [];
  for (const block of blocks)
    files.push(...(await filesIn(join(folder, block))).map((path) => join(folder, block, path)));
  // Compaction puts one in the place of several: then the list is half old and half new.
  if ((await blocksOf(folder)).join() !== blocks.join()) throw new Moved('a block was written meanwhile');
  return { files, loose: [], without: [] };
};

/** A ULID is its name; one that is being made or removed has a suffix. */
async function blocksOf(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => /^[0-9A-Z]{26}$/.test(name));
  return names.filter((name) => isThere(join(folder, name)) && isThere(join(folder, name, 'meta.json'))).sort();
}
