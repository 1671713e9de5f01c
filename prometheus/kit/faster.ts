import type { Targets } from '../targets.ts';

/**
 * The targets of a fleet whose time turns `factor` times faster, for tests on a real clock beside `scaled`: what takes time
 * takes less of it, what happens a minute happens more often. Counts in a window stay, as the window shrinks with them.
 */
export function faster(targets: Targets, factor: number): Targets {
  const less = (seconds: number) => seconds / factor;
  const { taskSeconds, approval, silence, down } = targets;
  return {
    ...targets,
    tokensPerMinute: targets.tokensPerMinute * factor,
    // Half: models and people are faster, the code that agents run on this machine is not.
    taskSeconds: {
      p95: 2 * less(taskSeconds.p95),
      singleAgentP95: 2 * less(taskSeconds.singleAgentP95),
      outlier: 2 * less(taskSeconds.outlier),
    },
    approval: { ...approval, aimSeconds: less(approval.aimSeconds), lateSeconds: less(approval.lateSeconds) },
    silence: { ...silence, seconds: less(silence.seconds) },
    down: { ...down, seconds: less(down.seconds) },
  };
}
