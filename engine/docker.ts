import { join } from 'node:path';
import { execa } from 'execa';
import { heapOptions } from '../choices/elasticsearch.ts';
import { queueSetting } from '../collector/queue.ts';
import { localLimits, portSettings } from '../place.ts';
import { diskSize } from '../prometheus/prometheus.ts';
import { type Choice, disks, goMemoryShare, isOwn, type Local, nodeHeapShare, type Profile } from '../stack.ts';

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

/** Whether its root is whoever started it, whose group is 0 in there. Podman says so as well. */
export async function isRootless(env: NodeJS.ProcessEnv): Promise<boolean> {
  const args = ['info', '--format', '{{json .SecurityOptions}}'];
  const { stdout } = await execa('docker', args, { reject: false, timeout: 10_000, env });
  return stdout?.includes('name=rootless') ?? false;
}

/** The variables that compose.yml reads: ports, and the limits of the profile. */
export function composeEnv(profile: Profile, portOf: (setting: string) => number): Record<string, string> {
  const ports = [...portSettings.keys()].map((setting) => [setting, String(portOf(setting))]);
  const limits = localLimits(profile);
  const memory = (Object.keys(limits) as Local[]).flatMap((part) => [
    [memorySetting(part), `${limits[part]}m`],
    limitWithin(part, limits[part]),
  ]);
  const disk = [
    [queueSetting, String(disks[profile].queue * 1024 * 1024)],
    [metricsDiskSetting, diskSize(profile)],
  ];
  return Object.fromEntries([...ports, ...memory, ...disk]) as Record<string, string>;
}

/** What was chosen, as compose.yml reads it; where nothing was, whatever the environment or `.env` says. */
export function chosenEnv(chosen: readonly Choice[]): { COMPOSE_PROFILES?: string } {
  return chosen.length > 0 ? { COMPOSE_PROFILES: [...new Set(chosen)].sort().join(',') } : {};
}

/** What a program holds itself to, so that it does not meet the container's limit. */
function limitWithin(part: Local, mib: number): [string, string] {
  if (part === 'elasticsearch') return [heapSetting(part), heapOptions(mib)];
  if (isOwn(part)) return [heapSetting(part), `${Math.floor(mib * nodeHeapShare)}`];
  return [goMemorySetting(part), `${Math.floor(mib * goMemoryShare)}MiB`];
}

/** What Prometheus keeps at most, e.g. `8192MB`. */
export const metricsDiskSetting = 'FLEETSCOPE_PROMETHEUS_DISK';

export function memorySetting(component: Local): string {
  return `FLEETSCOPE_${component.toUpperCase()}_MEMORY`;
}

export function goMemorySetting(component: Local): string {
  return `FLEETSCOPE_${component.toUpperCase()}_GOMEMLIMIT`;
}

/** Of a Node program, in MiB; of a Java program its options. */
export function heapSetting(component: Local): string {
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
