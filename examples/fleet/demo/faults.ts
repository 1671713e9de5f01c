import { type FleetFault, fleetFaults } from '../fleet-faults.ts';
import type { Fault } from '../model-server/faults.ts';
import { type TrafficFault, trafficFaults } from '../world/traffic.ts';

/** Troubles that can be switched on; `@60..120` behind one: from second 60 to second 120 of the run. */
export const faultKinds = ['error-spike', 'cost-spike', 'slow-model', ...fleetFaults, ...trafficFaults] as const;
export type FaultKind = (typeof faultKinds)[number];

export interface FaultWindow {
  kind: FaultKind;
  fromSeconds: number;
  /** Infinity: to the end. */
  toSeconds: number;
}

/** `error-spike`, `error-spike@60`, `error-spike@60..120`. @throws RangeError */
export function parseFault(text: string): FaultWindow {
  const [, name, from = '0', to = 'Infinity'] = /^([a-z-]+)(?:@(\d+)(?:\.\.(\d+))?)?$/.exec(text) ?? [];
  const kind = faultKinds.find((one) => one === name);
  const window = { fromSeconds: Number(from), toSeconds: Number(to) };
  if (kind && window.fromSeconds < window.toSeconds) return { kind, ...window };
  throw new RangeError(
    `Cannot use the fault "${text}": give one of ${faultKinds.join(', ')}, and when, e.g. error-spike@60..120.`,
  );
}

/** Which are on at a second of the run. */
export function faultsAt(windows: readonly FaultWindow[], seconds: number): FaultKind[] {
  const on = windows.filter(({ fromSeconds, toSeconds }) => seconds >= fromSeconds && seconds < toSeconds);
  return [...new Set(on.map(({ kind }) => kind))];
}

/** Those that are the models': without a model server of our own they cannot be switched on. */
export const modelFaults: Readonly<Partial<Record<FaultKind, Fault>>> = {
  'error-spike': { kind: 'errors', share: 0.6 },
  'cost-spike': { kind: 'costSpike', factor: 10 },
  'slow-model': { kind: 'slow', factor: 8 },
};

// No provider answers every call. Our own models do: they are asked so rarely that a failure would hide them.
const everyday: Fault = { kind: 'errors', share: 0.015 };
const ownModels: Fault[] = ['house-preview', 'house-classic'].map((model) => ({ kind: 'errors', model, share: 0 }));

/** What the model server has to be told for these to be on and no others. */
export function orders(on: readonly FaultKind[]): Fault[] {
  return [{ kind: 'none' }, everyday, ...on.flatMap((kind) => modelFaults[kind] ?? []), ...ownModels];
}

export function isFleetFault(kind: FaultKind): kind is FleetFault {
  return (fleetFaults as readonly string[]).includes(kind);
}

export function isTrafficFault(kind: FaultKind): kind is TrafficFault {
  return (trafficFaults as readonly string[]).includes(kind);
}
