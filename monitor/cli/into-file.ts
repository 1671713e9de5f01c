import { open, rename, rm } from 'node:fs/promises';

/** Writes a piece. False: nobody reads any more. */
export type Write = (text: string | Uint8Array) => Promise<boolean>;

/** The file is there when it is whole: whoever copies it has all of it or none. */
export async function intoFile(path: string, fill: (write: Write) => Promise<void>): Promise<void> {
  const partial = `${path}.partial-${process.pid}`;
  try {
    const file = await open(partial, 'w');
    try {
      await fill(async (text) => {
        await file.writeFile(text);
        return true;
      });
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(partial, path);
  } catch (cause) {
    await rm(partial, { force: true });
    const { code, syscall } = cause as NodeJS.ErrnoException;
    if (!syscall) throw cause;
    throw new Error(`Cannot write ${path}: ${code}. Name another file, or free space.`, { cause });
  }
}
