/** What time it is. */
import { uptime } from 'node:os';

/** Milliseconds since the epoch. */
export type Instant = number;

export type Clock = () => Instant;

/**
 * Wall time as it was when this process began, plus the time that has passed since: somebody who sets the clock of the machine
 * moves no timer. What is stored is wall time; a process that begins after a change of the clock finds it in `changedAt`.
 */
export function startClock(wall: Clock = Date.now, passed: () => number = passedEvenAsleep()): Clock {
  const startedAt = wall() - passed();
  let newest = 0;
  return () => {
    newest = Math.max(newest, Math.round(startedAt + passed()));
    return newest;
  };
}

/** The monotonic clock stands still while a machine is suspended; its uptime does not, but is coarse. Milliseconds. */
function passedEvenAsleep(): () => number {
  const before = uptime() * 1000 - performance.now();
  let slept = 0;
  let lookedAt = 0;
  return () => {
    const awake = performance.now();
    // The uptime is read from a file, which a storm of decisions cannot afford each time.
    if (awake - lookedAt >= lookEveryMs) {
      lookedAt = awake;
      const ahead = uptime() * 1000 - awake - before;
      if (ahead - slept > coarseMs) slept = ahead;
    }
    return awake + slept;
  };
}

const lookEveryMs = 100;
const coarseMs = 1000;
