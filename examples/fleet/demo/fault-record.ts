import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { FaultKind } from './faults.ts';

/**
 * Writes down which fault was on when, a JSON object a line: once when it begins, once more with `to` when it ends.
 * `npm run rules` judges alerts by it. A run without faults writes nothing.
 */
export class FaultRecord {
  readonly #path: string;
  readonly #now: () => Date;
  readonly #open = new Map<FaultKind, string>();

  constructor(path: string, now: () => Date = () => new Date()) {
    this.#path = path;
    this.#now = now;
  }

  /** From now on these are on, and no others. */
  change(on: readonly FaultKind[]): void {
    const now = this.#now().toISOString();
    for (const [kind, from] of this.#open) {
      if (on.includes(kind)) continue;
      this.#open.delete(kind);
      this.#write({ kind, from, to: now });
    }
    for (const kind of on) {
      if (this.#open.has(kind)) continue;
      this.#open.set(kind, now);
      this.#write({ kind, from: now });
    }
  }

  #write(fault: { kind: FaultKind; from: string; to?: string }): void {
    mkdirSync(dirname(this.#path), { recursive: true });
    appendFileSync(this.#path, `${JSON.stringify(fault)}\n`);
  }
}
