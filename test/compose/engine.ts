import { answering, daemonProgram, startDaemon } from './daemon.ts';
import { docker } from './docker.ts';
import type { Guard } from './guard.ts';
import { findProgram } from './programs.ts';

/** A container engine that answers, and the environment that makes `docker` talk to it. */
export interface Engine {
  env: NodeJS.ProcessEnv;
  version: string;
  /** True when we started it: nobody else's images or containers are in it, and nothing in it outlives the test. */
  ours: boolean;
}

/** The engine that answers, else one of our own. @throws Error that says what is missing and the ways to get it. */
export async function needEngine(env: NodeJS.ProcessEnv, guard: Guard): Promise<Engine> {
  let why: string;
  try {
    return { env, version: await serverVersion(env), ours: false };
  } catch (error) {
    why = (error as Error).message;
  }
  const client = findProgram('docker', env);
  const program = client ? daemonProgram(env) : { missing: 'there is no "docker" client on PATH' };
  if ('missing' in program)
    throw new Error(
      [
        `Cannot try compose.yml: no container engine answers, and ${program.missing}.`,
        `  ${why.replaceAll('\n', '\n  ')}`,
        'Three ways to go on:',
        '  1. start Docker (or Podman with its Docker socket) and run the command again;',
        '  2. point DOCKER_HOST at an engine on this machine that answers;',
        '  3. as root on Linux, install dockerd and the docker client (Debian: apt-get install docker.io): the test starts its own.',
      ].join('\n'),
    );
  const daemon = startDaemon(program.path, env);
  guard.later({ daemon });
  const own = { ...env, DOCKER_HOST: daemon.host };
  return { env: own, version: await answering(daemon, () => serverVersion(own)), ours: true };
}

function serverVersion(env: NodeJS.ProcessEnv): Promise<string> {
  return docker(['version', '--format', '{{.Server.Version}}'], { env, timeoutMs: 10_000 });
}
