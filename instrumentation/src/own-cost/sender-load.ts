import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Worker } from 'node:worker_threads';

const created = 'worker_threads';

/** How long the sending thread was busy: CPU time, or a little more where the machine is. */
export class SenderLoad {
  #thread: Worker | undefined;
  #beforeMs = 0;

  /** Runs an export. The thread that starts within it is the one that sends. */
  during<T>(run: () => T): T {
    const seen = (message: unknown) => {
      this.#thread = (message as { worker: Worker }).worker;
      this.#beforeMs = 0;
    };
    subscribe(created, seen);
    try {
      return run();
    } finally {
      unsubscribe(created, seen);
    }
  }

  /** Busy ms since this was last asked; 0 while there is no thread, or one that is still loading what it needs. */
  takeMs(): number {
    const { active = 0, idle = 0 } = this.#thread?.performance.eventLoopUtilization() ?? {};
    const tookMs = idle > 0 ? Math.max(0, active - this.#beforeMs) : 0;
    this.#beforeMs = active;
    return tookMs;
  }
}
