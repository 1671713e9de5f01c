/** A Docker daemon of our own, for machines that have the program but do not run it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { tailOf } from '../../engine/log-file.ts';
import { findProgram } from './programs.ts';

const startsWithinMs = 60_000;

/** `dockerd` if we may run it, otherwise what is missing. */
export function daemonProgram(env: NodeJS.ProcessEnv): { path: string } | { missing: string } {
  if (process.platform !== 'linux') return { missing: 'only Linux runs a Docker daemon directly' };
  const path = findProgram('dockerd', env);
  if (!path) return { missing: 'there is no "dockerd" on PATH to start one' };
  if (process.getuid?.() !== 0) return { missing: `${path} can be started by root only` };
  return { path };
}

/**
 * Starts a daemon whose every file is in one temporary folder. It leaves the host's firewall, forwarding and default
 * bridge alone: containers reach each other over the bridge of their own network, and docker-proxy publishes on
 * loopback. `answers` rejects until the daemon does.
 */
export async function startDaemon(
  program: string,
  env: NodeJS.ProcessEnv,
  answers: (env: NodeJS.ProcessEnv) => Promise<void>,
): Promise<{ env: NodeJS.ProcessEnv; stop(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'fleetscope-engine-'));
  const log = join(folder, 'log');
  const host = `unix://${join(folder, 'docker.sock')}`;
  const own = { ...env, DOCKER_HOST: host };
  const theirGroups = controlGroups();
  const file = openSync(log, 'a');
  const child = spawn(
    program,
    [
      ...['--data-root', join(folder, 'data'), '--exec-root', join(folder, 'exec')],
      ...['--host', host, '--pidfile', join(folder, 'docker.pid')],
      ...['--bridge', 'none', '--iptables=false', '--ip6tables=false', '--ip-forward=false', '--ip-masq=false'],
    ],
    { env, stdio: ['ignore', file, file] },
  );
  closeSync(file);
  const ended = once(child, 'exit');
  const stop = async () => {
    child.kill('SIGTERM'); // It stops the containers that still run.
    await ended;
    await unmount(folder);
    rmSync(folder, { recursive: true, force: true });
    for (const group of controlGroups().filter((path) => !theirGroups.includes(path))) rmdirSync(group);
  };

  const deadline = Date.now() + startsWithinMs;
  for (;;) {
    try {
      await answers(own);
      return { env: own, stop };
    } catch (cause) {
      if (child.exitCode === null && Date.now() < deadline) {
        await delay(200);
        continue;
      }
      const words = tailOf(log);
      await stop();
      throw new Error(
        `Cannot start ${program}: it did not answer. Its last words:\n${words}\nStart an engine by hand, then run the command again.`,
        { cause },
      );
    }
  }
}

/** What a daemon leaves mounted: network namespaces, and its storage if it was killed. */
async function unmount(folder: string): Promise<void> {
  const left = mounts().filter(({ path }) => path.startsWith(`${folder}/`));
  for (const { path } of left.reverse()) await execa('umount', [path]);
}

/** The groups below which a daemon puts its containers' groups; it makes them, and leaves them behind empty. */
function controlGroups(): string[] {
  return mounts()
    .filter(({ type }) => type === 'cgroup' || type === 'cgroup2')
    .map(({ path }) => join(path, 'docker'))
    .filter(existsSync);
}

function mounts(): { path: string; type: string }[] {
  const lines = readFileSync('/proc/mounts', 'utf8').trim().split('\n');
  return lines.map((line) => {
    const [, path = '', type = ''] = line.split(' ');
    return { path, type };
  });
}
