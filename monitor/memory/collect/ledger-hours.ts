/** What the ledger has of each hour of a day: whether anything began in it, and how many tasks. Pure. */
import { Histogram } from '../../store/histogram.ts';
import { hourOf } from '../periods.ts';

export interface LedgerHour {
  /** Runs, executions and steps that began in it. */
  rows: number;
  /** Tasks that did; an execution that names none counts as one: who counts tasks counts no more than these. */
  tasks: number;
}

export class LedgerHours {
  readonly #by = new Map<string, LedgerHour>();
  readonly #durations = new Histogram();

  row(startedAt: string): void {
    this.#at(startedAt).rows++;
  }

  /** @param durationMs null: it has not ended, or nobody told when */
  task(startedAt: string, durationMs: number | null): void {
    this.#at(startedAt).tasks++;
    if (durationMs !== null) this.#durations.add(durationMs, 1);
  }

  /** Of the tasks of the day that have ended, how many in 1 took longer. 0: none has. */
  longerThan(ms: number): number {
    const { count, total } = this.#durations.upTo(ms);
    return total === 0 ? 0 : 1 - count / total;
  }

  of(hour: string): Readonly<LedgerHour> {
    return this.#by.get(hour) ?? { rows: 0, tasks: 0 };
  }

  #at(startedAt: string): LedgerHour {
    // All times of the ledger are of one form.
    const hour = startedAt.length === 24 ? startedAt.slice(0, 13) : hourOf(Date.parse(startedAt));
    const found = this.#by.get(hour) ?? { rows: 0, tasks: 0 };
    this.#by.set(hour, found);
    return found;
  }
}
