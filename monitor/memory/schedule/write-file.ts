/** A file that is there when it is whole, also when the power goes: written beside it, moved into its place, and both told to the disk. */
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import * as fs from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** What is asked of the file system; in tests one that dies. */
export type Disk = Pick<
  typeof fs,
  'open' | 'readFile' | 'rename' | 'mkdir' | 'readdir' | 'rm' | 'stat' | 'lstat' | 'chmod'
>;

/** Readable by all, as what Git keeps: the service makes other files its own alone. */
const readable = 0o444;
const open = 0o555;
/** Written by whoever may write in the folder that they are in: people do as well. */
const shared = 0o020;
const sharedFolder = 0o2020;

const partial = /^\..+\.partial-[0-9a-f]{8}$/;

/**
 * Writes what differs.
 * @param path below `root`. Nothing between the two may be a link: whoever can write in a repository would have files of ours read, and written, outside
 * of it. The root itself may be one. @returns whether it did.
 */
export async function writeFile(root: string, path: string, text: string, disk: Disk = fs): Promise<boolean> {
  try {
    // No file can hold half of a character: it would differ from its text for ever.
    const whole = text.toWellFormed();
    if ((await textOf(root, path, disk)) === whole) return false;
    await replace(join(root, path), whole, disk);
    return true;
  } catch (cause) {
    if (cause instanceof LinkError) throw cause;
    throw new Error(
      `Cannot write ${join(root, path)}: ${(cause as NodeJS.ErrnoException).code ?? (cause as Error).message}. Free space, or let this user write there.`,
      { cause },
    );
  }
}

/** Of a file below the root, which no link leads to. Undefined: there is none. */
export async function textOf(
  root: string,
  path: string,
  disk: Pick<Disk, 'readFile' | 'lstat'> = fs,
): Promise<string | undefined> {
  await refuseLinks(root, path, 'file', disk);
  try {
    return await disk.readFile(join(root, path), { encoding: 'utf8', flag: readingNoLink });
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Removes what was left half written in a folder by a process that was killed. Nobody else may be writing there. */
export async function removePartial(root: string, folder: string, disk: Disk = fs): Promise<void> {
  for (const name of await namesIn(root, folder, disk))
    if (partial.test(name)) await disk.rm(join(root, folder, name), { force: true });
}

/** Of a folder below the root; of one that is not there, none. */
export async function namesIn(
  root: string,
  folder: string,
  disk: Pick<Disk, 'readdir' | 'lstat'> = fs,
): Promise<string[]> {
  await refuseLinks(root, folder, 'folder', disk);
  const path = join(root, folder);
  try {
    return await disk.readdir(path);
  } catch (cause) {
    const code = codeOf(cause);
    if (code === 'ENOENT') return [];
    throw new Error(`Cannot look into ${path}: ${code}. Let it be a folder that this user may read.`, { cause });
  }
}

class LinkError extends Error {
  override readonly name = 'LinkError';
}

/** One that took the place of the file since it was looked at is not followed either. */
const readingNoLink = constants.O_RDONLY | constants.O_NOFOLLOW;

/** @throws LinkError for the first link on the way from the root, wherever it leads */
async function refuseLinks(
  root: string,
  path: string,
  kind: 'file' | 'folder',
  disk: Pick<Disk, 'lstat'>,
): Promise<void> {
  const names = path.split('/').filter((name) => name !== '' && name !== '.');
  let at = root;
  for (const [i, name] of names.entries()) {
    at = join(at, name);
    try {
      if (!(await disk.lstat(at)).isSymbolicLink()) continue;
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return;
      throw error;
    }
    const wanted = i === names.length - 1 ? kind : 'folder';
    throw new LinkError(`Cannot use ${at}: it is a link. Put a ${wanted} there.`);
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}

/** Makes it with those above it. @returns its mode */
async function needFolder(folder: string, disk: Disk): Promise<number> {
  const is = await modeOf(folder, disk);
  if (is !== undefined) return is;
  const above = dirname(folder) === folder ? 0 : await needFolder(dirname(folder), disk);
  const mode = open | 0o200 | (above & sharedFolder);
  await disk.mkdir(folder, { recursive: true });
  // Whatever the umask of this process is.
  await disk.chmod(folder, mode);
  return mode;
}

async function modeOf(folder: string, disk: Disk): Promise<number | undefined> {
  try {
    return (await disk.stat(folder)).mode;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function replace(path: string, text: string, disk: Disk): Promise<void> {
  const folder = dirname(path);
  const mode = readable | 0o200 | ((await needFolder(folder, disk)) & shared);
  const beside = join(folder, `.${basename(path)}.partial-${randomBytes(4).toString('hex')}`);
  try {
    const file = await disk.open(beside, 'wx', mode);
    try {
      await file.chmod(mode);
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await disk.rename(beside, path);
  } catch (error) {
    await disk.rm(beside, { force: true }).catch(() => undefined);
    throw error;
  }
  const opened = await disk.open(folder, 'r');
  try {
    await opened.sync();
  } finally {
    await opened.close();
  }
}
