/** What a command of `npm run monitor` is. */
import type { styleText } from 'node:util';
import type { Surroundings } from '../analysis/dossier.ts';
import type { Run } from '../ledger/run-tree.ts';
import type { MemoryStore } from '../memory/store/memory-store.ts';
import type { Ledger } from '../store/store.ts';
import { jsonText } from './json-text.ts';

export interface Command {
  /** As commander reads it: `show <id>`. */
  readonly usage: string;
  readonly description: string;
  readonly options?: readonly Option[];
  run(given: Given): Promise<Outcome>;
}

export type Option = readonly [flags: string, description: string];

export interface Given {
  readonly ledger: Ledger;
  readonly args: readonly string[];
  readonly options: Options;
  readonly now: number;
  readonly screen: Screen;
  /** What a day may cost. */
  readonly usdPerDay: number;
  /** What was said while the database was opened: that it was damaged, and where the damaged one is. */
  readonly notices?: readonly string[];
  /** What the stack of this home knows of a run. Undefined: there is none to ask. */
  readonly around?: (run: Run) => Promise<Surroundings | undefined>;
  /** What is remembered beside this ledger. @throws Error where nothing is, that says how it comes to be. */
  readonly memory?: () => Promise<MemoryStore>;
}

export type Options = Readonly<Record<string, string | true | undefined>>;

/** Where a person reads. */
export interface Screen {
  /** Rows as columns on a terminal; where it is too narrow, without the columns of these heads, one after the other. With tabs between the cells elsewhere. */
  table(rows: readonly (readonly string[])[], spare?: readonly string[]): string;
  /** Coloured on a terminal, as it is elsewhere. */
  paint(style: Parameters<typeof styleText>[0], text: string): string;
  /** Columns; Infinity where nobody looks. */
  readonly width: number;
  /** Writes now, and waits for whoever reads. False: nobody reads any more. */
  write(text: string | Uint8Array): Promise<boolean>;
}

export interface Outcome {
  readonly json?: unknown;
  readonly text?: string;
  /** Something is not as it should be: exit 1. */
  readonly findings?: boolean;
}

/** What is written at the end of a command; empty: nothing more is. */
export function printed({ json, text }: Outcome, options: Options): string {
  if (options.json && json !== undefined) return `${jsonText(json)}\n`;
  return text === undefined ? '' : `${text}\n`;
}
