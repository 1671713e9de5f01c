/** What is backed up: the parts that keep something, and where. */
import { lstatSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Place } from '../place.ts';
import { backups } from '../stack.ts';

export type BackedUp = keyof typeof backups;
export const backedUp = Object.keys(backups) as BackedUp[];

export interface Source {
  readonly part: BackedUp;
  /** Its data folder. */
  readonly folder: string;
  /** What a container has in its data folder, and this place elsewhere: name there → folder here. */
  readonly elsewhere: Readonly<Record<string, string>>;
}

/** @param home natively: where `up` keeps everything. */
export function sources(place: Place, home?: string): Source[] {
  return backedUp
    .filter((part) => place.has(part))
    .map((part) => ({
      part,
      folder: place.data(part),
      elsewhere: home ? (elsewhere(place, home)[part] ?? {}) : {},
    }));
}

function elsewhere(place: Place, home: string): Partial<Record<BackedUp, Source['elsewhere']>> {
  return { escalation: { 'logs/alerts': join(home, 'logs', 'alerts') }, monitor: { memory: place.data('memory') } };
}

/** Stores that a variable puts where no backup looks. */
export function unseen(env: NodeJS.ProcessEnv, all: readonly Source[]): string[] {
  return all.flatMap(({ part, folder, elsewhere }) =>
    (variables[part] ?? []).flatMap((name) => {
      const named = env[name]?.replace(/^sqlite:(\/\/)?/, '');
      if (!named) return [];
      // A database in the data folder is backed up with it; of other folders in there, `memory` alone is.
      const seen = name === memoryRoot ? [...Object.values(elsewhere), join(folder, 'memory')] : undefined;
      const isSeen = seen
        ? seen.some((one) => resolve(one) === resolve(named))
        : dirname(resolve(named)) === resolve(folder);
      return isSeen
        ? []
        : [
            `${part}: ${name} names a store that is not in ${folder}: it is not backed up here. Back it up where it is.`,
          ];
    }),
  );
}

const memoryRoot = 'FLEETSCOPE_MEMORY_ROOT';

const variables: Partial<Record<BackedUp, readonly string[]>> = {
  monitor: ['FLEETSCOPE_MONITOR_DB', 'FLEETSCOPE_MEMORY_DB', memoryRoot],
  escalation: ['FLEETSCOPE_ESCALATION_STORE'],
};

/** The ones named, in the order of stack.ts. @throws RangeError */
export function chosen(all: readonly Source[], only: string | undefined): Source[] {
  if (only === undefined) return [...all];
  const names = only.split(',').map((name) => name.trim());
  const wrong = names.find((name) => !all.some(({ part }) => part === name));
  if (wrong !== undefined)
    throw new RangeError(
      `Cannot find the part "${wrong}": what is backed up here is ${all.map(({ part }) => part).join(', ')}.`,
    );
  return all.filter(({ part }) => names.includes(part));
}

/** A folder without data: a file system brings its own. @throws Error where it is there and cannot be read */
export function isEmpty(folder: string): boolean {
  try {
    return !readdirSync(folder).some(isData);
  } catch (error) {
    if (isGone(error)) return true;
    throw unreadable(folder, error);
  }
}

/**
 * Whether it is there. A link is refused: of what it names, nothing would be in the backup.
 * @throws Error where that cannot be told
 */
export function isThere(path: string): boolean {
  try {
    if (!lstatSync(path).isSymbolicLink()) return true;
  } catch (error) {
    if (isGone(error)) return false;
    throw unreadable(path, error);
  }
  throw refusedLink(path);
}

export function refusedLink(path: string): Error {
  return new Error(`Cannot back up ${path}: it is a symbolic link. Mount what it names there.`);
}

function isGone(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

function unreadable(path: string, cause: unknown): Error {
  const { code, message } = cause as NodeJS.ErrnoException;
  return new Error(`Cannot read ${path}: ${code ?? message}. Run as its owner, or as root.`, { cause });
}

/** Where what was there stays after a restore that replaces it: a folder within, its name goes on with the time. */
export const beforeRestore = '.before-restore';

/** Whether a name in a data folder is of its part's data, not of the file system or of a restore. */
export function isData(name: string): boolean {
  return name !== 'lost+found' && name !== '.restoring' && !name.startsWith(beforeRestore);
}
