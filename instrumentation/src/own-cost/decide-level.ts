/** How much is recorded. `spans`: no log records, and spans of HTTP, of the fleet and of the host's own. `metrics`: no spans. */
export const levels = ['metrics', 'spans', 'full'] as const;
export type Level = (typeof levels)[number];

/** What was seen since the last look. */
export interface Sample {
  /** CPU time of this package on all its threads, as a share of one core. */
  share: number;
  /** Spans and log records per second that the host asked for, recorded or not. */
  demand: number;
}

export interface Policy {
  /** Most CPU time, as a share of one core. */
  budget: number;
  /** How long it has to be over budget before a step down. */
  overMs: number;
  /** How long it has to be calm before a step up; doubled whenever a step up proves to be a mistake. */
  calmMs: number;
}

export interface LevelState {
  level: Level;
  /** The levels left by stepping down, the lowest last, each with the demand that would just meet the budget there. */
  left: readonly { level: Level; affordable: number }[];
  overSince?: number | undefined;
  calmSince?: number | undefined;
  steppedUpAt?: number | undefined;
  patienceMs?: number | undefined;
}

// The cost after a step up is guessed from the demand: it has to be well within the budget, or it would flap.
const margin = 0.7;
const longestPatience = 12;

/**
 * The level after this sample. Pure: `nowMs` is any clock that does not go back.
 * Down as soon as the budget was exceeded throughout `overMs`; up when the demand was affordable throughout `calmMs`.
 */
export function decideLevel(state: LevelState, { share, demand }: Sample, nowMs: number, policy: Policy): LevelState {
  const { budget, overMs, calmMs } = policy;
  const { level, left, patienceMs = calmMs, steppedUpAt } = state;
  const lower = levels[levels.indexOf(level) - 1];
  const over = share > budget && lower !== undefined;
  const overSince = over ? (state.overSince ?? nowMs) : undefined;
  if (overSince !== undefined && nowMs - overSince >= overMs && lower) {
    return {
      level: lower,
      left: [...left, { level, affordable: (demand * budget) / share }],
      patienceMs: steppedUpAt === undefined ? patienceMs : nextPatienceMs(nowMs - steppedUpAt, patienceMs, calmMs),
    };
  }

  const upper = left.at(-1);
  const calm = upper !== undefined && share <= budget && demand <= upper.affordable * margin;
  const calmSince = calm ? (state.calmSince ?? nowMs) : undefined;
  if (calmSince !== undefined && nowMs - calmSince >= patienceMs && upper) {
    return { level: upper.level, left: left.slice(0, -1), steppedUpAt: nowMs, patienceMs };
  }
  return { ...state, overSince, calmSince };
}

function nextPatienceMs(lastedMs: number, patienceMs: number, calmMs: number): number {
  return lastedMs < patienceMs ? Math.min(patienceMs * 2, calmMs * longestPatience) : calmMs;
}
