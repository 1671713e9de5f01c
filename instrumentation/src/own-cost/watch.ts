import type { Meter } from '@opentelemetry/api';
import { ownCpu, ownLevel } from '../catalog/own-cost.ts';
import type { Reporter } from '../reporter.ts';
import type { CostClock } from './cost-clock.ts';
import { decideLevel, type Level, type LevelState } from './decide-level.ts';
import { type Gate, levelNumber } from './gate.ts';
import type { SenderLoad } from './sender-load.ts';

/** What is known of the cost of this package, and what is done about it. */
export interface OwnCost {
  gate: Gate;
  clock: CostClock;
  sender: SenderLoad;
}

// Looks in a row: what starting up costs, and a burst, are no reason to record less.
const looksOver = 3;
const looksCalm = 30;

const consequences: Record<Level, string> = {
  full: 'Everything is recorded.',
  spans: 'Log lines and spans of other libraries than HTTP are no longer sent.',
  metrics: 'Spans are no longer sent either; traces of other services pass through.',
};

/**
 * Looks every `lookMs` at what this package costs, shows it, and steps down when it is more than `budget` of one core:
 * from `full` to `spans` after three looks, to `metrics` after three more; up again after thirty calm ones.
 */
export function watchOwnCost(
  { gate, clock, sender }: OwnCost,
  { budget, lookMs }: { budget: number; lookMs: number },
  meter: Meter,
  reporter: Reporter,
): void {
  const utilization = meter.createGauge(ownCpu.name, { unit: ownCpu.unit, description: ownCpu.means });
  const policy = { budget, overMs: lookMs * looksOver, calmMs: lookMs * looksCalm };
  let state: LevelState = { level: gate.level, left: [] };
  let lookedAtMs = performance.now();

  const look = () => {
    const nowMs = performance.now();
    const tookMs = nowMs - lookedAtMs;
    lookedAtMs = nowMs;
    const { costMs, demand } = clock.take();
    const main = costMs / tookMs;
    const sending = sender.takeMs() / tookMs;
    utilization.record(main, { thread: 'main' });
    utilization.record(sending, { thread: 'sender' });
    const share = main + sending;
    state = decideLevel(state, { share, demand: (demand / tookMs) * 1000 }, nowMs, policy);
    if (state.level === gate.level) return;
    const change = `from ${gate.level} to ${state.level}`;
    const down = levelNumber(state.level) < levelNumber(gate.level);
    gate.level = state.level;
    if (!down) return reporter.info(`Stepped up ${change}: there is less to record.`);
    const reason = `telemetry took ${percent(share)} of a core, over the ${percent(budget)} of FLEETSCOPE_CPU_BUDGET`;
    const message = `Stepped down ${change}: ${reason}. ${consequences[state.level]} It steps up again in calmer times.`;
    reporter.warn(message, `down to ${state.level}`);
  };

  setInterval(() => {
    try {
      look();
    } catch {
      // Looking must not be what hurts the host.
    }
  }, lookMs).unref();
}

/** Shows the level, as `fleetscope.instrumentation.level`. */
export function showLevel(gate: Gate, meter: Meter): void {
  const shown = meter.createGauge(ownLevel.name, { unit: ownLevel.unit, description: ownLevel.means });
  shown.record(levelNumber(gate.level));
  gate.follow((level) => shown.record(levelNumber(level)));
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
