/** One command of costs, and what it is given. */
import type { Option, Options, Outcome, Screen } from '../../cli/command.ts';
import type { Ledger } from '../../store/store.ts';
import type { MemoryStore } from '../store/memory-store.ts';
import type { ProviderDrift } from './tell-drift.ts';

export interface CostCommand {
  /** As commander reads it: `reconcile <exports...>`. */
  readonly usage: string;
  readonly description: string;
  readonly options: readonly Option[];
  run(given: CostGiven): Promise<Outcome>;
}

export interface CostGiven {
  readonly ledger: Ledger;
  /** Undefined: nothing is remembered yet. */
  readonly memory: MemoryStore | undefined;
  /** The folder that `logs/` of memory is in. */
  readonly folder: string;
  readonly args: readonly string[];
  readonly options: Options;
  /** ms since 1970. */
  readonly now: number;
  readonly screen: Screen;
  /** FLEETSCOPE_PRICES_FILE. */
  readonly pricesFile: string | undefined;
  /** Tells the stack of this home. @throws Error where it cannot be told */
  tell(drifts: readonly ProviderDrift[]): Promise<void>;
  /** For people, beside the answer. */
  told(line: string): void;
}
