/** What is counted: by group, and in a group by what it was, e.g. `tools` → `run_code success` → 12. */
export type Counted = Record<string, Record<string, number>>;

/** What the fleet did, counted in plain numbers where it happened: the truth that its telemetry is checked against. */
export class Counts {
  readonly #groups = new Map<string, Map<string, number>>();

  add(group: string, what: string, by = 1): void {
    const numbers = this.#groups.get(group) ?? new Map<string, number>();
    this.#groups.set(group, numbers.set(what, (numbers.get(what) ?? 0) + by));
  }

  /** Counts how a piece of work ended, as `<what> success`, `failure` or `cancelled`, and hands its result on. */
  async of<T>(group: string, what: string, work: Promise<T>): Promise<T> {
    try {
      const result = await work;
      this.add(group, `${what} success`);
      return result;
    } catch (error) {
      this.add(group, `${what} ${isCancelled(error) ? 'cancelled' : 'failure'}`);
      throw error;
    }
  }

  /** A copy. */
  report(): Counted {
    return Object.fromEntries([...this.#groups].map(([group, numbers]) => [group, Object.fromEntries(numbers)]));
  }
}

/** The sum of a group's numbers whose name begins or ends with these words. */
export function sumOf(counted: Counted, group: string, { begins = '', ends = '' } = {}): number {
  return Object.entries(counted[group] ?? {})
    .filter(([what]) => what.startsWith(begins) && what.endsWith(ends))
    .reduce((sum, [, number]) => sum + number, 0);
}

/** Work that was called off: by a person, by a signal, by what a client makes of one. */
export function isCancelled(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === 'AbortError' || error.constructor.name === 'APIUserAbortError';
}
