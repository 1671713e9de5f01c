import { heartbeat } from '@fleetscope/instrumentation';
import type { Fleet } from '../fleet.ts';
import { silentAgent } from '../fleet-faults.ts';

const everyMs = 5_000;

/** Says that an agent lives, also while it has nothing to do, until the fleet ends: then nobody misses it. */
export function keepBeating({ faults, stopping }: Pick<Fleet, 'faults' | 'stopping'>, name: string): void {
  let beat = heartbeat(name, { everyMs });
  if (name === silentAgent) {
    faults.watch('silent-agent', (isSilent) => {
      beat.stop();
      if (!isSilent) beat = heartbeat(name, { everyMs });
    });
  }
  stopping.addEventListener('abort', () => beat.retire());
}
