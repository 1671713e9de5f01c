import { type Latency, measureLatency } from './escalation-latency.ts';
import { type Memory, measureMemory } from './escalation-memory.ts';
import { measureSaves, type Saves } from './escalation-saves.ts';
import { loadNow, type Machine, machineSince } from './machine.ts';

export interface EscalationReport {
  readonly machine: Machine;
  readonly latency: Latency;
  readonly memory: Memory;
  readonly saves: Saves;
}

export interface EscalationOptions {
  /** A little of everything, to see that it works. Its numbers mean nothing. */
  readonly quick: boolean;
  /** That pass through while the memory is watched. */
  readonly incidents: number;
  readonly progress: (text: string) => void;
}

/** Runs the whole bench. Most of it is the incidents: some hundred a second. */
export async function benchEscalation({ quick, incidents, progress }: EscalationOptions): Promise<EscalationReport> {
  const before = loadNow();
  const latency = await measureLatency({ perSecond: 100, seconds: quick ? 1 : 10, rounds: quick ? 1 : 3, progress });
  const saves = await measureSaves(quick ? 64 : 512, quick ? 1 : 6, progress);
  const memory = await measureMemory(quick ? 600 : incidents, progress);
  return {
    machine: machineSince(before),
    ...{ latency, memory, saves },
  };
}
