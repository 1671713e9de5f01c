/** What is backed up: the parts that keep something, and where. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
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
      elsewhere: part === 'escalation' && home ? { 'logs/alerts': join(home, 'logs', 'alerts') } : {},
    }));
}

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

/** A folder without data: a file system brings its own. */
export function isEmpty(folder: string): boolean {
  return !existsSync(folder) || readdirSync(folder).every((name) => notData.has(name));
}

/** What lies in a data folder and is nobody's data. */
export const notData: ReadonlySet<string> = new Set(['lost+found', '.restoring']);
