/** What Prometheus makes of an alert's condition over time: `for`, `keep_firing_for`, firing, resolved. */

/** A stretch in which every evaluation had an answer; both ends are evaluation times, in seconds since the epoch. */
export interface Run {
  first: number;
  last: number;
}

export interface Timing {
  /** Seconds between evaluations. */
  step: number;
  /** `for`, in seconds. */
  hold: number;
  /** `keep_firing_for`, in seconds. */
  keep: number;
}

export interface Firing {
  /** When the condition began to hold. */
  activeAt: number;
  /** When it was told: `for` later. */
  firedAt: number;
  /** The first evaluation at which it was over; undefined when it still fires at the end of the history. */
  resolvedAt: number | undefined;
}

/**
 * The firings of one series, exactly as rules/alerting.go of Prometheus 3.15 decides them evaluation by evaluation.
 * `runs` are in order and a step or more apart; `end` is the last evaluation.
 */
export function simulate(runs: readonly Run[], { step, hold, keep }: Timing, end: number): Firing[] {
  const firings: Firing[] = [];
  const steps = (seconds: number) => Math.ceil(seconds / step) * step;
  for (const run of runs) {
    const before = firings.at(-1);
    // It is over `keep` after the first evaluation without an answer; an answer until then continues the same firing.
    const resolves = run.last + step + steps(keep);
    const over = resolves <= end ? resolves : undefined;
    if (before && (before.resolvedAt === undefined || before.resolvedAt >= run.first)) {
      before.resolvedAt = over;
      continue;
    }
    const firedAt = run.first + steps(hold);
    if (firedAt > run.last) continue; // Pending, and gone again: nobody was told.
    firings.push({ activeAt: run.first, firedAt, resolvedAt: over });
  }
  return firings;
}

/** Evaluation times as runs. `times` ascend and are multiples of `step` apart. */
export function addTimes(runs: Run[], times: Iterable<number>, step: number): Run[] {
  for (const time of times) {
    const run = runs.at(-1);
    if (run && time === run.last + step) run.last = time;
    else runs.push({ first: time, last: time });
  }
  return runs;
}
