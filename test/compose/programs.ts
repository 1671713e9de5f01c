/** The programs that go into an image made from nothing: found on PATH, and proven to need nothing else. */
import { accessSync, closeSync, constants, openSync, readSync, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

/** The file behind a command name, as a shell would find it; undefined when there is none. */
export function findProgram(name: string, env: NodeJS.ProcessEnv): string | undefined {
  const candidates = isAbsolute(name) ? [name] : (env.PATH ?? '').split(delimiter).map((folder) => join(folder, name));
  return candidates.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return statSync(path).isFile();
    } catch {
      return false;
    }
  });
}

const programHeader = { interpreter: 3, bytes: 56 } as const;

/** True for a 64-bit Linux program without an interpreter: in an empty image there is no loader to start another one. */
export function isStatic(path: string): boolean {
  const head = Buffer.alloc(4096);
  const file = openSync(path, 'r');
  try {
    readSync(file, head, 0, head.length, 0);
  } finally {
    closeSync(file);
  }
  const isElf64LittleEndian = head.subarray(0, 6).equals(Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1]));
  if (!isElf64LittleEndian) return false;
  const first = Number(head.readBigUInt64LE(0x20));
  const count = head.readUInt16LE(0x38);
  for (let n = 0; n < count; n++)
    if (head.readUInt32LE(first + n * programHeader.bytes) === programHeader.interpreter) return false;
  return true;
}

/** @throws Error when a program could not start in an empty image. */
export function needStatic(path: string, remedy: string): string {
  if (isStatic(path)) return path;
  throw new Error(`Cannot put ${path} into an image: it is not a static 64-bit Linux program. ${remedy}`);
}
