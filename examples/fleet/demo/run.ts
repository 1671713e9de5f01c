import { setTimeout as delay } from 'node:timers/promises';
import type { Counted } from '../counts.ts';
import type { LedgerRow } from '../model-server/ledger.ts';
import { openUsers } from '../world/users.ts';
import { needCollector } from './collector.ts';
import { ControlFiles } from './control-files.ts';
import { FaultRecord } from './fault-record.ts';
import { type FaultKind, faultsAt, isFleetFault, isTrafficFault } from './faults.ts';
import { type FleetProcess, startFleet } from './fleet-process.ts';
import { needModels } from './model-access.ts';
import { openWorld, type World } from './open-world.ts';
import type { DemoOptions } from './options.ts';
import { figuresOf, progressText } from './progress.ts';

export interface DemoResult {
  seconds: number;
  sent: { requests: number; commands: number; refused: number };
  /** What the fleet counted. */
  counted: Counted;
  /** What the model server counted; undefined with real models. */
  ledger: LedgerRow[] | undefined;
  /** What GitHub keeps. */
  github: { issues: number; closed: number; commits: number };
}

const tickMs = 250;
const graceMs = { usual: 120_000, interrupted: 5_000 };

/** Opens the world, starts the fleet in it, and has it work as long as was asked for. */
export async function runDemo(options: DemoOptions): Promise<DemoResult> {
  const { endpoint, env, progress } = options;
  needModels(options);
  await needCollector(endpoint);
  const world = await openWorld(options);
  const control = new ControlFiles(options.control, env);
  let fleet: FleetProcess | undefined;
  try {
    fleet = await startFleet({
      ...{ settings: world.settings, controlToken: control.token, endpoint, env, onLine: progress.line },
    });
    control.write(fleet.controlUrl);
    return await work(fleet, world, options);
  } finally {
    control.remove();
    fleet?.kill();
    progress.end();
    await world.close();
  }
}

async function work(fleet: FleetProcess, world: World, options: DemoOptions): Promise<DemoResult> {
  const { rate: perMinute, workflows: most, seed, speed, faults, progress, grafana, signal } = options;
  const look = grafana ? ` Look at it in Grafana: ${grafana}` : '';
  progress.line(`The fleet is at work, ${perMinute} workflows a minute.${look}`);
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;
  const enough = new AbortController();
  const sending = AbortSignal.any([signal, enough.signal]);
  const { tokenSecret } = world.settings;
  const users = openUsers({
    ...{ url: fleet.url, seed, tokenSecret, perMinute, most, speed, signal: sending },
    faults: () => faultsAt(faults, seconds()).filter(isTrafficFault),
  });
  const record = new FaultRecord(options.faultRecord);
  const switchFaults = onChange((on: FaultKind[]) => {
    world.switchFaults(on);
    record.change(on);
    fleet.faults(on.filter(isFleetFault));
    progress.line(on.length > 0 ? `Faults on: ${on.join(', ')}.` : 'No more faults.');
  });
  const ticking = setInterval(() => {
    switchFaults(faultsAt(faults, seconds()));
    if (seconds() >= options.seconds) enough.abort();
    const { active, counted } = fleet.latest;
    progress.status(progressText(figuresOf(counted), { seconds: seconds(), active }));
  }, tickMs);
  try {
    // Who asks a fleet that has crashed notices it first, and knows less about it.
    await Promise.race([users.done.catch((error) => settled(fleet.crashed, error)), fleet.crashed]);
  } finally {
    clearInterval(ticking);
    record.change([]);
  }
  progress.line(signal.aborted ? 'Ending what is under way …' : 'Everything is sent; waiting for what is under way …');
  world.switchFaults([]);
  const counted = await endFleet(fleet, signal);
  users.leave();
  return { seconds: seconds(), sent: users.sent, counted, ledger: world.ledger(), github: world.github };
}

/** @throws what `crashed` says within a second, else `error`. */
async function settled(crashed: Promise<never>, error: unknown): Promise<never> {
  await Promise.race([crashed, delay(1_000)]);
  throw error;
}

/** Lets it finish, and hurries it when the user has had enough. */
async function endFleet(fleet: FleetProcess, signal: AbortSignal): Promise<Counted> {
  if (signal.aborted) return fleet.end(graceMs.interrupted);
  const hurry = () => void fleet.hurry(graceMs.interrupted);
  signal.addEventListener('abort', hurry);
  return fleet.end(graceMs.usual).finally(() => signal.removeEventListener('abort', hurry));
}

/** Calls `change` with what differs from the time before; at first, from nothing. */
function onChange(change: (on: FaultKind[]) => void): (on: FaultKind[]) => void {
  let before = '';
  return (on) => {
    if (on.join() === before) return;
    before = on.join();
    change(on);
  };
}
