/** What a capture of a part gives. */
import type { Source } from './sources.ts';

/** Beside what was copied into the folder that it was given. */
export interface Captured {
  /** Files, by their absolute paths, that are never written again: each must be in the backup. */
  readonly files: readonly string[];
  /** Folders to read as they are; a file that goes meanwhile is not missed. */
  readonly loose: readonly string[];
  /** Of those: what is left out. */
  readonly without: readonly string[];
}

export type Capture = (source: Source, staged: string) => Promise<Captured>;

/** For captures without anything to read in place. */
export const allStaged: Captured = { files: [], loose: [], without: [] };
