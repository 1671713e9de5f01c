/** Compose: the client's own `docker compose`, else one built from its pinned Go module, as a plugin for this test. */
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { needTool, type Tool } from '../../native/tool.ts';
import { docker } from './docker.ts';

const module = 'github.com/docker/compose/v2';

export interface ClientOptions {
  env: NodeJS.ProcessEnv;
  /** A folder for this test alone. */
  folder: string;
  notice: (line: string) => void;
}

/** The environment in which `docker compose` works. @throws Error that says how to get it when it cannot be built. */
export async function needCompose({ env, folder, notice }: ClientOptions): Promise<NodeJS.ProcessEnv> {
  if (await hasCompose(env)) return env;
  const program = join(await needTool(compose(), notice, env), 'docker-compose');
  const theirs = env.DOCKER_CONFIG || join(env.HOME || homedir(), '.docker');
  const ours = join(folder, 'docker-config');
  mkdirSync(join(ours, 'cli-plugins'), { recursive: true });
  symlinkSync(program, join(ours, 'cli-plugins', 'docker-compose'));
  // Contexts and registry credentials stay the user's.
  for (const name of existsSync(theirs) ? readdirSync(theirs) : [])
    if (name !== 'cli-plugins') symlinkSync(join(theirs, name), join(ours, name));
  return { ...env, DOCKER_CONFIG: ours };
}

async function hasCompose(env: NodeJS.ProcessEnv): Promise<boolean> {
  return docker(['compose', 'version', '--short'], { env, timeoutMs: 10_000 }).then(
    () => true,
    () => false,
  );
}

/** Its version is what it says of itself, which the docker client asks for. */
function compose(): Tool {
  const pins = readFileSync(join(import.meta.dirname, '..', '..', 'native', 'compose', 'go.mod'), 'utf8');
  const [, version = ''] = pins.match(new RegExp(`${module} (v\\S+)`)) ?? [];
  return {
    name: 'compose',
    programs: { 'docker-compose': `${module}/cmd` },
    variables: { [`${module}/internal.Version`]: version },
    remedy:
      "Install Docker's compose plugin (Debian: docker-compose-plugin of Docker's own packages), or a Go as new as native/compose/go.mod asks for.",
  };
}
