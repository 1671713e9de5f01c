/** Tempo on local files: what it has not yet stored, then its blocks, so that whatever left the one is in the other. */
import { existsSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Capture } from './captured.ts';
import { isData, isThere } from './sources.ts';
import { filesIn, Moved, stageFile, stageFolder } from './stage.ts';

/**
 * What is not stored lies in `wal` (2.8) or in `live-store` (3.0), which is laid out alike: logs, and blocks that are done. Those that say
 * they were flushed are among the blocks already. A block counts from the moment its `meta.json` is there, and until that is renamed: its data stay for an hour longer
 * (`compacted_block_retention`). The metrics generator's folder stays out: Prometheus has what it sent; and what the scheduler of 3.0 notes of
 * its work: it looks for work anew.
 */
export const captureTempo: Capture = async ({ folder }, staged) => {
  const isStored = storedAlready(folder);
  await stageFolder(folder, staged, {
    whole: true,
    skip: (path) => leftOut.test(path) || isStored(path),
  });
  const stored = join(folder, 'blocks');
  const blocks = await blocksOf(stored);
  const files: string[] = [];
  for (const block of blocks) {
    const meta = join('blocks', block, 'meta.json');
    await mkdir(dirname(join(staged, meta)), { recursive: true });
    await stageFile(join(folder, meta), join(staged, meta), false);
    const data = await filesIn(join(stored, block), (path) => path.startsWith('meta.'));
    files.push(...data.map((path) => join(stored, block, path)));
  }
  if ((await blocksOf(stored)).join() !== blocks.join()) throw new Moved('a block was written meanwhile');
  return { files, loose: [], without: [] };
};

const leftOut = /^(blocks|generator|live-store\/shutdown-marker|shard_\d+\.json|batches\.pb)(\.tmp\..*)?$|\.tmp$/;

/** Asked once of each: it may be stored while its neighbours are copied. */
function storedAlready(folder: string): (path: string) => boolean {
  const known = new Map<string, boolean>();
  return (path) => {
    if (!/^(wal|live-store\/traces)\/blocks\/[^/]+\/[^/]+$/.test(path)) return false;
    const answer = known.get(path) ?? existsSync(join(folder, path, 'flushed'));
    known.set(path, answer);
    return answer;
  };
}

/** `<tenant>/<id>` of those that count. */
async function blocksOf(stored: string): Promise<string[]> {
  if (!isThere(stored)) return [];
  const found: string[] = [];
  for (const tenant of await foldersIn(stored))
    for (const id of await foldersIn(join(stored, tenant)))
      if (isThere(join(stored, tenant, id, 'meta.json'))) found.push(`${tenant}/${id}`);
  return found.sort();
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  // A link is asked for, and refused.
  return entries
    .filter((entry) => isData(entry.name) && !entry.isFile() && isThere(join(folder, entry.name)))
    .map(({ name }) => name);
}
