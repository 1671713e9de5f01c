/** A file that is there when it is whole, also when the power goes: written beside it, moved into its place, and both told to the disk. */
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** What is asked of the file system; in tests one that dies. */
export type Disk = Pick<typeof fs, 'open' | 'readFile' | 'rename' | 'mkdir' | 'readdir' | 'rm'>;

/** Readable by all, as what Git keeps: the service makes other files its own alone. */
const mode = 0o644;
const folderMode = 0o755;

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
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

async function replace(path: string, text: string, disk: Disk): Promise<void> {
  const folder = dirname(path);
  await disk.mkdir(folder, { recursive: true, mode: folderMode });
  const beside = join(folder, `.${basename(path)}.partial-${randomBytes(4).toString('hex')}`);
  try {
    const file = await disk.open(beside, 'wx', mode);
    try {
      // Whatever the umask of this process is.
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
