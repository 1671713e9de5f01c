/** Troubles inside the fleet that can be switched on while it runs; those of models are the model server's. */
export const fleetFaults = ['denied-skills', 'stuck-approvals', 'silent-agent', 'queue-backlog'] as const;
export type FleetFault = (typeof fleetFaults)[number];

/** Who says nothing any more under `silent-agent`. */
export const silentAgent = 'QA';

type Watcher = (isOn: boolean) => void;

/** Which of them are on. */
export class FleetFaults {
  #on = new Set<FleetFault>();
  readonly #watchers = new Map<FleetFault, Set<Watcher>>();

  /** From now on these, and no others. */
  set(faults: readonly FleetFault[]): void {
    const before = this.#on;
    this.#on = new Set(faults);
    for (const fault of fleetFaults) {
      if (before.has(fault) === this.#on.has(fault)) continue;
      for (const watcher of [...(this.#watchers.get(fault) ?? [])]) watcher(this.#on.has(fault));
    }
  }

  isOn(fault: FleetFault): boolean {
    return this.#on.has(fault);
  }

  /** Told at every change until the returned function is called. */
  watch(fault: FleetFault, watcher: Watcher): () => void {
    const watchers = this.#watchers.get(fault) ?? new Set();
    this.#watchers.set(fault, watchers.add(watcher));
    return () => void watchers.delete(watcher);
  }

  /** Resolves when the fault is off, at once if it is. @throws AbortError when the signal comes first. */
  async over(fault: FleetFault, signal: AbortSignal): Promise<void> {
    while (this.isOn(fault)) {
      signal.throwIfAborted();
      await new Promise<void>((resolve) => {
        const done = () => {
          unwatch();
          signal.removeEventListener('abort', done);
          resolve();
        };
        const unwatch = this.watch(fault, done);
        signal.addEventListener('abort', done);
      });
    }
    signal.throwIfAborted();
  }
}
