/** What `npm run memory` does beside answering: a day or a week made at once, a month as a page. */
import type { Option, Options, Outcome, Screen } from '../../cli/command.ts';
import type { Sources } from '../collect/collect.ts';
import type { MemoryStore } from '../store/memory-store.ts';
import { consolidate } from './consolidate.ts';
import { writeKnowledge } from './knowledge.ts';
import { report } from './report.ts';
import { snapshot } from './snapshot.ts';

export interface Task {
  readonly usage: string;
  readonly description: string;
  readonly options: readonly Option[];
  /** Whether it makes a memory where there is none. */
  readonly makesMemory: boolean;
  run(given: TaskGiven): Promise<Outcome>;
}

export interface TaskGiven {
  readonly memory: MemoryStore;
  readonly options: Options;
  readonly screen: Screen;
  /** ms since 1970. */
  readonly now: number;
  /** What a day may cost. */
  readonly usdPerDay: number;
  /** Those of the stack of this home. @throws Error where there is none. */
  readonly sources: () => Promise<Omit<Sources, 'memory'> & AsyncDisposable>;
  /** For people, beside the answer. */
  readonly told: (line: string) => void;
}

export const tasks: readonly Task[] = [snapshot, consolidate, writeKnowledge, report];
