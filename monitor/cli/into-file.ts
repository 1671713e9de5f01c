import { randomBytes } from 'node:crypto';
import { rmSync, type Stats } from 'node:fs';
import { constants, open, readlink, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/** Writes a piece. False: nobody reads any more. */
export type Write = (text: string | Uint8Array) => Promise<boolean>;

type Fill = (write: Write) => Promise<void>;

/** Their default is to end the process at once. */
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * The file is there when it is whole: whoever copies it has all of it or none. It is its user's alone, unless one with another
 * mode was there. A link stays one; a pipe or a device is written to as it is.
 */
export async function intoFile(path: string, fill: Fill): Promise<void> {
  try {
    const there = await orNone(stat(path));
    if (there && !there.isFile()) await into(path, fill);
    else await replaced(await linkedTo(path), fill, there);
  } catch (cause) {
    const { code, syscall } = cause as NodeJS.ErrnoException;
    if (!syscall) throw cause;
    throw new Error(`Cannot write ${path}: ${code}. Name another file, or free space.`, { cause });
  }
}

async function into(path: string, fill: Fill): Promise<void> {
  const file = await open(path, constants.O_WRONLY);
  try {
    await fill(async (text) => {
      try {
        await file.writeFile(text);
        return true;
      } catch (error) {
        // Who read from the pipe has seen enough: no mistake.
        if ((error as NodeJS.ErrnoException).code === 'EPIPE') return false;
        throw error;
      }
    });
  } finally {
    await file.close();
  }
}

async function replaced(path: string, fill: Fill, there: Stats | undefined): Promise<void> {
  const partial = `${path}.partial-${randomBytes(4).toString('hex')}`;
  const ended = (signal: NodeJS.Signals) => {
    rmSync(partial, { force: true });
    unheard();
    process.kill(process.pid, signal);
  };
  const unheard = () => {
    for (const signal of signals) process.off(signal, ended);
  };
  for (const signal of signals) process.on(signal, ended);
  try {
    const file = await open(partial, 'wx', 0o600);
    try {
      if (there) await file.chmod(there.mode & 0o777);
      await fill(async (text) => {
        await file.writeFile(text);
        return true;
      });
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  } finally {
    unheard();
  }
}

/** Where a link leads, also to where there is nothing yet. */
async function linkedTo(path: string): Promise<string> {
  const real = await orNone(realpath(path));
  if (real !== undefined) return real;
  const target = await readlink(path).catch(() => undefined);
  return target === undefined ? path : linkedTo(resolve(dirname(path), target));
}

async function orNone<Found>(found: Promise<Found>): Promise<Found | undefined> {
  try {
    return await found;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
