/** Compose: the client's own `docker compose`, else one built from its pinned Go module, as a plugin for this test. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { lock } from '../../native/lock.ts';
import { docker } from './docker.ts';

const source = join(import.meta.dirname, '..', '..', 'native', 'compose');
const module = 'github.com/docker/compose/v2';
const flags = ['-trimpath', '-buildvcs=false'];

export interface ClientOptions {
  env: NodeJS.ProcessEnv;
  cache: string;
  /** A folder for this test alone. */
  folder: string;
  notice: (line: string) => void;
}

/** The environment in which `docker compose` works. @throws Error that says how to get it when it cannot be built. */
export async function needCompose(options: ClientOptions): Promise<NodeJS.ProcessEnv> {
  const { env, folder } = options;
  if (await hasCompose(env)) return env;
  const program = await builtCompose(options);
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

/** The plugin in the cache, built first if it is not there. */
async function builtCompose({ env, cache, notice }: ClientOptions): Promise<string> {
  const pins = readFileSync(join(source, 'go.mod'), 'utf8');
  const version = pins.match(new RegExp(`${module} (v\\S+)`))?.[1];
  const hash = createHash('sha256')
    .update(pins)
    .update(readFileSync(join(source, 'go.sum')));
  hash.update(JSON.stringify([flags, process.platform, process.arch]));
  const folder = join(cache, 'bin', `compose-${version?.slice(1)}-${hash.digest('hex').slice(0, 12)}`);
  const program = join(folder, 'docker-compose');
  if (existsSync(program)) return program;

  const held = await lock(join(cache, 'locks', 'compose'), () => notice('Waiting for another build of Compose.'));
  try {
    if (existsSync(program)) return program;
    notice(`The docker client has no "compose": building ${module} ${version}, once, a few minutes.`);
    const staging = join(cache, 'staging', 'compose');
    rmSync(staging, { recursive: true, force: true }); // What a killed build left.
    mkdirSync(staging, { recursive: true });
    mkdirSync(join(cache, 'bin'), { recursive: true });
    await build(join(staging, 'docker-compose'), version, env);
    renameSync(staging, folder); // In one step: there is never a half-written program.
    return program;
  } finally {
    held.release();
  }
}

async function build(output: string, version: string | undefined, env: NodeJS.ProcessEnv): Promise<void> {
  const go = env.FLEETSCOPE_GO || 'go';
  const linked = ['-ldflags', `-s -w -X ${module}/internal.Version=${version}`];
  const { failed, stderr, shortMessage } = await execa(
    go,
    ['build', ...flags, ...linked, '-o', output, `${module}/cmd`],
    {
      cwd: source,
      env: { ...env, CGO_ENABLED: '0', GOFLAGS: '', GOWORK: 'off' },
      extendEnv: false,
      stdin: 'ignore',
      reject: false,
    },
  );
  if (!failed) return;
  const why = stderr?.trim().split('\n').slice(-8).join('\n') || shortMessage;
  throw new Error(
    `Cannot build Compose: "${go} build" failed.\n${why}\nInstall Docker's compose plugin (Debian: docker-compose-plugin of Docker's own packages), or a Go as new as native/compose/go.mod asks for.`,
  );
}
