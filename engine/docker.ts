import { join } from 'node:path';
import { execa } from 'execa';
import { queueSetting } from '../collector/queue.ts';
import { portSettings } from '../place.ts';
import { diskSize } from '../prometheus/prometheus.ts';
import { type Component, disks, goMemoryShare, isOwn, nodeHeapShare, type Profile, profiles } from '../stack.ts';

export const composeFile = join(import.meta.dirname, '..', 'compose.yml');

/** Undefined when a container engine with Compose v2 answers, otherwise why not. */
export async function whyNoDocker(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const engine = await execa('docker', ['info', '--format', '{{.ServerVersion}}'], {
    reject: false,
    timeout: 10_000,
    env,
  });
  if (engine.failed) return engine.stderr?.split('\n')[0] || 'docker is not installed';
  const client = await execa('docker', ['compose', 'version', '--short'], { reject: false, timeout: 10_000, env });
  if (client.failed) return 'docker has no "compose" command (version 2 or newer)';
  return undefined;
}

/** The variables that compose.yml reads: ports, and the limits of the profile. */
export function composeEnv(profile: Profile, portOf: (setting: string) => number): Record<string, string> {
  const ports = [...portSettings.keys()].map((setting) => [setting, String(portOf(setting))]);
  const memory = (Object.keys(profiles[profile]) as Component[]).flatMap((component) => {
    const mib = profiles[profile][component];
    return [
      [memorySetting(component), `${mib}m`],
      isOwn(component)
        ? [heapSetting(component), `${Math.floor(mib * nodeHeapShare)}`]
        : [goMemorySetting(component), `${Math.floor(mib * goMemoryShare)}MiB`],
    ];
  });
  const disk = [
    [queueSetting, String(disks[profile].queue * 1024 * 1024)],
    [metricsDiskSetting, diskSize(profile)],
  ];
  return Object.fromEntries([...ports, ...memory, ...disk]) as Record<string, string>;
}

/** What Prometheus keeps at most, e.g. `8192MB`. */
export const metricsDiskSetting = 'FLEETSCOPE_PROMETHEUS_DISK';

export function memorySetting(component: Component): string {
  return `FLEETSCOPE_${component.toUpperCase()}_MEMORY`;
}

export function goMemorySetting(component: Component): string {
  return `FLEETSCOPE_${component.toUpperCase()}_GOMEMLIMIT`;
}

/** Of a Node program, in MiB. */
export function heapSetting(component: Component): string {
  return `FLEETSCOPE_${component.toUpperCase()}_HEAP`;
}

/** Runs `docker compose …` on our file, its output on the terminal. @throws Error when it does not succeed. */
export async function dockerCompose(args: string[], env: NodeJS.ProcessEnv): Promise<void> {
  const { failed, exitCode } = await execa('docker', ['compose', '--file', composeFile, ...args], {
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
    reject: false,
  });
  if (failed)
    throw new Error(
      `Cannot run "docker compose ${args.join(' ')}": it ended with ${exitCode}, its own words are above.`,
    );
}

/** `Component → phase` as Compose sees it, for `status`. */
export async function dockerStatus(
  env: NodeJS.ProcessEnv,
): Promise<{ component: string; phase: string; image: string }[]> {
  const { stdout } = await execa('docker', ['compose', '--file', composeFile, 'ps', '--all', '--format', 'json'], {
    env,
  });
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { Service: string; State: string; Health: string; Image: string })
    .map(({ Service, State, Health, Image }) => ({ component: Service, phase: Health || State, image: Image }));
}
