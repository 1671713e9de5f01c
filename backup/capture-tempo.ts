/** Tempo on local files: what it has not yet stored, then its blocks, so that whatever left the one is in the other. */
import { mkdir, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Capture } from './captured.ts';
import { isData, isThere } from './sources.ts';
import { filesIn, Moved, stageFile, stageFolder } from './stage.ts';

/**
 * A block counts from the moment its `meta.json` is there, and until that is renamed: its data stay for an hour longer
 * (`compacted_block_retention`). The metrics generator's folder stays out: Prometheus has what it sent.
 */
export const captureTempo: Capture = async ({ folder }, staged) => {
  await stageFolder(folder, staged, {
    whole: true,
    skip: (path) => path === 'blocks' || path === 'generator' || path.endsWith('.tmp'),
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
