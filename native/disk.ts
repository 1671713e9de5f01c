import { existsSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { diskNeedsMib } from '../stack.ts';

/** Free MiB for an ordinary user at a path; the nearest folder that exists counts. */
export function freeMib(path: string): number {
  const folder = existsSync(path) ? path : dirname(path);
  if (folder === path || existsSync(folder)) {
    const { bavail, bsize } = statfsSync(folder);
    return Math.floor((bavail * bsize) / 1024 / 1024);
  }
  return freeMib(folder);
}

/** @throws Error when the data folder has less room than the stack needs to start. */
export function needDataDisk(home: string): void {
  const free = freeMib(home);
  if (free < diskNeedsMib.data)
    throw new Error(
      `Cannot start: ${home} has ${free} MiB free, the stack needs ${diskNeedsMib.data} MiB. Free space, or move the data: FLEETSCOPE_HOME=/path.`,
    );
}
