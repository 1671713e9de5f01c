/** A file that is there when it is whole, also when the power goes: written beside it, moved into its place, and both told to the disk. */
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** What is asked of the file system; in tests one that dies. */
export type Disk = Pick<typeof fs, 'open' | 'readFile' | 'rename' | 'mkdir' | 'readdir' | 'rm' | 'stat' | 'chmod'>;

/** Readable by all, as what Git keeps: the service makes other files its own alone. */
const readable = 0o444;
const open = 0o555;
/** Written by whoever may write in the folder that they are in: people do as well. */
const shared = 0o020;
const sharedFolder = 0o2020;

const partial = /^\..+\.partial-[0-9a-f]{8}$/;

/** Writes what differs. @returns whether it did. */
export async function writeFile(path: string, text: string, disk: Disk = fs): Promise<boolean> {
  try {
    if ((await textOf(path, disk)) === text) return false;
    await replace(path, text, disk);
    return true;
  } catch (cause) {
    throw new Error(
      `Cannot write ${path}: ${(cause as NodeJS.ErrnoException).code ?? (cause as Error).message}. Free space, or let this user write there.`,
      { cause },
    );
  }
}

/** Undefined: there is none. */
export async function textOf(path: string, disk: Pick<Disk, 'readFile'> = fs): Promise<string | undefined> {
  try {
    return await disk.readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Removes what was left half written in a folder by a process that was killed. Nobody else may be writing there. */
export async function removePartial(folder: string, disk: Disk = fs): Promise<void> {
  for (const name of await namesIn(folder, disk))
    if (partial.test(name)) await disk.rm(join(folder, name), { force: true });
}

/** Of a folder; of one that is not there, none. */
export async function namesIn(folder: string, disk: Pick<Disk, 'readdir'> = fs): Promise<string[]> {
  try {
    return await disk.readdir(folder);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return [];
    throw new Error(`Cannot look into ${folder}: ${code}. Let it be a folder that this user may read.`, { cause });
  }
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
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
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
