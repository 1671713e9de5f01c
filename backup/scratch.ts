/** A folder of its own for each run: two that overlap share nothing, and nobody can have put something there before. */
import { lstat, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

const prefix = 'fleetscope-backup-run-';

/** A run is not that long: what is older was left by one that was killed. */
const staleMs = 2 * 86_400_000;

/** Within its owner's reach alone. The caller removes it. */
export async function scratchFolder(below: string, now = Date.now()): Promise<string> {
  await mkdir(below, { recursive: true });
  for (const name of await readdir(below)) if (name.startsWith(prefix)) await removeStale(join(below, name), now);
  return mkdtemp(join(below, prefix));
}

/** Only a folder of this user's. */
async function removeStale(path: string, now: number): Promise<void> {
  const entry = await lstat(path).catch(() => undefined);
  if (!entry?.isDirectory() || entry.uid !== process.getuid?.() || now - entry.mtimeMs < staleMs) return;
  await rm(path, { recursive: true, force: true });
}
