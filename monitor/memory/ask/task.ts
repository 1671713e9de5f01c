/** One thing that `npm run memory` does, and what it is given. */
import type { Option, Options, Outcome, Screen } from '../../cli/command.ts';
import type { Sources } from '../collect/collect.ts';
import type { MemoryStore } from '../store/memory-store.ts';

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
  /** The folder that the memory's service writes to by itself. */
  readonly root: string;
  /** Those of the stack of this home. @throws Error where there is none. */
  readonly sources: () => Promise<Omit<Sources, 'memory'> & AsyncDisposable>;
  /** For people, beside the answer. */
  readonly told: (line: string) => void;
}
