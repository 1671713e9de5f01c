/** `npm run monitor` beside the stack in containers, as `up` leaves a home behind. */
import { join } from 'node:path';
import { execa } from 'execa';
import { writeState } from '../../engine/state.ts';
import { portSettings } from '../../place.ts';
import { defaultProfile, type Local } from '../../stack.ts';
import type { Setup } from './setup.ts';

const script = join(import.meta.dirname, '..', '..', 'scripts', 'monitor.ts');

export function hostMonitor({ project, place }: Pick<Setup, 'project' | 'place'>) {
  const folder = join(place.data('monitor'), '..', '..');
  const port = ([setting, { component, port }]: [string, { component: Local; port: string }]) =>
    [setting, place.port(component, port as never)] as const;
  const ports = Object.fromEntries([...portSettings].map(port));
  const startedAt = new Date().toISOString();
  writeState(folder, { engine: 'docker', profile: defaultProfile, startedAt, ports, components: {} });
  const env = { ...project.env, FLEETSCOPE_HOME: folder };
  const monitor = (...args: string[]) =>
    execa(process.execPath, [script, ...args], { env, extendEnv: false, reject: false, stdin: 'ignore' });
  return { monitor, folder };
}
