/** Work of this package on the host's thread, by what asks for it: an instrumentation or a bridge, or the host itself. */
export type Work = 'instrumented span' | 'own span' | 'bridged record' | 'own record' | 'measurement';

// One call in so many is timed. Prime, so that it does not fall into step with a rhythm of the program.
const stride = 61;

// A garbage collection, or another process, that falls into a timed call must not count 61 times.
const longestMs = 1;

/**
 * What a call costs beside what is timed here, in parts of that: an instrumentation reads the request and carries the
 * context before and after it asks for its span, a bridge parses the line before it emits. Not visible from here, and
 * found by comparing CPU time and profiles of services with the clock: 2, give or take one.
 */
const besides: Record<Work, number> = {
  'instrumented span': 2,
  'own span': 0,
  'bridged record': 2,
  'own record': 0,
  measurement: 0,
};

interface Tally {
  calls: number;
  refused: number;
  untilTimed: number;
  timed: number;
  timedMs: number;
  meanMs: number;
}

/**
 * CPU time of this package on the host's thread: of each kind of work every 61st call is timed, and every export.
 * A call that is not timed pays a few ns.
 */
export class CostClock {
  readonly #nowMs: () => number;
  readonly #cpuMs: () => number;
  readonly #readingMs: number;
  readonly #tallies: Record<Work, Tally> = {
    // Until one is timed, which at a level that refuses them is never: what they take on an ordinary machine.
    'instrumented span': newTally(0.03),
    'own span': newTally(),
    'bridged record': newTally(0.005),
    'own record': newTally(),
    measurement: newTally(),
  };
  /** By the wall clock, to take it off what is timed around it; and by that of the CPU. */
  #exported = { wallMs: 0, cpuMs: 0 };

  constructor(nowMs: () => number = () => performance.now(), cpuMs: () => number = threadCpuMs) {
    this.#nowMs = nowMs;
    this.#cpuMs = cpuMs;
    this.#readingMs = costOfReading(nowMs);
  }

  /** Counts one call; true when it is one to time. */
  count(work: Work): boolean {
    const tally = this.#tallies[work];
    tally.calls += 1;
    tally.untilTimed -= 1;
    if (tally.untilTimed > 0) return false;
    tally.untilTimed = stride;
    tally.timed += 1;
    return true;
  }

  /** Counts one call that the level keeps from being recorded. */
  refuse(work: Work): void {
    this.#tallies[work].refused += 1;
  }

  /** Times part of a call for which `count` was true. An export within it counts as export. */
  time<T>(work: Work, run: () => T): T {
    const exportedMs = this.#exported.wallMs;
    const began = this.#nowMs();
    try {
      return run();
    } finally {
      const tookMs = this.#nowMs() - began - this.#readingMs - (this.#exported.wallMs - exportedMs);
      this.#tallies[work].timedMs += Math.min(Math.max(tookMs, 0), longestMs);
    }
  }

  /** Times an export. */
  timeExport<T>(run: () => T): T {
    const began = { wallMs: this.#nowMs(), cpuMs: this.#cpuMs() };
    try {
      return run();
    } finally {
      this.#exported.wallMs += this.#nowMs() - began.wallMs;
      this.#exported.cpuMs += this.#cpuMs() - began.cpuMs;
    }
  }

  /** CPU time since this was last asked, in ms; and the spans and log records asked for meanwhile, recorded or not. */
  take(): { costMs: number; demand: number } {
    let costMs = this.#exported.cpuMs;
    let demand = 0;
    this.#exported = { wallMs: 0, cpuMs: 0 };
    for (const [work, tally] of Object.entries(this.#tallies) as [Work, Tally][]) {
      const { calls, refused, timed, timedMs } = tally;
      // Where none was timed, they cost what the last ones did.
      if (timed > 0) tally.meanMs = timedMs / timed;
      costMs += tally.meanMs * (calls * (1 + besides[work]) + refused * besides[work]);
      if (work !== 'measurement') demand += calls + refused;
      tally.calls = tally.refused = tally.timed = tally.timedMs = 0;
    }
    return { costMs, demand };
  }
}

function newTally(meanMs = 0): Tally {
  return { calls: 0, refused: 0, untilTimed: stride, timed: 0, timedMs: 0, meanMs };
}

// Some tens of ns, which is a good part of a short call.
function costOfReading(nowMs: () => number): number {
  let shortest = Number.POSITIVE_INFINITY;
  for (let at = 0; at < 100; at++) {
    const began = nowMs();
    shortest = Math.min(shortest, nowMs() - began);
  }
  return shortest;
}

/** CPU time of this thread where Node can tell, 23.9 and newer; else the time that passes. */
function threadCpuMs(): number {
  if (!process.threadCpuUsage) return performance.now();
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
