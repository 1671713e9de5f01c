import {
  circuitOpen,
  controlled,
  controlOrders,
  fallbackActive,
  fleetCapacity,
  fleetPaused,
  fleetThrottle,
} from '../catalog/control.ts';
import type { Reading, Standing } from './control-order.ts';
import { emit } from './emit.ts';
import { observe } from './observed.ts';
import { add } from './record.ts';

/** Says that a fleet works otherwise from now on: an event of the audit, in the trace of whoever ordered it, and a count. */
export function tellOfOrder({ action, name, by, reason, standing }: Reading, cause: 'order' | 'expiry'): void {
  const about = { 'fleet.control.action': action, 'fleet.control.cause': cause };
  add(controlOrders, 1, about);
  const value = standing && standing.value !== true ? String(standing.value) : undefined;
  const what = [action, name, value ?? (standing || action === 'resume' ? undefined : 'as usual')];
  emit(controlled, `By ${by}: ${what.filter((part) => part !== undefined).join(' ')}. ${reason}`.trim(), {
    ...about,
    'fleet.control.name': name,
    'fleet.control.value': value,
    'fleet.control.by': by,
    'fleet.control.reason': reason || undefined,
    'fleet.control.until': standing && new Date(standing.until).toISOString(),
  });
}

/** What is watched of a `FleetControl`. */
interface Watched {
  readonly paused: boolean;
  readonly atOnce: number;
  orders(): readonly Standing[];
}

/** Reads the gauges of a control whenever metrics are collected. */
export function watchControl(control: Watched): { stop(): void } {
  const holding = (action: Standing['action']) => control.orders().filter((one) => one.action === action);
  const circuits = remembering(({ value }) => (value === 'open' ? 1 : 0.5));
  const fallbacks = remembering(() => 1);
  const watches = [
    observe(fleetPaused, () => [[control.paused ? 1 : 0, {}]]),
    observe(fleetCapacity, () => [[control.atOnce, {}]]),
    observe(fleetThrottle, () => [[Number(holding('throttle')[0]?.value ?? 0), {}]]),
    observe(circuitOpen, () =>
      circuits(holding('circuit-breaker')).map(([name, value]) => [value, { 'fleet.circuit_breaker.name': name }]),
    ),
    observe(fallbackActive, () =>
      fallbacks(holding('fallback')).map(([name, value]) => [value, { 'fleet.fallback.name': name }]),
    ),
  ];
  return {
    stop() {
      for (const watch of watches) watch.stop();
    },
  };
}

const mostRemembered = 200;

/** Values by name; what is over is 0 from then on, since the last value would stand for ever. */
function remembering(gaugeOf: (one: Standing) => number) {
  const known = new Set<string>();
  return (holding: readonly Standing[]): (readonly [name: string, value: number])[] => {
    const now = new Map(holding.map((one) => [one.name ?? '', gaugeOf(one)]));
    for (const name of now.keys()) if (known.size < mostRemembered) known.add(name);
    return [...known].map((name) => [name, now.get(name) ?? 0]);
  };
}
