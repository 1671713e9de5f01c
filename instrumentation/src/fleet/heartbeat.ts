import { agentLastHeartbeat } from '../catalog/tasks.ts';
import { given } from './given.ts';
import { guard } from './guard.ts';
import { observe } from './observed.ts';
import { currentMeter } from './record.ts';
import { currentScope } from './scope.ts';
import { shared } from './shared.ts';

interface Pulse {
  /** ms since 1970. */
  at: number;
  reading: ReturnType<typeof observe>;
}

// Each agent is read once, by whichever copy of this file heard of it first: two readings would contradict each other.
const pulses = shared('heartbeats', () => new Map<string, Pulse>());

/** Most agents of one process that are watched. */
const atMost = 1000;

/** Beyond this a timer of Node's goes off at once. */
const longestMs = 2 ** 31 - 1;

/**
 * Says that an agent lives. Its runs, tasks, model and tool calls say it too; an agent that waits for work says it here.
 * With `everyMs` it is said again until `stop`: only while the event loop turns, and never keeping the process alive. (T09)
 */
export function heartbeat(agent: string | undefined = currentScope().agentName, options: { everyMs?: number } = {}) {
  const { everyMs = 0 } = given(options);
  beat(agent);
  const timer = everyMs > 0 ? setInterval(beat, Math.min(everyMs, longestMs), agent).unref() : undefined;
  return {
    beat: () => beat(agent),
    /** No more beats: from now on the agent counts as silent. */
    stop: () => clearInterval(timer),
    /** The agent is gone for good, and is not missed. */
    retire() {
      clearInterval(timer);
      const pulse = agent && pulses.get(agent);
      if (!pulse) return;
      pulses.delete(agent);
      pulse.reading.stop();
    },
  };
}

/** One beat, of the agent whose work this is if none is named. */
export function beat(agent: string | undefined = currentScope().agentName): void {
  if (typeof agent !== 'string' || agent === '') return;
  // An agent that only ever beats must be seen by an SDK that came later, too.
  guard(currentMeter);
  const known = pulses.get(agent);
  if (known) known.at = Date.now();
  else if (pulses.size < atMost) watch(agent);
}

function watch(agent: string): void {
  const read = () => [[pulse.at / 1000, { 'agent.name': agent }]] as const;
  // No number for one that is gone: whatever it is compared with, no alert comes of it.
  const pulse: Pulse = { at: Date.now(), reading: observe(agentLastHeartbeat, read, Number.NaN) };
  pulses.set(agent, pulse);
}
