import { daemonProgram, startDaemon } from './daemon.ts';
import { docker } from './docker.ts';

/** A container engine that answers, and the environment that makes `docker` talk to it. */
export interface Engine {
  env: NodeJS.ProcessEnv;
  version: string;
  /** True when we started it: nobody else's images or containers are in it, and nothing in it outlives the test. */
  ours: boolean;
  stop(): Promise<void>;
}

/** The engine that answers, else one of our own. @throws Error that says what is missing and the ways to get it. */
export async function needEngine(env: NodeJS.ProcessEnv): Promise<Engine> {
  let why: string;
  try {
    return { env, version: await serverVersion(env), ours: false, stop: async () => undefined };
  } catch (error) {
    why = (error as Error).message;
  }
  const program = daemonProgram(env);
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
  const daemon = await startDaemon(program.path, env, async (own) => {
    await serverVersion(own);
  });
  return { env: daemon.env, version: await serverVersion(daemon.env), ours: true, stop: daemon.stop };
}

function serverVersion(env: NodeJS.ProcessEnv): Promise<string> {
  return docker(['version', '--format', '{{.Server.Version}}'], { env, timeoutMs: 10_000 });
}
