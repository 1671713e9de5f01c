/** Copies of what a running server goes on writing, made so that each is a state which the server could have been killed in. */
import { constants, createReadStream } from 'node:fs';
import { copyFile, mkdir, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { createGunzip } from 'node:zlib';
import { isData, isThere, refusedLink } from './sources.ts';

/** What was being copied has moved meanwhile: the whole capture is to begin anew. */
export class Moved extends Error {}

export interface StageOptions {
  /** Paths relative to the folder that are left out, with all below them. */
  readonly skip?: (path: string) => boolean;
  /**
   * Files that are written in one go, not appended to: each is copied when it has not changed for a second, and one that is packed must
   * unpack. Default: logs, whose last record may be cut off, which their readers bear.
   */
  readonly whole?: boolean;
}

/**
 * Copies the files of a folder in the order of their names: of a log's numbered segments only the last is still written to, so that what is
 * cut off is its end. @throws Moved where one that stood there at first is gone at last
 */
export async function stageFolder(from: string, to: string, { skip, whole }: StageOptions = {}): Promise<void> {
  if (!isThere(from)) return;
  const paths = await filesIn(from, skip);
  for (const path of paths) {
    const target = join(to, path);
    await mkdir(dirname(target), { recursive: true });
    await stageFile(join(from, path), target, whole ?? false);
  }
  const left = new Set(await filesIn(from, skip));
  const gone = paths.find((path) => !left.has(path));
  if (gone !== undefined) throw new Moved(`${join(from, gone)} went while the folder was copied`);
}

/** One file, within its owner's reach alone. @throws Moved */
export async function stageFile(from: string, to: string, whole: boolean): Promise<void> {
  await unlessGone(from, async () => {
    if (whole) await settled(from);
    const before = await stat(from);
    await copyFile(from, to, constants.COPYFILE_FICLONE);
    if (!whole) return;
    const after = await stat(from);
    if (after.size !== before.size || after.mtimeMs !== before.mtimeMs) throw new Moved(`${from} was written anew`);
    if (from.endsWith('.gz')) await unpack(to);
  });
}

/** Every file below a folder, relative to it, in the order of their names: of data alone. @throws Error where one is a link */
export async function filesIn(folder: string, skip: StageOptions['skip'] = () => false): Promise<string[]> {
  const found: string[] = [];
  const walk = async (path: string): Promise<void> => {
    const entries = await unlessGone(join(folder, path), () => readdir(join(folder, path), { withFileTypes: true }));
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const below = path === '' ? entry.name : `${path}/${entry.name}`;
      if (!isData(entry.name) || skip(below)) continue;
      if (entry.isSymbolicLink()) throw refusedLink(join(folder, below));
      if (entry.isDirectory()) await walk(below);
      else if (entry.isFile()) found.push(below);
    }
  };
  await walk('');
  return found;
}

const quietMs = 1_000;
const patienceMs = 30_000;

async function settled(path: string): Promise<void> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const age = Date.now() - (await stat(path)).mtimeMs;
    if (age >= quietMs) return;
    if (Date.now() > deadline) throw new Moved(`${path} is written to without end`);
    await delay(Math.max(50, quietMs - age));
  }
}

/** @throws Moved where it is not whole. */
async function unpack(path: string): Promise<void> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  try {
    await pipeline(createReadStream(path), createGunzip(), nowhere);
  } catch (cause) {
    throw new Moved(`${path} is not whole`, { cause });
  }
}

async function unlessGone<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new Moved(`${path} is gone`, { cause: error });
    throw error;
  }
}
