import type { Random } from '../model-server/random.ts';
import type { Request } from '../requests.ts';

/** What the Director hands out over the bus. */
export type Job = ResearchJob | CodeJob | ReviewJob | NoteJob;

interface Common {
  title: string;
  request: Request;
  /** The chance of this job alone. */
  chance: Random;
  /** Attempts before this one. */
  retries: number;
}

export interface ResearchJob extends Common {
  type: 'research';
}

export interface CodeJob extends Common {
  type: 'code';
  findings: readonly Finding[];
  /** What the review found in the attempt before. */
  issues: readonly string[];
}

export interface ReviewJob extends Common {
  type: 'review';
  findings: readonly Finding[];
  pieces: readonly Piece[];
}

/** Something to remember, that nobody waits for. */
export interface NoteJob {
  type: 'note';
  text: string;
  retries: 0;
}

/** What Research found. */
export interface Finding {
  summary: string;
  sources: readonly { title: string; url: string }[];
}

/** What Code wrote: a file of the workspace that passed its tests. */
export interface Piece {
  file: string;
  lines: number;
}

/** What QA says. */
export interface Verdict {
  approved: boolean;
  issues: readonly string[];
}
