import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { choices } from '../stack.ts';
import { chosenEnv, dockerCompose } from './docker.ts';
import { stopOrphans } from './native.ts';
import { isAlive, readState } from './state.ts';

/** Stops whatever runs in this home, by either engine; `volumes` also deletes its data. Answers false if nothing ran. */
export async function down(options: {
  home: string;
  volumes: boolean;
  env: NodeJS.ProcessEnv;
  notice: (line: string) => void;
}): Promise<boolean> {
  const { home, volumes, env, notice } = options;
  const state = readState(home);
  // By every profile: a store that was started by Compose itself, or by an earlier `up`, is not in our state.
  if (state?.engine === 'docker')
    await dockerCompose(['down', ...(volumes ? ['--volumes'] : [])], { ...env, ...chosenEnv(choices) });
  let ran = state?.engine === 'docker';
  if (state?.supervisor && isAlive(state.supervisor)) {
    ran = true;
    process.kill(state.supervisor.pid, 'SIGTERM');
    while (isAlive(state.supervisor)) await delay(50);
  }
  if (state) await stopOrphans(state, notice);
  rmSync(join(home, 'state.json'), { force: true });
  if (volumes) rmSync(join(home, 'data'), { recursive: true, force: true });
  return ran;
}
