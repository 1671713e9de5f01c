/** On what a bench ran: without it its numbers say nothing. */
import { availableParallelism, loadavg } from 'node:os';

export interface Machine {
  readonly cores: number;
  readonly node: string;
  readonly platform: string;
  /** Processes that wanted to run, before and after: others than the bench's make its numbers worse. */
  readonly load: readonly number[];
}

/** Processes that want to run, over the last minute. */
export function loadNow(): number {
  return loadavg()[0] as number;
}

/** @param before `loadNow()` when the bench began. */
export function machineSince(before: number): Machine {
  return {
    ...{ cores: availableParallelism(), node: process.versions.node, platform: process.platform },
    load: [before, loadNow()],
  };
}

/** `Load average 0.5 before and 2.3 after`. */
export function loadText({ load }: Pick<Machine, 'load'>): string {
  return `Load average ${load.map((each) => each.toFixed(1)).join(' before and ')} after`;
}
