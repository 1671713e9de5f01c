import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Targets, targetsOf } from '../../doctor/targets.ts';
import { acquireAll } from '../../engine/native.ts';
import { type Process, type Programs, processes } from '../../engine/processes.ts';
import { needSecrets } from '../../engine/secrets.ts';
import { Supervisor } from '../../engine/supervisor.ts';
import { cacheFolder } from '../../native/cache.ts';
import { native, type Place, portSettings } from '../../place.ts';
import { freePort } from './free-port.ts';

/** A whole native stack of its own: free ports, a temporary home, gone when the test ends. */
export interface TestStack {
  place: Place;
  targets: Targets;
  home: string;
  supervisor: Supervisor;
  processes: Process[];
  stop(): Promise<void>;
}

/** `change` may break or bend a process before it is started. */
export async function startStack(change: (processes: Process[]) => Process[] = (all) => all): Promise<TestStack> {
  const home = mkdtempSync(join(tmpdir(), 'fleetscope-test-'));
  const ports = await freePorts();
  const place = native({ home, profile: 'team', portOf: (setting) => ports.get(setting) as number });
  needSecrets(home);
  const all = change(processes(place, await programs(), home));
  const supervisor = new Supervisor({ processes: all, logs: join(home, 'logs'), onPhase: () => undefined });
  const stop = async () => {
    await supervisor.stop();
    rmSync(home, { recursive: true, force: true });
  };
  try {
    await supervisor.start();
  } catch (error) {
    await stop();
    throw error;
  }
  return { place, targets: targetsOf(place), home, supervisor, processes: all, stop };
}

/** The binaries, which the global set-up has put into the cache. Grafana is left to its own tests. */
export async function programs(): Promise<Programs> {
  const quiet = () => undefined;
  const { grafana: _, ...found } = await acquireAll(
    { cache: cacheFolder(process.env), env: process.env, notice: quiet, progress: () => quiet },
    quiet,
  );
  return found;
}

/** A free port for every setting. */
export async function freePorts(): Promise<Map<string, number>> {
  const ports = new Map<string, number>();
  for (const setting of portSettings.keys()) ports.set(setting, await freePort());
  return ports;
}

/** The free ports as the environment of a command. */
export async function freePortsEnv(): Promise<Record<string, string>> {
  return Object.fromEntries([...(await freePorts())].map(([setting, port]) => [setting, String(port)]));
}

/** Changes the text of a component's configuration; a replacement that changes nothing is a mistake in the test. */
export function bend(all: Process[], component: string, change: (text: string) => string): Process[] {
  return all.map((one) => {
    if (one.component !== component) return one;
    const files = Object.fromEntries(Object.entries(one.files).map(([path, text]) => [path, change(text)]));
    if (Object.entries(files).every(([path, text]) => one.files[path] === text)) {
      throw new Error(`Cannot bend ${Object.keys(files).join(', ')}: the replacement changes nothing.`);
    }
    return { ...one, files };
  });
}
